"""Neighbour feature centralisation against a loop over float64 distances."""

import numpy as np
import pytest
import torch

from mmreid.evaluation.functional import centralise_features


def loop_centralise(vectors, k1, k2):
    """As published, one vector after another; equal distances in order of index."""
    units = [v / np.linalg.norm(v) for v in vectors.astype(np.float64)]
    if vectors.dtype != np.float64:  # what is compared are float32 directions
        units = [unit.astype(np.float32).astype(np.float64) for unit in units]
    nearest = []
    for i, unit in enumerate(units):
        others = [j for j in range(len(units)) if j != i]
        distances = {j: float(np.square(unit - units[j]).sum()) for j in others}
        nearest.append(sorted(others, key=lambda j, d=distances: (d[j], j)))
    moved = []
    for i, unit in enumerate(units):
        mutual = [j for j in nearest[i][:k1] if i in nearest[j][:k2]]
        total = unit + sum((units[j] for j in mutual), np.zeros_like(unit))
        moved.append(total / np.linalg.norm(total))
    return np.array(moved)


@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(('k1', 'k2'), [(2, 2), (1, 1), (3, 1), (2, 6), (100, 100)])
def test_equals_the_loop(k1, k2, dtype):
    rng = np.random.default_rng()
    vectors = rng.standard_normal((50, 6)) * rng.uniform(0.1, 9, (50, 1))
    vectors = vectors.astype(dtype)
    moved = centralise_features(vectors, k1, k2)
    assert moved.dtype == (np.float64 if dtype == np.float64 else np.float32)
    expected = loop_centralise(vectors, k1, k2)
    np.testing.assert_allclose(moved, expected, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize('count', [2, 3, 4, 5, 30])
@pytest.mark.parametrize('k', [1, 2, 3])
def test_ties_and_duplicates(count, k):
    rng = np.random.default_rng()
    # Few different directions: most vectors have many identical ones.
    vectors = rng.integers(1, 3, (count, 2)).astype(np.float64)
    np.testing.assert_allclose(
        centralise_features(vectors, k, k), loop_centralise(vectors, k, k), atol=1e-12
    )


def test_one_vector_has_no_neighbour():
    np.testing.assert_array_equal(
        centralise_features(np.array([[3.0, 4.0]])), [[0.6, 0.8]]
    )


def test_other_inputs_give_the_same():
    vectors = np.random.default_rng(0).standard_normal((40, 8)).astype(np.float32)
    moved = centralise_features(vectors)
    np.testing.assert_array_equal(centralise_features(torch.from_numpy(vectors)), moved)
    done = []
    again = centralise_features(vectors, progress=lambda *work: done.append(work))
    np.testing.assert_array_equal(again, moved)
    assert done[-1] == (40 * 41 // 2,) * 2


@pytest.mark.parametrize(
    ('vectors', 'options', 'message'),
    [
        (np.eye(3), dict(k1=0), 'k1 must be at least 1, got 0'),
        (np.eye(3), dict(k2=1.5), 'k2 must be at least 1, got 1.5'),
        (
            np.array([[1.0], [-1.0]]),
            {},
            r'gallery vector 0 and .* cancel out',
        ),
        (np.array([[1.0], [0.0]]), dict(name='query'), r'query vector 1 .*length'),
        (np.array([[1.0], [np.nan]]), {}, 'gallery vector 1 holds NaN'),
    ],
)
def test_what_is_refused(vectors, options, message):
    with pytest.raises(ValueError, match=message):
        centralise_features(vectors, **options)
