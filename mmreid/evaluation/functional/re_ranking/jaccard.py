"""The Jaccard distance of sparse encodings, a few rows at a time."""

import numpy as np
from scipy import sparse

# Dense sums and sparse terms of this number stay in the caches.
_SUMS = 1 << 19
_TERMS = 1 << 18


class JaccardDistances:
    """Jaccard distances of queries to the gallery from k-reciprocal encodings.

    Zhong et al., CVPR 2017, Eq. 10: ``1 - sum min(q, g) / sum max(q, g)``. Rows of
    encodings add up to one, so the sum of the maxima is two less that of the minima;
    an empty row is at distance one from all.

    Args:
        encodings: ``(N, N)``, one row per image, queries first.
        num_query: Number of queries.
    """

    def __init__(self, encodings: sparse.csr_array, num_query: int) -> None:
        self._query = encodings[:num_query]
        self._gallery = encodings[num_query:].tocsc()
        terms = np.diff(self._gallery.indptr)[self._query.indices]
        # Terms of all queries before each one, and of all together.
        self._terms = np.concatenate(([0], terms.cumsum()))[self._query.indptr]

    def add_to(self, block: np.ndarray, first: int, weight: float) -> None:
        """Add ``weight`` times the distances of some queries to a block.

        Args:
            block: ``(n, num_gallery)`` float32, contiguous, changed.
            first: The query of its first row.
            weight: The factor.
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
        """Return ``sum min(q, g)`` of some queries, one after another."""
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
