"""Two ways to meet the near points of all points, and the farthest ones."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmreid.evaluation.functional.re_ranking.nearest_lists import Candidates
from mmreid.evaluation.functional.re_ranking.points import PointSet

Progress = Callable[[int], None]
Search = Callable[[PointSet, Candidates, Progress], np.ndarray]

# A larger tile makes the product no faster and leaves the caches.
TILE_ROWS = 1024


def search_blocks(
    points: PointSet, candidates: Candidates, progress: Progress
) -> np.ndarray:
    """Offer all pairs of points as candidates, tile by tile of their product.

    A tile serves its rows and its columns, since the distance is symmetric.

    Args:
        points: The points.
        candidates: Where they are offered.
        progress: Called with the number of pairs compared since the last call.

    Returns:
        The squared distance to the farthest point, ``(N,)`` float64.
    """
    farthest = np.zeros(len(points))
    squares = points.squares.astype(np.float32)
    buffer = np.empty((TILE_ROWS, TILE_ROWS), np.float32)
    for row in range(0, len(points), TILE_ROWS):
        rows = slice(row, row + TILE_ROWS)
        left = -2 * points.values[rows]
        for column in range(row, len(points), TILE_ROWS):
            columns = slice(column, column + TILE_ROWS)
            right = points.values[columns]
            block = buffer[: len(left), : len(right)]
            np.matmul(left, right.T, out=block)
            block += squares[columns]
            block += squares[rows, None]
            candidates.offer(row, column, block)
            farthest[rows] = np.maximum(farthest[rows], block.max(axis=1))
            if column > row:
                candidates.offer(column, row, block.T)
                farthest[columns] = np.maximum(farthest[columns], block.max(axis=0))
                progress(block.size)
            else:
                progress(len(block) * (len(block) + 1) // 2)
    return farthest


def search_faiss(
    points: PointSet, candidates: Candidates, progress: Progress
) -> np.ndarray:
    """Take the candidates from a flat index of faiss.

    The index holds a further float32 copy of the points.

    Args:
        points: The points.
        candidates: Where the nearest ones are noted.
        progress: Called with the number of pairs compared since the last call.

    Returns:
        The squared distance to the farthest point, ``(N,)`` float64.

    Raises:
        ImportError: faiss is not installed.
    """
    faiss = _import_faiss()
    squares = points.squares.astype(np.float32)
    # |x - y|**2 is |x|**2 less the product of (2x, -1) and (y, |y|**2), and more than
    # |x|**2 by the product of (-2x, 1) and that.
    index = faiss.IndexFlatIP(points.dim + 1)
    index.add(np.column_stack((points.values, squares)))
    farthest = np.zeros(len(points))
    for start in range(0, len(points), TILE_ROWS):
        rows = slice(start, start + TILE_ROWS)
        square = squares[rows, None]
        seekers = np.column_stack((2 * points.values[rows], -np.ones_like(square)))
        nearness, columns = index.search(seekers, candidates.capacity)
        candidates.take(start, columns, square - nearness)
        far, _ = index.search(-seekers, 1)
        farthest[rows] = (square + far)[:, 0]
        pairs_behind = np.arange(len(points), 0, -1)[rows]
        progress(int(pairs_behind.sum()))
    return farthest


def check_search(name: str) -> None:
    """Refuse an unknown search.

    Raises:
        ValueError: Neither ``'blocks'`` nor ``'faiss'``.
        ImportError: ``'faiss'``, which is not installed.
    """
    if name not in SEARCHES:
        raise ValueError(f'search must be one of {sorted(SEARCHES)}, but got {name!r}')
    if name == 'faiss':
        _import_faiss()


def _import_faiss() -> Any:
    try:
        import faiss
    except ImportError as error:
        raise ImportError(
            "search='faiss' needs faiss: pip install mmreid[optional], or take "
            "search='blocks', which gives the same result"
        ) from error
    return faiss


SEARCHES: dict[str, Search] = {'blocks': search_blocks, 'faiss': search_faiss}
