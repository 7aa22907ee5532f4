"""Vectors that tell nothing apart: their ranking is the order of the files.

What is looked at ends as soon as vectors differ, so that useful ones cost next to
nothing.
"""

from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.test_set import TestSet

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


def find_degeneracy(test_set: TestSet, distance: str) -> Degeneracy:
    """Compare all vectors with the first query's.

    Args:
        test_set (TestSet): Queries, one or more, and gallery.
        distance (str): ``'cosine'`` or ``'euclidean'``.
    """
    halves = (test_set.queries.vectors, test_set.gallery.vectors)
    example = np.asarray(halves[0][0])
    first = example.astype(np.float64)
    length = float(np.linalg.norm(first))
    constant, alike = np.arange(len(first)), True
    parts = ((half, start) for half in halves for start in range(0, len(half), _ROWS))
    for half, start in parts:
        if not alike and not len(constant):
            break
        rows = np.asarray(half[start : start + _ROWS])
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
    return bool((gaps <= _ROUNDING * length).all())
