"""k-reciprocal encodings: each image a sparse vector over its neighbours; distances.

Zhong et al., Re-ranking Person Re-identification with k-reciprocal Encoding, CVPR
2017, sections 3.2 to 3.4; the Jaccard distance of encodings is Eq. 10. Sets of
neighbours are rows of sparse matrices, so that intersections are sparse products.
"""

import numpy as np
from scipy import sparse

from mmreid.evaluation.functional.re_ranking.neighbours import Neighbours
from mmreid.evaluation.functional.re_ranking.points import Points

# Dense sums and sparse terms of this number stay in the caches.
_SUMS = 1 << 19
_TERMS = 1 << 18


def list_lengths(k1: int, k2: int) -> tuple[int, int, int]:
    """Return the lengths of the neighbour lists that an encoding needs.

    The first two are those of the k1 and (half as many, ties to even) k1 / 2 nearest
    others and the point itself, the last one that of the local query expansion.

    Args:
        k1 (int): Number of neighbours.
        k2 (int): Number of neighbours whose encodings are averaged.
    """
    return k1 + 1, round(k1 / 2) + 1, k2


def encode(
    points: Points, neighbours: Neighbours, k1: int, k2: int, squared: bool = False
) -> sparse.csr_array:
    """Encode every point by its k-reciprocal neighbours, ``(N, N)`` float32.

    Rows add up to one; that of an image which identical ones before it keep out of
    its own list may be empty.

    Args:
        points (Points): The points.
        neighbours (Neighbours): Their neighbours, exact for :func:`list_lengths`.
        k1 (int): Number of neighbours.
        k2 (int): Number of neighbours whose encodings are averaged; 1 for none.
        squared (bool): Whether members are weighed by fourth powers of Euclidean
            distances and not by squares. Defaults to False.
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
    points: Points, members: sparse.csr_array, farthest: np.ndarray, squared: bool
) -> sparse.csr_array:
    """Weigh members by ``exp(-d)`` (Eq. 7), so that rows add up to one."""
    rows = np.repeat(np.arange(len(points)), np.diff(members.indptr))
    distances = points.fast(rows, members.indices)
    np.divide(distances, farthest[rows], out=distances, where=farthest[rows] > 0)
    if squared:
        np.square(distances, out=distances)
    weights = np.exp(-distances)
    weights /= np.bincount(rows, weights, minlength=len(points))[rows]
    pattern = (weights.astype(np.float32), members.indices, members.indptr)
    return sparse.csr_array(pattern, shape=members.shape)


class JaccardDistances:
    """Jaccard distances of queries to the gallery from k-reciprocal encodings.

    Zhong et al., CVPR 2017, Eq. 10: ``1 - sum min(q, g) / sum max(q, g)``. Rows of
    encodings add up to one, so the sum of the maxima is two less that of the minima;
    an empty row is at distance one from all.

    Args:
        encodings (sparse.csr_array): ``(N, N)``, one row per image, queries first.
        num_query (int): Number of queries.
    """

    def __init__(self, encodings: sparse.csr_array, num_query: int) -> None:
        self._query = encodings[:num_query]
        self._gallery = encodings[num_query:].tocsc()
        terms = np.diff(self._gallery.indptr)[self._query.indices]
        # How many terms the sums of the first n queries have, for n from 0 on.
        self._terms = np.concatenate(([0], terms.cumsum()))[self._query.indptr]

    def add_to(self, block: np.ndarray, first: int, weight: float) -> None:
        """Add ``weight`` times the distances of consecutive queries to a block.

        Args:
            block (np.ndarray): ``(n, num_gallery)`` float32, contiguous, changed.
            first (int): The query of its first row.
            weight (float): The factor.
        """
        weight = float(np.float32(weight))  # so that nothing is left of distance zero
        block += np.float32(weight)
        start, end = first, first + len(block)
        while start < end:
            enough = self._terms[start] + _TERMS
            stop = int(np.searchsorted(self._terms, enough, 'right')) - 1
            stop = min(stop, end, start + _SUMS // block.shape[1])
            stop = max(stop, start + 1)
            minima = self._minima(start, stop)
            common = np.flatnonzero(minima)
            # Float32 rows may add up to a little more than one.
            minima = np.minimum(minima[common], 1)
            part = block[start - first : stop - first].reshape(-1)
            part[common] -= weight * minima / (2 - minima)
            start = stop

    def _minima(self, start: int, stop: int) -> np.ndarray:
        """Return ``sum min(q, g)`` of consecutive queries, one after another."""
        query, gallery = self._query, self._gallery
        span = slice(query.indptr[start], query.indptr[stop])
        columns = query.indices[span]
        # Of each of the queries' entries, the gallery's entries in the same column.
        begins = gallery.indptr[columns]
        lengths = gallery.indptr[columns + 1] - begins
        shifts = begins - (lengths.cumsum() - lengths)
        places = np.repeat(shifts, lengths) + np.arange(lengths.sum())
        values = np.repeat(query.data[span], lengths)
        np.minimum(values, gallery.data[places], out=values)
        width = gallery.shape[0]
        per_query = np.diff(self._terms[start : stop + 1])
        targets = np.repeat(np.arange(stop - start) * width, per_query)
        targets += gallery.indices[places]
        return np.bincount(targets, values, minlength=(stop - start) * width)
