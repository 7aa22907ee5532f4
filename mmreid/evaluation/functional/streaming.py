"""Distances streamed row by row, each with a proven bound on its rounding error.

The fast values come from a float32 matrix product. Their error is bounded for *any*
order in which the product may add up (Higham, Accuracy and Stability of Numerical
Algorithms, 2nd ed., section 3.1: ``|fl(x.y) - x.y| <= gamma_n |x|.|y|`` with
``gamma_n = n u / (1 - n u)``), so two values further apart than twice that bound are
in the order of the exact distances. For the rest :meth:`StreamedDistances.exact`
gives the float64 distance, computed pair by pair, the same for equal vectors wherever
they stand; a BLAS product promises no such thing.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np

from mmreid.evaluation.functional.vectors import Vectors

# More rows than this make the product no faster.
_BLOCK_ROWS = 1024
_TILE_BYTES = 16 << 20
_EXACT_ROWS = 64
# Beyond this many components the float32 bound says nothing.
_FLOAT32_DIM = 2**18


def rounding_bound(count: int, dtype: np.dtype) -> float:
    """Return the relative error bound of ``count`` rounded additions."""
    total = count * float(np.finfo(dtype).eps) / 2
    return total / (1 - total)


class StreamedDistances(ABC):
    """Rows of query-to-gallery values ordered as the distances are, bar rounding.

    The whole ``(num_query, num_gallery)`` matrix never exists: rows come from blocks
    of at most ``memory_budget`` bytes.

    Args:
        query: Query vectors.
        gallery: Gallery vectors.
        ignored: ``(num_gallery,)`` bool; these get the value infinity in every row.
        memory_budget: Bytes for the block of values; at least one row is held.

    Attributes:
        precisions: The dtypes in which :meth:`rows` can compute, coarsest first.
    """

    # What a row's product is multiplied by (None: nothing), `(num_gallery,)`.
    _weight: np.ndarray | None = None
    # What the gallery's vectors are multiplied by before the product.
    _gallery_scale: np.ndarray | None = None
    # What the queries' vectors are multiplied by before the product.
    _query_scale: np.ndarray

    def __init__(
        self, query: Vectors, gallery: Vectors, ignored: np.ndarray, memory_budget: int
    ) -> None:
        if query.dim != gallery.dim:
            raise ValueError(
                'query and gallery vectors must be of one length, but have '
                f'{query.dim} and {gallery.dim} components'
            )
        if memory_budget < 1:
            raise ValueError(
                f'memory_budget must be a positive number of bytes, got {memory_budget}'
            )
        self.query, self.gallery = query, gallery
        self._memory_budget = memory_budget
        self._offset = np.where(ignored, np.inf, 0.0)
        self._exact_rows = np.empty((_EXACT_ROWS, gallery.dim))
        wide = np.float64 in (query.array.dtype, gallery.array.dtype)
        float64_only = wide or query.dim > _FLOAT32_DIM
        names = ['float64'] if float64_only else ['float32', 'float64']
        self.precisions = tuple(np.dtype(name) for name in names)

    def rows(
        self, queries: np.ndarray, dtype: np.dtype
    ) -> Iterator[tuple[int, np.ndarray, float]]:
        """Yield ``(query index, values, margin)`` for each of the given queries.

        ``values`` ``(num_gallery,)`` is scratch memory that the caller may change and
        must not keep. Values that differ by more than ``margin`` are in the order of
        the exact distances. Units are the subclass's own.
        """
        weight = None if self._weight is None else self._weight.astype(dtype)
        offset = self._offset.astype(dtype) if self._offset.any() else None
        for some, block in self._products(queries, dtype):
            for index, row in zip(some.tolist(), block, strict=True):
                if weight is not None:
                    row *= weight
                if offset is not None:
                    row += offset
                # The factor pays for the rounding of the margin itself.
                yield index, row, 2.001 * self._error(index, dtype)

    def _products(
        self, queries: np.ndarray, dtype: np.dtype
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield query indices ``(n,)`` and their products ``(n, num_gallery)``."""
        width = len(self.gallery)
        height = self._memory_budget // (width * dtype.itemsize)
        height = max(1, min(height, _BLOCK_ROWS, len(queries)))
        tile_rows = max(1, _TILE_BYTES // (self.gallery.dim * dtype.itemsize))
        buffer = np.empty((height, width), dtype)
        for start in range(0, len(queries), height):
            some = queries[start : start + height]
            scaled = self.query.exact(some) * self._query_scale[some, None]
            left = scaled.astype(dtype)
            block = buffer[: len(some)]
            tiles = self.gallery.tiles(dtype, self._gallery_scale, tile_rows)
            for part, tile in tiles:
                np.matmul(left, tile.T, out=block[:, part])
            yield some, block

    def exact(self, query: int, gallery: np.ndarray) -> np.ndarray:
        """Return the float64 distances of one query to some gallery vectors.

        A distance depends on the two vectors alone, not on what else is asked for.
        """
        vector = self.query.exact(query)
        distances = np.empty(len(gallery))
        for start in range(0, len(gallery), _EXACT_ROWS):
            part = slice(start, start + _EXACT_ROWS)
            some = gallery[part]
            # Fresh memory for every few rows would cost more than the arithmetic.
            rows = self._exact_rows[: len(some)]
            rows[...] = self.gallery.array[some]
            distances[part] = self._distance(rows, vector, some, query)
        return distances

    @abstractmethod
    def _distance(
        self, rows: np.ndarray, vector: np.ndarray, gallery: np.ndarray, query: int
    ) -> np.ndarray:
        """Return the distances of float64 ``rows``, scratch memory, to ``vector``.

        ``gallery`` and ``query`` are their indices.
        """

    @abstractmethod
    def _error(self, query: int, dtype: np.dtype) -> float:
        """Bound the difference of a query's values to the exact ones' order."""

    @abstractmethod
    def shift(self, query: int) -> float:
        """Return what, added to a query's values, makes those of all comparable."""

    @abstractmethod
    def key(self, distance: float) -> float:
        """Return a float64 distance in the units of comparable values."""
