"""The kinds of distance, in the form that streams well."""

import numpy as np

from mmreid.evaluation.functional.streaming import StreamedDistances, rounding_bound
from mmreid.evaluation.functional.vectors import Array, Vectors

# Lengths within 2**-30 .. 2**30 cannot overflow or matter by underflow in float32.
_MODERATE = 2.0**30
_FLOAT64 = np.dtype('float64')


class CosineDistances(StreamedDistances):
    """``1 - q.g / (|q| |g|)``; the streamed values are the negative cosines."""

    def __init__(
        self, query: Vectors, gallery: Vectors, ignored: np.ndarray, memory_budget: int
    ) -> None:
        super().__init__(query, gallery, ignored, memory_budget)
        query.check_directions()
        gallery.check_directions()
        self._query_scale = -1 / query.norms
        if gallery.norms.max() < _MODERATE and gallery.norms.min() > 1 / _MODERATE:
            self._weight = 1 / gallery.norms
        else:
            self._gallery_scale = 1 / gallery.norms
        # The product; 16 more for the roundings of scales, weights and thresholds.
        # The float64 distance's own error counts too, since it decides close calls.
        exact = rounding_bound(2 * query.dim + 16, _FLOAT64)
        self._errors = {
            dtype: rounding_bound(query.dim + 16, dtype) + exact
            for dtype in self.precisions
        }

    def _distance(
        self, rows: np.ndarray, vector: np.ndarray, gallery: np.ndarray, query: int
    ) -> np.ndarray:
        rows *= vector
        lengths = self.gallery.norms[gallery] * self.query.norms[query]
        return 1 - rows.sum(axis=1) / lengths

    def _error(self, query: int, dtype: np.dtype) -> float:
        return self._errors[dtype]

    def shift(self, query: int) -> float:
        """Return what makes the values of different queries comparable: nothing."""
        return 0.0

    def key(self, distance: float) -> float:
        """Return the negative cosine."""
        return distance - 1


class EuclideanDistances(StreamedDistances):
    """``|q - g|``; the streamed values are ``|g|^2 - 2 q.g``, up to a power of four."""

    def __init__(
        self, query: Vectors, gallery: Vectors, ignored: np.ndarray, memory_budget: int
    ) -> None:
        super().__init__(query, gallery, ignored, memory_budget)
        longest = max(query.norms.max(), gallery.norms.max())
        scale = 1.0
        if longest > 0 and not 1 / _MODERATE < longest < _MODERATE:
            # A power of two, so that scaling rounds nothing.
            scale = 2.0 ** -np.frexp(longest)[1]
            self._gallery_scale = np.full(len(gallery), scale)
        self._scale = float(scale)
        self._query_scale = np.full(len(query), -2 * scale)
        self._offset += np.square(gallery.norms * scale)
        self._query_lengths = query.norms * scale
        self._longest = float(gallery.norms.max() * scale)

    def _distance(
        self, rows: np.ndarray, vector: np.ndarray, gallery: np.ndarray, query: int
    ) -> np.ndarray:
        rows -= vector
        np.square(rows, out=rows)
        return np.sqrt(rows.sum(axis=1))

    def _error(self, query: int, dtype: np.dtype) -> float:
        length, dim = float(self._query_lengths[query]), self.query.dim
        product = 2 * length * self._longest
        rounding = 8 * float(np.finfo(dtype).eps) * (self._longest**2 + product)
        exact = rounding_bound(2 * dim + 16, _FLOAT64)
        return (
            rounding_bound(dim + 16, dtype) * product
            + rounding
            + exact * (length + self._longest) ** 2
        )

    def shift(self, query: int) -> float:
        """Return the query's squared length, which makes values squared distances."""
        return float(self._query_lengths[query] ** 2)

    def key(self, distance: float) -> float:
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


def stream_distances(
    query: Array,
    gallery: Array,
    distance: str,
    ignored: np.ndarray,
    memory_budget: int,
) -> StreamedDistances:
    """Build the streamed distances of a named kind over checked vectors.

    Args:
        query: ``(num_query, D)`` vectors.
        gallery: ``(num_gallery, D)`` vectors.
        distance: ``'cosine'`` or ``'euclidean'``.
        ignored: ``(num_gallery,)`` bool, gallery vectors that are never an answer.
        memory_budget: Bytes for a block of values.

    Raises:
        ValueError: An unknown distance, or vectors that cannot be compared; the
            first offending index is named.
    """
    check_distance(distance)
    return DISTANCES[distance](
        Vectors(query, 'query'), Vectors(gallery, 'gallery'), ignored, memory_budget
    )
