"""Exact lists of nearest neighbours within one set of points, in memory O(N k).

Distances are squared Euclidean ones. Fast values come from float32 products. Their
rounding error has a bound, so they decide what is certain and exact float64 distances
of pairs the close calls: the lists are those of a loop over float64 distances that
orders equal ones by index.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.arguments import check_choice
from mmreid.evaluation.functional.re_ranking.nearest_lists import NearestLists
from mmreid.evaluation.functional.re_ranking.points import Points
from mmreid.optional import import_optional

Progress = Callable[[int], None]

SEARCHES = ('blocks', 'faiss')
# A larger tile makes the product no faster and leaves the caches.
_TILE_ROWS = 1024
# Undecided points are compared with all others in this many rows.
_WIDE_ROWS = 64


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest points of every point.

    Attributes:
        indices (np.ndarray): ``(N, k)`` int32. A point counts as its own neighbour. For
            each length ``n`` that was asked for, the first ``n`` of a row are the ``n``
            nearest, in no particular order.
        farthest (np.ndarray): ``(N,)`` float64, the squared distance to the farthest
            point.
    """

    indices: np.ndarray
    farthest: np.ndarray


def find_neighbours(
    points: Points,
    lengths: Sequence[int],
    search: str = 'blocks',
    progress: Progress = lambda pairs: None,
) -> Neighbours:
    """Find the nearest neighbours of every point.

    Args:
        points (Points): The points.
        lengths (Sequence[int]): Lengths of the lists that are wanted; those longer than
            the number of points are cut.
        search (str): ``'blocks'`` or ``'faiss'``. The lists are the same. Defaults to
            ``'blocks'``.
        progress (Progress): Called with the number of pairs compared since the last
            call. Defaults to a function that does nothing.

    Raises:
        ValueError: An unknown search.
        ImportError: ``search='faiss'`` without faiss.
    """
    check_search(search)
    cuts = sorted({min(length, len(points)) for length in lengths})
    lists = NearestLists(points, cuts[-1])
    farthest = np.zeros(len(points))
    if search == 'faiss':
        _search_faiss(points, lists, farthest, progress)
    else:
        for row, column, block in compare_tiles(points):
            part = slice(row, row + len(block))
            lists.offer(row, column, block)
            farthest[part] = np.maximum(farthest[part], block.max(axis=1))
            if column > row:
                # A tile serves its columns, too: the distance is symmetric.
                part = slice(column, column + block.shape[1])
                lists.offer(column, row, block.T)
                farthest[part] = np.maximum(farthest[part], block.max(axis=0))
                progress(block.size)
            else:
                progress(len(block) * (len(block) + 1) // 2)
    indices = lists.decide(cuts)
    _decide_wide(points, lists.undecided, indices)
    # The same for identical points, whatever their products were rounded to.
    return Neighbours(indices, np.maximum(farthest, 0)[points.first])


def compare_tiles(points: Points) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yield the fast values of all pairs of points, a tile at a time.

    Args:
        points (Points): The points.

    Yields:
        tuple[int, int, np.ndarray]: The points that the tile's first row and first
        column belong to, the latter not below the former, and float32 values in memory
        that is used again.
    """
    squares = points.squares.astype(np.float32)
    buffer = np.empty((_TILE_ROWS, _TILE_ROWS), np.float32)
    for row in range(0, len(squares), _TILE_ROWS):
        rows = slice(row, row + _TILE_ROWS)
        left = -2 * points.values[rows]
        for column in range(row, len(squares), _TILE_ROWS):
            columns = slice(column, column + _TILE_ROWS)
            right = points.values[columns]
            block = buffer[: len(left), : len(right)]
            np.matmul(left, right.T, out=block)
            block += squares[columns]
            block += squares[rows, None]
            yield row, column, block


def _search_faiss(
    points: Points, lists: NearestLists, farthest: np.ndarray, progress: Progress
) -> None:
    """Take the nearest points, and the farthest ones, from a flat index of faiss.

    The index holds a further float32 copy of the points.
    """
    squares = points.squares.astype(np.float32)
    # |x - y|**2 is |x|**2 less the product of (2x, -1) and (y, |y|**2), and more than
    # |x|**2 by the product of (-2x, 1) and that.
    index = _import_faiss().IndexFlatIP(points.dim + 1)
    index.add(np.column_stack((points.values, squares)))
    for start in range(0, len(points), _TILE_ROWS):
        rows = slice(start, start + _TILE_ROWS)
        square = squares[rows, None]
        left = np.column_stack((2 * points.values[rows], -np.ones_like(square)))
        nearness, columns = index.search(left, lists.capacity)
        lists.take(start, columns, square - nearness)
        farness, _ = index.search(-left, 1)
        farthest[rows] = (square + farness)[:, 0]
        pairs_behind = np.arange(len(points), 0, -1)[rows]
        progress(int(pairs_behind.sum()))


def check_search(name: str) -> None:
    """Refuse an unknown search.

    Args:
        name (str): What was given.

    Raises:
        ValueError: Neither ``'blocks'`` nor ``'faiss'``.
        ImportError: ``'faiss'``, which is not installed.
    """
    check_choice('search', name, SEARCHES)
    if name == 'faiss':
        _import_faiss()


def _import_faiss() -> Any:
    return import_optional(
        'faiss',
        "search='faiss'",
        instead="take search='blocks', which gives the same result",
    )


def _decide_wide(points: Points, undecided: np.ndarray, indices: np.ndarray) -> None:
    """Fill in the lists that float32 products leave undecided, by float64 products."""
    length = indices.shape[1]
    # Behind k identical points a further one is in nobody's list.
    surplus = _copies_before(points.first) >= length
    for start in range(0, len(undecided), _WIDE_ROWS):
        part = undecided[start : start + _WIDE_ROWS]
        values = _wide_distances(points, part)
        values[:, surplus] = np.inf
        limits = points.limits(part, values, length, np.float64)
        for point, row, limit in zip(part, values, limits, strict=True):
            close = np.flatnonzero(row <= limit)
            exact = points.exact(np.full(len(close), point), close)
            indices[point] = close[np.lexsort((close, exact))[:length]]


def _wide_distances(points: Points, part: np.ndarray) -> np.ndarray:
    """Return squared distances of a few points to all, ``(n, N)`` float64."""
    left = points.wide_values(part)
    values = np.empty((len(part), len(points)))
    for start in range(0, len(points), _TILE_ROWS):
        tile = slice(start, min(start + _TILE_ROWS, len(points)))
        right = points.wide_values(np.arange(tile.start, tile.stop))
        np.matmul(-2 * left, right.T, out=values[:, tile])
        values[:, tile] += np.square(right).sum(axis=1)
    values += np.square(left).sum(axis=1, keepdims=True)
    return values


def _copies_before(first: np.ndarray) -> np.ndarray:
    """Count, for each point, the identical ones before it."""
    order = np.argsort(first, kind='stable')
    ordered = first[order]
    counts = np.empty(len(first), np.int64)
    counts[order] = np.arange(len(first)) - np.searchsorted(ordered, ordered)
    return counts
