"""Exact lists of nearest neighbours within one set of points, in memory O(N k).

Distances are squared Euclidean ones. The fast ones come from float32 products. Their
rounding error has a bound, so they decide what is certain and float64 distances of
single pairs the rest: the lists are those of a loop over float64 distances that orders
equal ones by index.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.re_ranking.error_bounds import ErrorBounds
from mmreid.evaluation.functional.re_ranking.nearest_lists import Candidates
from mmreid.evaluation.functional.re_ranking.neighbour_search import (
    SEARCHES,
    TILE_ROWS,
    Progress,
    check_search,
)
from mmreid.evaluation.functional.re_ranking.points import PointSet

# Points that need float64 products are compared with all others in this many rows.
_WIDE_ROWS = 64


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest points of every point.

    Attributes:
        indices: ``(N, k)`` int32. A point counts as its own neighbour. For each length
            ``n`` that was asked for, the first ``n`` of a row are the ``n`` nearest, in
            no particular order.
        farthest: ``(N,)`` float64, the squared distance to the farthest point.
    """

    indices: np.ndarray
    farthest: np.ndarray


def find_neighbours(
    points: PointSet,
    lengths: Sequence[int],
    search: str = 'blocks',
    progress: Progress = lambda pairs: None,
) -> Neighbours:
    """Find the nearest neighbours of every point.

    Args:
        points: The points.
        lengths: Lengths of the lists that are wanted; those longer than the number of
            points are cut.
        search: ``'blocks'`` or ``'faiss'``. The lists are the same. Defaults to
            ``'blocks'``.
        progress: Called with the number of pairs compared since the last call.

    Raises:
        ValueError: An unknown search.
        ImportError: ``search='faiss'`` without faiss.
    """
    check_search(search)
    cuts = sorted({min(length, len(points)) for length in lengths})
    bounds = ErrorBounds(points, np.dtype('float32'))
    candidates = Candidates(len(points), cuts[-1], bounds)
    farthest = SEARCHES[search](points, candidates, progress)
    indices = candidates.settle(points, cuts)
    _settle_wide(points, candidates.pending, indices)
    # The same for identical points, whatever their products were rounded to.
    return Neighbours(indices, np.maximum(farthest, 0)[points.first])


def _settle_wide(points: PointSet, pending: np.ndarray, indices: np.ndarray) -> None:
    """Fill in the lists that float32 products cannot tell, from float64 products."""
    length = indices.shape[1]
    bounds = ErrorBounds(points, np.dtype('float64'))
    # Behind k identical points a further one is in nobody's list.
    surplus = _copies_before(points.first) >= length
    for start in range(0, len(pending), _WIDE_ROWS):
        some = pending[start : start + _WIDE_ROWS]
        values = _wide_distances(points, some)
        values[:, surplus] = np.inf
        kth = np.partition(values, length - 1)[:, length - 1]
        limits = bounds.limits(some, kth)
        for point, row, limit in zip(some, values, limits, strict=True):
            close = np.flatnonzero(row <= limit)
            exact = points.exact_distances(np.full(len(close), point), close)
            indices[point] = close[np.lexsort((close, exact))[:length]]


def _wide_distances(points: PointSet, some: np.ndarray) -> np.ndarray:
    """Return squared distances of some points to all, ``(n, N)`` float64."""
    left = points.wide(some)
    values = np.empty((len(some), len(points)))
    for start in range(0, len(points), TILE_ROWS):
        part = slice(start, min(start + TILE_ROWS, len(points)))
        right = points.wide(np.arange(part.start, part.stop))
        np.matmul(-2 * left, right.T, out=values[:, part])
        values[:, part] += np.square(right).sum(axis=1)
    values += np.square(left).sum(axis=1, keepdims=True)
    return values


def _copies_before(first: np.ndarray) -> np.ndarray:
    """Count, for each point, the identical ones before it."""
    order = np.argsort(first, kind='stable')
    ordered = first[order]
    counts = np.empty(len(first), np.int64)
    counts[order] = np.arange(len(first)) - np.searchsorted(ordered, ordered)
    return counts
