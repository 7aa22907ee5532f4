"""Distances streamed block by block, with a proven bound on their rounding errors.

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
from typing import NamedTuple, TypeVar

import numpy as np

from mmreid.evaluation.functional.distances.vectors import (
    PIECE_LENGTH,
    Vectors,
    has_bf16_instructions,
    multiply,
    rounding_bound,
)

PRECISIONS = ('exact', 'bf16')

# The product is as fast with 512 rows, but its threads go on waiting for the next one
# for some 30 ms, in which they keep a processor from what follows a block.
_BLOCK_ROWS = 4096
_EXACT_ROWS = 64
# Beyond this many components the float32 bound says nothing.
_FLOAT32_DIM = 2**18
# Lengths within 2**-30 .. 2**30 cannot overflow or matter by underflow in float32.
MODERATE = 2.0**30
_FLOAT32, _FLOAT64 = np.dtype('float32'), np.dtype('float64')

# One query or one for each of several rows.
Index = int | np.ndarray
# One distance or many.
Value = TypeVar('Value', float, np.ndarray)


class Block(NamedTuple):
    """The values of some queries and the whole gallery.

    Attributes:
        queries (np.ndarray): ``(n,)`` query indices.
        values (np.ndarray): ``(n, num_gallery)`` scratch memory; products until
            :meth:`StreamedDistances.finish` makes values of them.
        margins (np.ndarray): ``(n,)`` float64. Values of a row that differ by more are
            in the order of the exact distances; half of it bounds the difference of a
            value to the exact distance in the same units.
    """

    queries: np.ndarray
    values: np.ndarray
    margins: np.ndarray

    def split(self, height: int) -> Iterator['Block']:
        """Yield the block in parts.

        Args:
            height (int): Rows of each part but the last.
        """
        for start in range(0, len(self.queries), height):
            yield Block(*(array[start : start + height] for array in self))


class StreamedDistances(ABC):
    """Rows of query-to-gallery values ordered as the distances are, bar rounding.

    The whole ``(num_query, num_gallery)`` matrix never exists: rows come from blocks
    of at most ``memory_budget`` bytes.

    Args:
        query (Vectors): Query vectors.
        gallery (Vectors): Gallery vectors; where they are on a GPU, products are made
            there.
        ignored (np.ndarray): ``(num_gallery,)`` bool; these get the value infinity in
            every row.
        memory_budget (int): Bytes for the block of values; one row is held at least.
        precision (str): ``'exact'``, or ``'bf16'`` for values of vectors rounded to
            bfloat16, which are taken for the distances as they are; as ``'exact'``
            where there are no instructions for it. Defaults to ``'exact'``.

    Attributes:
        precisions (tuple[np.dtype, ...]): In which :meth:`rows` can compute, coarsest
            first.
        approximate (bool): Whether the values stand for the distances and margins are
            zero.
        memory_budget (int): As given.
    """

    # What a row's product is multiplied by (None: nothing), `(num_gallery,)`.
    _weight: np.ndarray | None = None
    # What the gallery's vectors are multiplied by before the product.
    _gallery_scale: np.ndarray | None = None
    # What the queries' vectors are multiplied by before the product.
    _query_scale: np.ndarray

    def __init__(
        self,
        query: Vectors,
        gallery: Vectors,
        ignored: np.ndarray,
        memory_budget: int,
        precision: str = 'exact',
    ) -> None:
        query.check_comparable(gallery)
        if memory_budget < 1:
            raise ValueError(
                'memory_budget must be a positive number of bytes, '
                f'got {memory_budget}.'
            )
        self.query, self.gallery = query, gallery
        self.memory_budget = memory_budget
        self.approximate = precision == 'bf16' and has_bf16_instructions(gallery)
        self._offset = np.where(ignored, np.inf, 0.0)
        # Relative, of the float64 distance that decides in the end.
        self._exact_error = rounding_bound(2 * query.dim + 16, _FLOAT64)
        self._rounded: dict[np.dtype, tuple] = {}
        wide = np.float64 in (query.array.dtype, gallery.array.dtype)
        self.precisions: tuple[np.dtype, ...] = (_FLOAT32, _FLOAT64)
        if self.approximate:
            self.precisions = (_FLOAT32,)
        elif wide or query.dim > _FLOAT32_DIM:
            self.precisions = (_FLOAT64,)
        self._set_scales(query, gallery)

    def rows(
        self, queries: np.ndarray, dtype: np.dtype
    ) -> Iterator[tuple[int, np.ndarray, float]]:
        """Yield ``(query index, values, margin)`` for each of the given queries.

        ``values`` ``(num_gallery,)`` is scratch memory that the caller may change and
        must not keep. Values that differ by more than ``margin`` are in the order of
        the exact distances. Units are the subclass's own.

        Args:
            queries (np.ndarray): ``(n,)`` query indices, ascending.
            dtype (np.dtype): One of :attr:`precisions`.
        """
        for block in self.blocks(queries, dtype):
            margins = block.margins.tolist()
            for query, values, margin in zip(
                block.queries.tolist(), block.values, margins, strict=True
            ):
                self.finish(values)
                yield query, values, margin

    def blocks(
        self, queries: np.ndarray, dtype: np.dtype, pieces: bool = False
    ) -> Iterator[Block]:
        """Yield the products of the given queries, many queries at a time.

        The memory of a block is used again for the next one.

        Args:
            queries (np.ndarray): ``(n,)`` query indices, ascending.
            dtype (np.dtype): One of :attr:`precisions`.
            pieces (bool): Multiply long vectors piece by piece, which takes a little
                longer and makes margins smaller. Defaults to False.
        """
        if not len(queries):
            return
        width, dim = len(self.gallery), self.query.dim
        pieces &= dtype == _FLOAT32 and dim >= 2 * PIECE_LENGTH
        pieces &= self.gallery.tensor is None and not self.approximate
        product_error = self._product_error(dtype, pieces)
        height = self.memory_budget // ((width + dim) * dtype.itemsize)
        height = max(1, min(height, _BLOCK_ROWS, len(queries)))
        buffer = np.empty((height, width), dtype)
        for start in range(0, len(queries), height):
            part = queries[start : start + height]
            left = self._scaled_queries(part, dtype)
            values = buffer[: len(part)]
            scale = self._gallery_scale
            multiply(left, self.gallery, scale, self.approximate, values, pieces)
            # The factor pays for the rounding of the margin itself.
            margins = 2.001 * self._errors(part, dtype, product_error)
            if self.approximate:
                margins = np.zeros(len(part))
            yield Block(part, values, margins)

    def _scaled_queries(self, queries: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Return the product's left side."""
        scale = self._query_scale[queries, None]
        sizes = np.abs(scale)
        moderate = sizes.max() < MODERATE and sizes.min() > 1 / MODERATE
        # Scaled in float64 and rounded once where float32 could not hold the scale.
        inner = dtype if moderate else _FLOAT64
        contiguous = queries[-1] - queries[0] == len(queries) - 1
        rows = slice(queries[0], queries[-1] + 1) if contiguous else queries
        left = np.empty((len(queries), self.query.dim), dtype)
        np.multiply(
            self.query.array[rows],
            scale.astype(inner),
            left,
            dtype=inner,
            casting='same_kind',
        )
        return left

    def finish(self, products: np.ndarray) -> None:
        """Turn products into values, in place.

        Args:
            products (np.ndarray): ``(num_gallery,)`` or ``(n, num_gallery)``, of a
                block.
        """
        weight, offset = self._columns(products.dtype)
        if weight is not None:
            products *= weight
        if offset is not None:
            products += offset

    def _columns(self, dtype: np.dtype) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Return the weight and the offset of each column, None where they do nothing.

        Rounded once for all rows.
        """
        if dtype not in self._rounded:
            weight = None if self._weight is None else self._weight.astype(dtype)
            offset = self._offset.astype(dtype) if self._offset.any() else None
            self._rounded[dtype] = weight, offset
        return self._rounded[dtype]

    def exact(self, query: Index, gallery: np.ndarray) -> np.ndarray:
        """Return the float64 distances of some gallery vectors to one query or each.

        A distance depends on the two vectors alone, not on what else is asked for.

        Args:
            query (Index): Index of a query, or ``(n,)`` indices.
            gallery (np.ndarray): ``(n,)`` gallery indices.
        """
        distances = np.empty(len(gallery))
        # Fresh memory for every few rows would cost more than the arithmetic.
        scratch = np.empty((min(_EXACT_ROWS, len(gallery)), self.gallery.dim))
        for start in range(0, len(gallery), _EXACT_ROWS):
            part = slice(start, start + _EXACT_ROWS)
            left = query[part] if isinstance(query, np.ndarray) else query
            right = gallery[part]
            rows = scratch[: len(right)]
            rows[...] = self.gallery.array[right]
            distances[part] = self._distance(rows, self.query.array[left], right, left)
        return distances

    def _product_error(self, dtype: np.dtype, pieces: bool) -> float:
        """Bound the relative error of a product with its scales and weights."""
        # 16 more for the roundings of scales, weights and thresholds.
        additions = self.query.dim + 16
        if pieces:
            additions = PIECE_LENGTH + self.query.dim // PIECE_LENGTH + 16
        if self.gallery.tensor is None or dtype == _FLOAT64:
            return rounding_bound(additions, dtype)
        return rounding_bound(16, dtype) + rounding_bound(additions, _FLOAT64)

    @abstractmethod
    def _set_scales(self, query: Vectors, gallery: Vectors) -> None:
        """Set what products are scaled by and offset with, once for all rows."""

    @abstractmethod
    def _distance(
        self, rows: np.ndarray, vector: np.ndarray, gallery: np.ndarray, query: Index
    ) -> np.ndarray:
        """Return the distances of float64 ``rows``, scratch memory, to ``vector``.

        ``vector`` is one for all rows or one for each; ``gallery`` and ``query`` are
        their indices.
        """

    @abstractmethod
    def _errors(
        self, queries: np.ndarray, dtype: np.dtype, product_error: float
    ) -> np.ndarray:
        """Bound, per query, the difference of values to the exact distances."""

    @abstractmethod
    def shift(self, query: Index) -> float | np.ndarray:
        """Return what, added to a query's values, makes those of all comparable."""

    @abstractmethod
    def key(self, distance: Value) -> Value:
        """Return float64 distances in the units of comparable values."""
