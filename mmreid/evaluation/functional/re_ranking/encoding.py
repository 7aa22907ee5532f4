"""k-reciprocal encodings: each image a sparse vector over its neighbours.

Zhong et al., Re-ranking Person Re-identification with k-reciprocal Encoding, CVPR
2017, sections 3.2 to 3.4. Sets of neighbours are rows of sparse matrices, so that
intersections are sparse products. Distances of encodings are in ``jaccard.py``.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from scipy import sparse

from mmreid.evaluation.functional.re_ranking.neighbours import Neighbours


class Comparable(Protocol):
    """Points of which distances are known."""

    def __len__(self) -> int: ...

    def fast(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return distances of pairs of indices, ``(n,)`` float64 of the caller's."""


def encode(
    points: Comparable,
    neighbours: Neighbours,
    lengths: Sequence[int],
    divisors: np.ndarray | float,
    squared: bool = False,
) -> sparse.csr_array:
    """Encode every point by its k-reciprocal neighbours, ``(N, N)`` float32.

    Rows add up to one; that of an image which identical ones before it keep out of
    its own list may be empty.

    Args:
        points (Comparable): The points, such as :class:`Points`.
        neighbours (Neighbours): Their neighbours, exact for ``lengths``.
        lengths (Sequence[int]): Lengths of the reciprocal lists, of those that may
            join them, and of the lists whose encodings are averaged (1 for none); the
            point itself counts.
        divisors (np.ndarray | float): ``(N,)`` or one for all: what a point's squared
            distances are divided by, in the units of ``points``; 0 divides nothing.
        squared (bool): Whether members are weighed by fourth powers of Euclidean
            distances and not by squares. Defaults to False.
    """
    long, short, averaged = lengths
    members = _expand(
        _reciprocal(neighbours.indices[:, :long]),
        _reciprocal(neighbours.indices[:, :short]),
    )
    divisors = np.broadcast_to(divisors, len(points))
    encodings = _weigh(points, members, divisors, squared)
    if averaged == 1:
        return encodings
    # Section 3.4: local query expansion.
    lists = neighbours.indices[:, :averaged]
    return _rows(lists, np.float32(1 / lists.shape[1])) @ encodings


def _rows(lists: np.ndarray, value: np.generic) -> sparse.csr_array:
    """Write lists ``(N, k)`` as a sparse matrix ``(N, N)``."""
    count, length = lists.shape
    # Sorted, so that equal sets are added up in one order.
    lists = np.sort(lists, axis=1)
    data = np.full(lists.size, value)
    starts = np.arange(count + 1) * length
    return sparse.csr_array((data, lists.ravel(), starts), shape=(count, count))


def _reciprocal(lists: np.ndarray) -> sparse.csr_array:
    """Return which pairs are in each other's lists (Eq. 3), ``(N, N)`` of ones."""
    forward = _rows(lists, np.int32(1))
    return forward.multiply(forward.T.tocsr()).tocsr()


def _expand(long: sparse.csr_array, short: sparse.csr_array) -> sparse.csr_array:
    """Add the short lists of members that agree with the long one (Eq. 4)."""
    sizes = short.sum(axis=1)
    # Being reciprocal is symmetric, so this counts how much of the column's short list
    # is in the row's long list.
    agreeing = (long @ short).multiply(long).tocoo()
    keep = 3 * agreeing.data > 2 * sizes[agreeing.col]
    ones = np.ones(keep.sum(), np.int32)
    places = agreeing.row[keep], agreeing.col[keep]
    members = long + sparse.csr_array((ones, places), shape=long.shape) @ short
    members.sort_indices()
    return members


def _weigh(
    points: Comparable, members: sparse.csr_array, divisors: np.ndarray, squared: bool
) -> sparse.csr_array:
    """Weigh members by ``exp(-d)`` (Eq. 7), so that rows add up to one."""
    rows = np.repeat(np.arange(len(points)), np.diff(members.indptr))
    distances = points.fast(rows, members.indices)
    divisors = divisors[rows]
    np.divide(distances, divisors, out=distances, where=divisors > 0)
    if squared:
        np.square(distances, out=distances)
    weights = np.exp(-distances)
    weights /= np.bincount(rows, weights, minlength=len(points))[rows]
    pattern = (weights.astype(np.float32), members.indices, members.indptr)
    return sparse.csr_array(pattern, shape=members.shape)
