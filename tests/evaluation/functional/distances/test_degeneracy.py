"""Vectors that tell nothing apart are found, and all others are not looked through."""

import numpy as np
import pytest

from mmreid.evaluation.functional import TestSet
from mmreid.evaluation.functional.distances.measures import (
    Degeneracy,
    find_degeneracy,
)


def degeneracy(vectors, distance):
    """The first third of the vectors are queries."""
    cut = max(1, len(vectors) // 3)
    return find_in_halves(vectors[:cut], vectors[cut:], distance)


def find_in_halves(query, gallery, distance):
    persons = [np.ones(len(half), np.int64) for half in (query, gallery)]
    test_set = TestSet.from_arrays(query, gallery, *persons, *persons)
    return find_degeneracy(test_set, distance)


def random_vectors(count=300, dim=7):
    return np.random.default_rng(0).standard_normal((count, dim)).astype(np.float32)


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
@pytest.mark.parametrize('place', [1, 63, 64, 200, 299])
def test_one_vector_that_differs_is_found_wherever_it_is(distance, place):
    vectors = np.repeat(random_vectors(1), 300, axis=0)
    assert degeneracy(vectors, distance) == Degeneracy(True, 7)
    vectors[place, 2] += np.float32(1e-6)
    assert degeneracy(vectors, distance) == Degeneracy(True, 6)
    vectors[place, 2] += np.float32(1e-3)
    assert degeneracy(vectors, distance) == Degeneracy(False, 6)


def test_lengths_matter_under_the_euclidean_distance_only():
    vectors = random_vectors(1) * np.linspace(1, 2, 9, dtype=np.float32)[:, None]
    assert degeneracy(vectors, 'cosine').alike
    assert not degeneracy(vectors, 'euclidean').alike


@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
def test_constant_components_are_counted(dtype):
    vectors = random_vectors().astype(dtype)
    assert degeneracy(vectors, 'cosine') == Degeneracy(False, 0)
    vectors[:, [1, 4, 5]] = 0.5
    assert degeneracy(vectors, 'cosine') == Degeneracy(False, 3)
    vectors[-1, 4] = 0
    assert degeneracy(vectors, 'cosine') == Degeneracy(False, 2)


def test_zero_vectors_are_alike():
    assert degeneracy(np.zeros((5, 3)), 'euclidean') == Degeneracy(True, 3)
    assert degeneracy(np.ones((1, 3)), 'euclidean') == Degeneracy(True, 3)


class Counted(np.ndarray):
    """An array that counts how many of its rows are taken."""

    taken = 0

    def __getitem__(self, key):
        if isinstance(key, slice):
            type(self).taken += len(range(*key.indices(len(self))))
        return np.asarray(self)[key]


def test_it_ends_where_vectors_differ():
    vectors = random_vectors(10_000).view(Counted)
    result = find_in_halves(vectors, vectors, 'cosine')
    assert result == Degeneracy(False, 0)
    assert Counted.taken <= 64
