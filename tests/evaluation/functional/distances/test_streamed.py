"""Streamed distances: the promised error bounds and the promised memory."""

import tracemalloc

import numpy as np
import pytest

from mmreid.evaluation.functional import TestSet, evaluate_ranking
from mmreid.evaluation.functional.distances.measures import stream_distances
from mmreid.evaluation.functional.distances.streamed import StreamedDistances


def streamed(query, gallery, distance, ignored, memory_budget):
    """Stream distances to a gallery in which what is ignored is junk."""
    persons = np.where(ignored, -1, 1)
    labels = (np.ones(len(query), int), persons, np.ones(len(query), int), persons)
    test_set = TestSet.from_arrays(query, gallery, *labels)
    return stream_distances(test_set, distance, memory_budget)


def hard_vectors(kind, count, dim, rng):
    values = rng.standard_normal((count, dim))
    if kind == 'positive':  # as after a ReLU: partial sums only grow
        values = np.maximum(values, 0) + 1e-3
    elif kind == 'crowded':  # as from an untrained network: nearly one direction
        values = 1 + 1e-3 * values
    elif kind == 'wide':
        values *= 10.0 ** rng.integers(-25, 15, (count, 1))
    elif kind == 'normalised':  # nearly: their lengths are left out of float32 values
        values /= np.linalg.norm(values, axis=1, keepdims=True)
        values *= 1 + rng.uniform(-8e-7, 8e-7, (count, 1))
    return values.astype(np.float32)


@pytest.mark.parametrize('dtype', ['float32', 'float64'])
@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
@pytest.mark.parametrize('kind', ['plain', 'positive', 'crowded', 'wide', 'normalised'])
def test_order_of_values_beyond_the_margin_is_exact(kind, distance, dtype):
    rng = np.random.default_rng(0)
    query, gallery = (hard_vectors(kind, n, 700, rng) for n in (5, 400))
    ignored = np.zeros(400, bool)
    stream = streamed(query, gallery, distance, ignored, 10**6)
    num_decided = 0
    for index, values, margin in stream.rows(np.arange(5), np.dtype(dtype)):
        exact = stream.exact(index, np.arange(400))
        beyond = values[:, None].astype(float) - values > margin
        assert (exact[:, None] > exact)[beyond].all()
        num_decided += beyond.sum()
    # Nearly every pair, unless its values are too crowded or too unlike for the dtype.
    if kind in ('plain', 'positive', 'normalised'):
        assert num_decided > 0.9 * 5 * 400 * 399 / 2


@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_exact_distance_depends_on_the_two_vectors_only(distance):
    rng = np.random.default_rng(1)
    gallery = rng.standard_normal((300, 1031)).astype(np.float32)
    gallery[::7] = gallery[0]
    stream = streamed(gallery[:2], gallery, distance, np.zeros(300, bool), 1)
    together = stream.exact(1, np.arange(300))
    assert together.tolist() == [stream.exact(1, np.array([i]))[0] for i in range(300)]
    assert len(set(together[::7])) == 1


@pytest.mark.parametrize('kind', ['positive', 'normalised'])
@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_values_are_within_half_the_margin_of_the_exact_distance(distance, kind):
    rng = np.random.default_rng(7)
    query, gallery = (hard_vectors(kind, n, 300, rng) for n in (4, 200))
    stream = streamed(query, gallery, distance, np.zeros(200, bool), 10**6)
    for dtype in stream.precisions:
        for index, values, margin in stream.rows(np.arange(4), dtype):
            exact = stream.key(stream.exact(index, np.arange(200)))
            difference = values - (exact - stream.shift(index))
            assert np.abs(difference).max() <= margin / 2


@pytest.mark.parametrize('kind', ['plain', 'positive', 'crowded', 'normalised'])
@pytest.mark.parametrize('distance', ['cosine', 'euclidean'])
def test_pieces_have_smaller_margins_that_hold_as_well(distance, kind):
    rng = np.random.default_rng(9)
    query, gallery = (hard_vectors(kind, n, 2048, rng) for n in (4, 200))
    stream = streamed(query, gallery, distance, np.zeros(200, bool), 10**6)
    whole = next(stream.blocks(np.arange(4), np.dtype('float32'))).margins.copy()
    block = next(stream.blocks(np.arange(4), np.dtype('float32'), pieces=True))
    assert (block.margins < whole / 4).all()
    values = block.values
    stream.finish(values)
    for index in range(4):
        exact = stream.key(stream.exact(index, np.arange(200)))
        difference = values[index] - (exact - stream.shift(index))
        assert np.abs(difference).max() <= block.margins[index] / 2


def test_exact_distances_of_pairs_are_those_of_single_queries():
    rng = np.random.default_rng(8)
    vectors = rng.standard_normal((150, 33)).astype(np.float16)
    queries, others = rng.integers(0, 150, (2, 400))
    for distance in ('cosine', 'euclidean'):
        stream = streamed(vectors, vectors, distance, np.zeros(150, bool), 99)
        single = [
            stream.exact(query, np.array([other]))[0]
            for query, other in zip(queries.tolist(), others.tolist(), strict=True)
        ]
        assert stream.exact(queries, others).tolist() == single


def test_float64_vectors_are_never_rounded_to_float32():
    single = np.eye(3, dtype=np.float32)
    for query, gallery in ((np.eye(3), single), (single, np.eye(3))):
        stream = streamed(query, gallery, 'cosine', np.zeros(3, bool), 99)
        assert stream.precisions == (np.dtype('float64'),)
    stream = streamed(single, single, 'cosine', np.zeros(3, bool), 99)
    assert stream.precisions == (np.dtype('float32'), np.dtype('float64'))


def test_crowded_rows_are_streamed_again_instead_of_compared_one_by_one(monkeypatch):
    rng = np.random.default_rng(4)
    gallery = hard_vectors('crowded', 500, 64, rng)
    persons, cameras = rng.integers(1, 9, 500), rng.integers(0, 2, 500)
    calls = []
    exact = StreamedDistances.exact
    monkeypatch.setattr(
        StreamedDistances,
        'exact',
        lambda self, query, some: calls.append(len(some)) or exact(self, query, some),
    )
    evaluate_ranking(gallery, gallery, persons, persons, cameras, cameras)
    assert sum(calls) < 500


def test_ignored_vectors_are_infinitely_far():
    ignored = np.arange(30) % 4 == 0
    vectors = np.random.default_rng(2).standard_normal((30, 3))
    for distance in ('cosine', 'euclidean'):
        stream = streamed(vectors, vectors, distance, ignored, 300)
        for _, values, _ in stream.rows(np.arange(30), np.dtype('float64')):
            assert np.array_equal(np.isinf(values), ignored)


@pytest.mark.parametrize('dtype', [np.float32, np.float16])
def test_the_distance_matrix_is_never_held(dtype):
    rng = np.random.default_rng(3)
    num_query, num_gallery, budget = 600, 3000, 200_000
    query, gallery = (
        rng.standard_normal((n, 32)).astype(dtype) for n in (num_query, num_gallery)
    )
    persons, cameras = rng.integers(1, 200, (2, num_gallery))
    labels = (persons[:num_query], persons, cameras[:num_query], cameras)
    evaluate_ranking(query[:5], gallery, labels[0][:5], persons, labels[2][:5], cameras)
    tracemalloc.start()
    evaluate_ranking(query, gallery, *labels, memory_budget=budget)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    converted = 4 * gallery.size if dtype is np.float16 else 0
    assert peak < budget + converted + 1_000_000 < 4 * num_query * num_gallery / 2
