"""k-reciprocal encodings: each image as a sparse vector over its true neighbours.

Zhong et al., Re-ranking Person Re-identification with k-reciprocal Encoding, CVPR
2017, sections 3.2 to 3.4. Sets of neighbours are rows of sparse matrices, so that
intersections are sparse products.
"""

import numpy as np
from scipy import sparse

from mmreid.evaluation.functional.re_ranking.neighbours import Neighbours
from mmreid.evaluation.functional.re_ranking.points import PointSet


def list_lengths(k1: int, k2: int) -> tuple[int, int, int]:
    """Return the lengths of the neighbour lists that an encoding needs.

    The first two are those of the k1 and (half as many, ties to even) k1 / 2 nearest
    others and the point itself, the last one that of the local query expansion.
    """
    return k1 + 1, round(k1 / 2) + 1, k2


def encode(
    points: PointSet, neighbours: Neighbours, k1: int, k2: int, squared: bool = False
) -> sparse.csr_array:
    """Encode every point by its k-reciprocal neighbours, ``(N, N)`` float32.

    Rows add up to one; that of an image which identical ones before it keep out of
    its own list may be empty.

    Args:
        points: The points.
        neighbours: Their neighbours, exact for :func:`list_lengths`.
        k1: Number of neighbours.
        k2: Number of neighbours whose encodings are averaged; 1 for none.
        squared: Whether members are weighed by fourth powers of Euclidean distances
            and not by squares. Defaults to False.
    """
    long, short, _ = list_lengths(k1, k2)
    members = _expand(
        _reciprocal(neighbours.indices[:, :long]),
        _reciprocal(neighbours.indices[:, :short]),
    )
    encodings = _weigh(points, members, neighbours.farthest, squared)
    if k2 == 1:
        return encodings
    # Section 3.4: local query expansion.
    lists = neighbours.indices[:, :k2]
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
    """Return who is in whose list both ways (Eq. 3), ``(N, N)`` of ones."""
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
    where = agreeing.row[keep], agreeing.col[keep]
    members = long + sparse.csr_array((ones, where), shape=long.shape) @ short
    members.sort_indices()
    return members


def _weigh(
    points: PointSet, members: sparse.csr_array, farthest: np.ndarray, squared: bool
) -> sparse.csr_array:
    """Weigh members by ``exp(-d)`` (Eq. 7), so that rows add up to one."""
    rows = np.repeat(np.arange(len(points)), np.diff(members.indptr))
    distances = points.fast_distances(rows, members.indices)
    np.divide(distances, farthest[rows], out=distances, where=farthest[rows] > 0)
    if squared:
        np.square(distances, out=distances)
    weights = np.exp(-distances)
    weights /= np.bincount(rows, weights, minlength=len(points))[rows]
    pattern = (weights.astype(np.float32), members.indices, members.indptr)
    return sparse.csr_array(pattern, shape=members.shape)
