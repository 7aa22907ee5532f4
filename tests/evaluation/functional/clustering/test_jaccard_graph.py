"""The sparse graph of near pairs against matrices of all pairs."""

import tracemalloc

import numpy as np
import pytest
import torch

from mmreid.evaluation.functional import jaccard_graph
from mmreid.evaluation.functional.clustering import jaccard_graph as module
from tests.helpers.loop_clusters import apart_from, loop_jaccard, person_vectors


def stored(graph):
    """The graph as a matrix in which pairs that are not stored are at distance 1."""
    dense = np.ones(graph.shape)
    pairs = graph.tocoo()
    dense[pairs.row, pairs.col] = pairs.data
    return dense


def assert_equals_loop(vectors, eps, k1=30, k2=6, **options):
    expected = loop_jaccard(vectors, k1, k2)
    eps = apart_from(eps, expected)
    graph = jaccard_graph(vectors, eps=eps, k1=k1, k2=k2, **options)
    assert graph.nnz == (expected <= eps).sum()
    np.testing.assert_allclose(
        stored(graph), np.where(expected <= eps, expected, 1), atol=1e-6
    )
    return graph


@pytest.mark.parametrize('seed', range(8))
def test_holds_the_near_pairs_of_the_dense_computation(seed):
    rng = np.random.default_rng(seed)
    count, dim = rng.integers(2, 150), rng.integers(2, 40)
    vectors, _ = person_vectors(rng, count, 6, dim, rng.uniform(0.1, 2))
    k1 = int(rng.integers(1, 40))
    k2 = int(rng.integers(1, k1 + 1))
    assert_equals_loop(vectors, rng.uniform(0.1, 0.95), k1, k2)


@pytest.mark.parametrize('k1', range(1, 8))
def test_short_lists_of_any_parity(k1):
    vectors, _ = person_vectors(np.random.default_rng(k1), 80, 5, 8, 0.5)
    assert_equals_loop(vectors, 0.7, k1, 1)


def test_both_directions_are_the_same_bits():
    vectors, _ = person_vectors(np.random.default_rng(1), 300, 10, 16, 0.6)
    vectors[50:80] = vectors[:30]
    graph = jaccard_graph(vectors)
    back = graph.T.tocsr()
    back.sort_indices()
    assert graph.dtype == np.float32
    assert graph.has_sorted_indices
    for name in ('data', 'indices', 'indptr'):
        np.testing.assert_array_equal(getattr(graph, name), getattr(back, name))
    assert (graph.diagonal() == 0).all()
    assert graph.indices.dtype == np.int32


def test_many_blocks_of_rows(monkeypatch):
    jaccard = 'mmreid.evaluation.functional.re_ranking.jaccard.'
    vectors, _ = person_vectors(np.random.default_rng(2), 200, 8, 16, 0.6)
    whole = jaccard_graph(vectors)
    monkeypatch.setattr(jaccard + '_SUMS', 500)
    monkeypatch.setattr(jaccard + '_TERMS', 2_000)
    parts = jaccard_graph(vectors)
    np.testing.assert_array_equal(stored(whole), stored(parts))
    assert_equals_loop(vectors, 0.6)


@pytest.mark.parametrize('count', [2, 31, 100])
def test_identical_vectors(count):
    graph = assert_equals_loop(np.full((count, 3), 0.7), 0.5)
    assert graph.nnz == count**2
    assert not graph.data.any()


def test_copies_are_near():
    vectors, _ = person_vectors(np.random.default_rng(3), 60, 4, 16, 0.5)
    vectors = np.concatenate((vectors, vectors[:40], vectors[:20]))
    assert_equals_loop(vectors, 0.4, 12, 3)


@pytest.mark.parametrize('count', [0, 1])
def test_hardly_any_vectors(count):
    graph = jaccard_graph(np.ones((count, 4)))
    assert graph.shape == (count, count)
    assert graph.nnz == count


def test_lengths_of_vectors_do_not_matter():
    rng = np.random.default_rng(4)
    vectors, _ = person_vectors(rng, 90, 5, 8, 0.4)
    scaled = vectors * 2.0 ** rng.integers(-30, 30, (90, 1))
    np.testing.assert_array_equal(
        stored(jaccard_graph(vectors)), stored(jaccard_graph(scaled))
    )


@pytest.mark.parametrize('kind', ['torch', 'half', 'bfloat16', 'memmap', 'reversed'])
def test_kinds_of_input(kind, tmp_path):
    vectors, _ = person_vectors(np.random.default_rng(5), 80, 5, 8, 0.4)
    vectors = given = vectors.astype(np.float32)
    if kind == 'torch':
        given = torch.from_numpy(vectors)
    if kind == 'half':
        given = vectors.astype(np.float16)
        vectors = given.astype(np.float32)
    if kind == 'bfloat16':
        given = torch.from_numpy(vectors).bfloat16()
        vectors = given.float().numpy()
    if kind == 'memmap':
        np.save(tmp_path / 'vectors.npy', vectors)
        given = np.load(tmp_path / 'vectors.npy', mmap_mode='r')
    if kind == 'reversed':
        given = np.asfortranarray(vectors[::-1])[::-1]
    np.testing.assert_array_equal(
        stored(jaccard_graph(given)), stored(jaccard_graph(vectors))
    )


def test_faiss_gives_the_same_graph():
    pytest.importorskip('faiss')
    vectors, _ = person_vectors(np.random.default_rng(6), 120, 6, 8, 0.5)
    assert_equals_loop(vectors, 0.6, search='faiss')


def test_progress_is_that_of_pairs_of_both_steps():
    vectors, _ = person_vectors(np.random.default_rng(7), 90, 5, 8, 0.4)
    calls = []
    jaccard_graph(vectors, progress=lambda *call: calls.append(call))
    done, total = zip(*calls, strict=True)
    assert set(total) == {90 * 91}
    assert list(done) == sorted(set(done))
    assert done[-1] == total[0]
    assert 90 * 91 // 2 in done


def test_no_matrix_of_all_pairs_exists():
    vectors, _ = person_vectors(np.random.default_rng(8), 4_000, 400, 8, 0.2)
    tracemalloc.start()
    jaccard_graph(vectors, k1=10, k2=3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000**2  # bytes: a quarter of that matrix in float32


def test_too_many_near_pairs_are_refused(monkeypatch):
    monkeypatch.setattr(module, '_MOST_PAIRS', 500)
    jaccard_graph(np.ones((30, 4)))
    vectors = np.ones((40, 4))
    for given in (vectors, vectors + 1e-3 * np.random.default_rng(9).random((40, 4))):
        with pytest.raises(ValueError, match='More than 500 pairs of the 40 pictures'):
            jaccard_graph(given)
    # Without averages, copies that are in no list are far from all.
    assert jaccard_graph(vectors, k2=1).nnz < 1_000


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(eps=0), 'eps must be a number above 0 and below 1, got 0'),
        (dict(eps=1.0), 'eps must be a number above 0 and below 1, got 1.0'),
        (dict(eps=float('nan')), 'eps must be a number .* got nan'),
        (dict(eps='0.5'), "eps must be a number .* got '0.5'"),
        (dict(k1=0), 'k1 must be at least 1, got 0'),
        (dict(k1=2.5), 'k1 must be at least 1, got 2.5'),
        (dict(k2=0), 'k2 must be at least 1, got 0'),
        (dict(k1=5), 'k2 must not be larger than k1, .* k1=5 and k2=6'),
        (dict(search='annoy'), "search must be one of .* got 'annoy'"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        jaccard_graph(np.ones((0, 2)), **options)


def test_offending_vectors_are_named():
    vectors = np.ones((5, 2))
    vectors[3:] = 0
    with pytest.raises(ValueError, match=r'vector 3 has length zero .* \(2 of 5'):
        jaccard_graph(vectors)
    vectors[2] = np.nan
    with pytest.raises(ValueError, match='picture vector 2 holds NaN'):
        jaccard_graph(vectors)
    with pytest.raises(ValueError, match=r'picture vectors must be an array \(N, D\)'):
        jaccard_graph(np.ones(5))
