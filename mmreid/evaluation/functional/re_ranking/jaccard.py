"""Jaccard distances of k-reciprocal encodings, without a matrix of all pairs.

Zhong et al., CVPR 2017, Eq. 10: ``1 - sum min(a, b) / sum max(a, b)``. Rows of
encodings add up to one, so the sum of the maxima is two less that of the minima; an
empty row is at distance one from all.
"""

from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

# Dense sums and sparse terms of this number stay in the caches.
_SUMS = 1 << 19
_TERMS = 1 << 18


class JaccardDistances:
    """Jaccard distances of queries to the gallery from k-reciprocal encodings.

    Args:
        encodings (sparse.csr_array): ``(N, N)``, one row per image, queries first.
        num_query (int): Number of queries.
    """

    def __init__(self, encodings: sparse.csr_array, num_query: int) -> None:
        query, gallery = encodings[:num_query], encodings[num_query:].tocsc()
        self._overlaps = _Overlaps(query, gallery, gallery.indptr[query.indices])

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
            stop = min(end, self._overlaps.stop(start, block.shape[1]))
            minima = self._overlaps.sum_minima(start, stop, 0)
            common = np.flatnonzero(minima)
            part = block[start - first : stop - first].reshape(-1)
            part[common] -= weight * _similarities(minima[common])
            start = stop


def near_pairs(
    encodings: sparse.csr_array,
    eps: float,
    progress: Callable[[int], None] = lambda pairs: None,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield the pairs of images whose Jaccard distance is at most ``eps``.

    Args:
        encodings (sparse.csr_array): ``(N, N)``, one row per image; the entries of its
            rows are sorted.
        eps (float): Largest distance of a pair, below one, since pairs without a common
            neighbour are not looked at.
        progress (Callable[[int], None]): Called with the number of pairs compared since
            the last call. Defaults to a function that does nothing.

    Yields:
        tuple[np.ndarray, np.ndarray, np.ndarray]: Of some images, in order, ``(n,)``
        int32 images, ``(n,)`` int32 images behind them and the pairs' ``(n,)`` float32
        distances.
    """
    encodings.sort_indices()
    num_images, numbers = len(encodings.indptr) - 1, np.arange(encodings.nnz)
    pattern = (numbers, encodings.indices, encodings.indptr)
    columns = sparse.csr_array(pattern, shape=encodings.shape).tocsc()
    # A column has its images in order: those behind an entry are behind its image.
    begins = np.empty(encodings.nnz, np.int32)
    begins[columns.data] = np.arange(1, encodings.nnz + 1)
    columns.data = encodings.data[columns.data]
    overlaps = _Overlaps(encodings, columns, begins)
    start = 0
    while start < num_images:
        width = num_images - start
        stop = overlaps.stop(start, width)
        minima = overlaps.sum_minima(start, stop, start)
        common = np.flatnonzero(minima)
        distances = 1 - _similarities(minima[common])
        near = distances <= eps
        first, second = np.divmod(common[near], width)
        first, second = ((start + place).astype(np.int32) for place in (first, second))
        yield first, second, distances[near].astype(np.float32)
        progress((stop - start) * (2 * num_images - start - stop + 1) // 2)
        start = stop


def _similarities(minima: np.ndarray) -> np.ndarray:
    """Return the quotients of Eq. 10 from the sums of minima."""
    # Float32 rows may add up to a little more than one.
    minima = np.minimum(minima, 1)
    return minima / (2 - minima)


class _Overlaps:
    """Sums ``sum min(a, b)`` of the rows of one matrix with those of another.

    Args:
        rows (sparse.csr_array): ``(n, K)``, the first matrix.
        columns (sparse.csc_array): ``(m, K)``, the second one.
        begins (np.ndarray): For every entry of ``rows``, the first entry of its column
            in ``columns`` that it is compared with; all behind it follow.
    """

    def __init__(
        self, rows: sparse.csr_array, columns: sparse.csc_array, begins: np.ndarray
    ) -> None:
        self._rows, self._columns, self._begins = rows, columns, begins
        terms = columns.indptr[rows.indices + 1] - begins
        # How many terms the sums of the first n rows have, for n from 0 on.
        self._terms = np.concatenate(([0], terms.cumsum(dtype=np.int64)))[rows.indptr]

    def stop(self, start: int, width: int) -> int:
        """Return the end of the rows whose sums are to be computed at once.

        Args:
            start (int): The first of them.
            width (int): How many sums a row has.
        """
        enough = self._terms[start] + _TERMS
        stop = int(np.searchsorted(self._terms, enough, 'right')) - 1
        return max(min(stop, start + _SUMS // width), start + 1)

    def sum_minima(self, start: int, stop: int, first: int) -> np.ndarray:
        """Return the sums of consecutive rows, one after another.

        Args:
            start (int): The first row.
            stop (int): The row behind the last one.
            first (int): The first row of the second matrix; none before it is in the
                columns from ``begins`` on.
        """
        rows, columns = self._rows, self._columns
        span = slice(rows.indptr[start], rows.indptr[stop])
        # Of each of the rows' entries, the other matrix's entries in the same column.
        begins = self._begins[span]
        lengths = columns.indptr[rows.indices[span] + 1] - begins
        shifts = begins - (lengths.cumsum() - lengths)
        places = np.repeat(shifts, lengths) + np.arange(lengths.sum())
        values = np.repeat(rows.data[span], lengths)
        np.minimum(values, columns.data[places], out=values)
        width = columns.shape[0] - first
        per_row = np.diff(self._terms[start : stop + 1])
        targets = np.repeat(np.arange(stop - start) * width - first, per_row)
        targets += columns.indices[places]
        return np.bincount(targets, values, minlength=(stop - start) * width)
