"""The kinds of distance in the form that streams well, and vectors without any."""

from dataclasses import dataclass

import numpy as np

from mmreid.arguments import check_choice
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
# Relative to the first vector's length. Float32 products tell no such cosines apart.
_ALIKE = 1e-5
# So many vectors are compared with the first one at a time.
_COMPARED_ROWS = 64


def cosine_distances(
    rows: np.ndarray, vector: np.ndarray, lengths: np.ndarray
) -> np.ndarray:
    """Compute the float64 distances that decide, the same wherever a row stands.

    Args:
        rows (np.ndarray): ``(n, D)`` float64, written over.
        vector (np.ndarray): ``(D,)``, or ``(n, D)`` for one for each row.
        lengths (np.ndarray): ``(n,)`` product of both lengths.

    Returns:
        np.ndarray: ``(n,)`` float64.
    """
    rows *= vector
    return 1 - rows.sum(axis=1) / lengths


class CosineDistances(StreamedDistances):
    """``1 - q.g / (|q| |g|)``; the streamed values are the negative cosines.

    In float32 they are not divided by lengths that are nearly 1; margins allow for it.
    """

    def _set_scales(self, query: Vectors, gallery: Vectors) -> None:
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
        lengths = self.gallery.norms[gallery] * self.query.norms[query]
        return cosine_distances(rows, vector, lengths)

    def _errors(
        self, queries: np.ndarray, dtype: np.dtype, product_error: float
    ) -> np.ndarray:
        bound = product_error + self._exact_error
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

    def _set_scales(self, query: Vectors, gallery: Vectors) -> None:
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

    def _errors(
        self, queries: np.ndarray, dtype: np.dtype, product_error: float
    ) -> np.ndarray:
        lengths = self._query_lengths[queries]
        product = 2 * lengths * self._longest
        rounding = 8 * float(np.finfo(dtype).eps) * (self._longest**2 + product)
        exact = self._exact_error * (lengths + self._longest) ** 2
        return product_error * product + rounding + exact

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

    Args:
        name (str): What was given.

    Raises:
        ValueError: Neither ``'cosine'`` nor ``'euclidean'``.
    """
    check_choice('distance', name, DISTANCES)


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
    check_choice('precision', precision, PRECISIONS)
    query = Vectors(test_set.queries.vectors, 'query')
    gallery = Vectors(test_set.gallery.vectors, 'gallery')
    junk = test_set.gallery.person_id == JUNK
    return DISTANCES[distance](query, gallery, junk, memory_budget, precision)


@dataclass(frozen=True)
class Degeneracy:
    """How far vectors are all the same.

    Attributes:
        alike: Whether all vectors, or under the cosine distance all directions, are
            the same up to rounding (1e-5 of their length).
        num_constant: Number of components that are equal in all vectors.
    """

    alike: bool
    num_constant: int


def find_degeneracy(test_set: TestSet, distance: str) -> Degeneracy:
    """Compare all vectors with the first query's.

    Those that tell nothing apart are ranked by the order of the files. What is looked
    at ends as soon as vectors differ, so that useful ones cost next to nothing.

    Args:
        test_set (TestSet): Queries, one or more, and gallery.
        distance (str): ``'cosine'`` or ``'euclidean'``.
    """
    halves = (test_set.queries.vectors, test_set.gallery.vectors)
    example = np.asarray(halves[0][0])
    first = example.astype(np.float64)
    length = float(np.linalg.norm(first))
    constant, alike = np.arange(len(first)), True
    parts = (
        (half, start)
        for half in halves
        for start in range(0, len(half), _COMPARED_ROWS)
    )
    for half, start in parts:
        if not alike and not len(constant):
            break
        rows = np.asarray(half[start : start + _COMPARED_ROWS])
        if len(constant):
            same = np.take(rows, constant, axis=1) == example[constant]
            constant = constant[same.all(axis=0)]
        alike = alike and _are_alike(rows, first, length, distance == 'cosine')
    return Degeneracy(alike, len(constant))


def _are_alike(
    rows: np.ndarray, first: np.ndarray, length: float, directions: bool
) -> bool:
    """Whether rows are the first vector, up to rounding."""
    rows = rows.astype(np.float64)
    if directions:
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        rows *= length / np.where(lengths > 0, lengths, 1)
    gaps = np.linalg.norm(rows - first, axis=1)
    return bool((gaps <= _ALIKE * length).all())
