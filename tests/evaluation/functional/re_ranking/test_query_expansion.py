"""Query expansion against a loop over float64 cosines."""

import numpy as np
import pytest
import torch

from mmreid.evaluation.functional import expand_queries


def loop_expand(query, gallery, k, alpha):
    query, gallery = query.astype(np.float64), gallery.astype(np.float64)
    gallery = [vector / np.linalg.norm(vector) for vector in gallery]
    result = []
    for vector in query:
        unit = vector / np.linalg.norm(vector)
        cosines = [float((unit * other).sum()) for other in gallery]
        order = sorted(range(len(gallery)), key=lambda j: (-cosines[j], j))
        total = unit.copy()
        for j in order[:k]:
            total += gallery[j] * (max(cosines[j], 0) ** alpha if alpha else 1)
        result.append(total / np.linalg.norm(total))
    return np.array(result)


@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
@pytest.mark.parametrize('alpha', [0.0, 1.0, 3.0])
@pytest.mark.parametrize('k', [1, 5, 100])
def test_equals_the_loop(k, alpha, dtype):
    rng = np.random.default_rng(k)
    query = rng.standard_normal((7, 12)).astype(dtype)
    gallery = rng.standard_normal((40, 12)).astype(dtype)
    expanded = expand_queries(query, gallery, k, alpha, memory_budget=1)
    assert expanded.dtype == np.float32
    expected = loop_expand(query, gallery, k, alpha)
    np.testing.assert_allclose(expanded, expected, atol=1e-6)


def test_torch_gives_the_same():
    rng = np.random.default_rng(0)
    query, gallery = rng.standard_normal((3, 8)), rng.standard_normal((20, 8))
    expanded = expand_queries(torch.from_numpy(query), torch.from_numpy(gallery))
    np.testing.assert_array_equal(expanded, expand_queries(query, gallery))


def test_nothing_is_left_out():
    # The query itself stands in the gallery and is its own first answer.
    vectors = np.eye(4)
    np.testing.assert_allclose(expand_queries(vectors, vectors, k=1), vectors)


def test_expansion_finds_more_of_a_chain():
    # The third is nearer to the mean of the first two than to the first.
    angles = np.deg2rad([0, 20, 40])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    expanded = expand_queries(vectors[:1], vectors[1:], k=1)
    np.testing.assert_allclose(np.rad2deg(np.arctan2(*expanded[0, ::-1])), 10)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(k=0), 'k must be at least 1, got 0'),
        (dict(alpha=-1.0), 'alpha must not be negative, got -1.0'),
        (dict(alpha=float('nan')), 'alpha must not be negative'),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        expand_queries(np.ones((1, 2)), np.ones((3, 2)), **options)


def test_offending_vectors_are_named():
    query, gallery = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.0, -1.0]])
    with pytest.raises(ValueError, match='query vector 1 and its answers cancel out'):
        expand_queries(query, gallery)
    np.testing.assert_allclose(expand_queries(query, gallery, alpha=1.0), query)
    with pytest.raises(ValueError, match='gallery vector 0 has length zero'):
        expand_queries(query, 0 * gallery)
