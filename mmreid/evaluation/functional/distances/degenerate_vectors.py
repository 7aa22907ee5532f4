"""Vectors that tell nothing apart: their ranking is the order of the files.

What is looked at ends as soon as vectors differ, so that useful ones cost next to
nothing.
"""

from dataclasses import dataclass

import numpy as np

# So many vectors are compared with the first one at a time.
_ROWS = 64
# Relative to the first vector's length. Float32 products tell no such cosines apart.
_ROUNDING = 1e-5


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


def find_degeneracy(vectors: np.ndarray, distance: str) -> Degeneracy:
    """Compare all vectors with the first one.

    Args:
        vectors: ``(N, D)`` of any float type, at least one.
        distance: ``'cosine'`` or ``'euclidean'``.
    """
    first = vectors[0].astype(np.float64)
    length = float(np.linalg.norm(first))
    constant, alike = np.arange(vectors.shape[1]), True
    for start in range(0, len(vectors), _ROWS):
        if not alike and not len(constant):
            break
        rows = vectors[start : start + _ROWS]
        if len(constant):
            same = np.take(rows, constant, axis=1) == vectors[0, constant]
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
    return bool((gaps <= _ROUNDING * length).all())
