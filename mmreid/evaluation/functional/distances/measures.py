"""The kinds of distance, in the form that streams well."""

import numpy as np

from mmreid.evaluation.functional.distances.streamed import (
    MODERATE,
    PRECISIONS,
    Index,
    StreamedDistances,
    Value,
)
from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.test_set import JUNK, TestSet

# Far below what the rounding of float32 products is allowed for vectors in use.
_NEARLY_UNIT = 1e-6


class CosineDistances(StreamedDistances):
    """``1 - q.g / (|q| |g|)``; the streamed values are the negative cosines.

    In float32 they are not divided by lengths that are nearly 1; margins allow for it.
    """

    def __init__(
        self,
        query: Vectors,
        gallery: Vectors,
        ignored: np.ndarray,
        memory_budget: int,
        precision: str = 'exact',
    ) -> None:
        super().__init__(query, gallery, ignored, memory_budget, precision)
        query.check_directions()
        gallery.check_directions()
        self._query_scale = -1 / query.norms
        self._deviation = float(np.abs(gallery.norms - 1).max())
        if gallery.norms.max() < MODERATE and gallery.norms.min() > 1 / MODERATE:
            self._weight = 1 / gallery.norms
        else:
            self._gallery_scale = 1 / gallery.norms

    def _distance(
        self, rows: np.ndarray, vector: np.ndarray, gallery: np.ndarray, query: Index
    ) -> np.ndarray:
        rows *= vector
        lengths = self.gallery.norms[gallery] * self.query.norms[query]
        return 1 - rows.sum(axis=1) / lengths

    def _errors(self, queries: np.ndarray, dtype: np.dtype, pieces: bool) -> np.ndarray:
        bound = self._product_bound(dtype, pieces) + self._exact_bound()
        if self._is_normalised(dtype):
            bound += self._deviation
        return np.full(len(queries), bound)

    def _columns(self, dtype: np.dtype) -> tuple[np.ndarray | None, np.ndarray | None]:
        weight, offset = super()._columns(dtype)
        return None if self._is_normalised(dtype) else weight, offset

    def _is_normalised(self, dtype: np.dtype) -> bool:
        """Tell whether lengths matter less than the rounding of products."""
        return dtype == np.float32 and self._deviation < _NEARLY_UNIT

    def shift(self, query: Index) -> float | np.ndarray:
        """Return what makes the values of different queries comparable: nothing."""
        return 0.0

    def key(self, distance: Value) -> Value:
        """Return the negative cosine."""
        return distance - 1


class EuclideanDistances(StreamedDistances):
    """``|q - g|``; the streamed values are ``|g|^2 - 2 q.g``, up to a power of four."""

    def __init__(
        self,
        query: Vectors,
        gallery: Vectors,
        ignored: np.ndarray,
        memory_budget: int,
        precision: str = 'exact',
    ) -> None:
        super().__init__(query, gallery, ignored, memory_budget, precision)
        longest = max(query.norms.max(), gallery.norms.max())
        scale = 1.0
        if longest > 0 and not 1 / MODERATE < longest < MODERATE:
            # A power of two, so that scaling rounds nothing.
            scale = 2.0 ** -np.frexp(longest)[1]
            self._gallery_scale = np.full(len(gallery), scale)
        self._scale = float(scale)
        self._query_scale = np.full(len(query), -2 * scale)
        self._offset += np.square(gallery.norms * scale)
        self._query_lengths = query.norms * scale
        self._longest = float(gallery.norms.max() * scale)

    def _distance(
        self, rows: np.ndarray, vector: np.ndarray, gallery: np.ndarray, query: Index
    ) -> np.ndarray:
        rows -= vector
        np.square(rows, out=rows)
        return np.sqrt(rows.sum(axis=1))

    def _errors(self, queries: np.ndarray, dtype: np.dtype, pieces: bool) -> np.ndarray:
        lengths = self._query_lengths[queries]
        product = 2 * lengths * self._longest
        rounding = 8 * float(np.finfo(dtype).eps) * (self._longest**2 + product)
        exact = self._exact_bound() * (lengths + self._longest) ** 2
        return self._product_bound(dtype, pieces) * product + rounding + exact

    def shift(self, query: Index) -> float | np.ndarray:
        """Return the query's squared length, which makes values squared distances."""
        return self._query_lengths[query] ** 2

    def key(self, distance: Value) -> Value:
        """Return the squared distance, in the units of the values."""
        scaled = distance * self._scale
        return scaled * abs(scaled)


DISTANCES: dict[str, type[StreamedDistances]] = {
    'cosine': CosineDistances,
    'euclidean': EuclideanDistances,
}


def check_distance(name: str) -> None:
    """Refuse an unknown distance.

    Raises:
        ValueError: Neither ``'cosine'`` nor ``'euclidean'``.
    """
    if name not in DISTANCES:
        raise ValueError(f'distance must be one of {sorted(DISTANCES)}, got {name!r}')


def check_precision(name: str) -> None:
    """Refuse an unknown precision.

    Raises:
        ValueError: Neither ``'exact'`` nor ``'bf16'``.
    """
    if name not in PRECISIONS:
        raise ValueError(f'precision must be one of {PRECISIONS}, got {name!r}')


def stream_distances(
    test_set: TestSet,
    distance: str,
    memory_budget: int,
    precision: str = 'exact',
) -> StreamedDistances:
    """Build the streamed distances of a named kind; junk is infinitely far.

    Args:
        test_set (TestSet): Queries and gallery.
        distance (str): ``'cosine'`` or ``'euclidean'``.
        memory_budget (int): Bytes for a block of values.
        precision (str): ``'exact'`` or ``'bf16'``. Defaults to ``'exact'``.

    Raises:
        ValueError: An unknown distance or precision, or vectors that cannot be
            compared; the first offending index is named.
    """
    check_distance(distance)
    check_precision(precision)
    query = Vectors(test_set.queries.vectors, 'query')
    gallery = Vectors(test_set.gallery.vectors, 'gallery')
    junk = test_set.gallery.person_id == JUNK
    return DISTANCES[distance](query, gallery, junk, memory_budget, precision)
