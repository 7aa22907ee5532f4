"""Re-ranking against the published algorithm, written as float64 loops over sets."""

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmreid.evaluation.functional import re_rank, re_rank_blocks
from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.re_ranking import neighbours
from mmreid.evaluation.functional.re_ranking.nearest_lists import NearestLists
from mmreid.evaluation.functional.re_ranking.neighbours import find_neighbours
from mmreid.evaluation.functional.re_ranking.points import Points


def loop_squares(vectors):
    vectors = vectors.astype(np.float64)
    return np.array([np.square(vectors - vector).sum(axis=1) for vector in vectors])


def loop_re_rank(query, gallery, k1=20, k2=6, lambda_value=0.3, squared=False):
    """Re-rank with matrices of all pairs, as Zhong et al. define it."""
    squares = loop_squares(np.concatenate((query, gallery)))
    if squared:  # the program squares what it is given
        squares = squares**2
    largest = squares.max(axis=1, keepdims=True)
    distances = squares / np.where(largest > 0, largest, 1)
    ranks = squares.argsort(axis=1, kind='stable')
    images = range(len(ranks))

    def reciprocal(image, k):
        return {j for j in ranks[image, : k + 1] if image in ranks[j, : k + 1]}

    encodings = np.zeros_like(distances)
    for image in images:
        members = near = reciprocal(image, k1)
        for other in near:
            extension = reciprocal(other, int(np.around(k1 / 2)))
            if len(near & extension) > 2 / 3 * len(extension):
                members = members | extension
        members = sorted(members)
        weights = np.exp(-distances[image, members])
        encodings[image, members] = weights / weights.sum()
    if k2 > 1:
        encodings = np.array([encodings[ranks[i, :k2]].mean(axis=0) for i in images])
    result = []
    for image in images[: len(query)]:
        least = np.minimum(encodings[image], encodings).sum(axis=1)
        jaccard = 1 - least / (2 - least)
        result.append((1 - lambda_value) * jaccard + lambda_value * distances[image])
    return np.array(result)[:, len(query) :]


def clustered(rng, num_query, num_gallery, dim=16, clusters=8, noise=0.5):
    centres = rng.standard_normal((clusters, dim))
    count = num_query + num_gallery
    vectors = centres[rng.integers(0, clusters, count)]
    vectors = vectors + noise * rng.standard_normal((count, dim))
    return vectors[:num_query], vectors[num_query:]


def assert_same_ranks(ours, expected, tolerance=1e-6):
    """Ours may order only what is within the rounding of float32."""
    in_our_order = np.take_along_axis(expected, ours.argsort(axis=1), 1)
    assert (np.diff(in_our_order, axis=1) > -tolerance).all()


def assert_equals_loop(query, gallery, *parameters, **options):
    ours = re_rank(query, gallery, *parameters, **options)
    squared = options.get('squared', False)
    expected = loop_re_rank(query, gallery, *parameters, squared=squared)
    assert ours.dtype == np.float32
    assert ours.shape == (len(query), len(gallery))
    assert abs(ours - expected).max() < 2e-6
    assert_same_ranks(ours, expected)
    return ours


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(neighbours, '_TILE_ROWS', 16)


@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64])
@pytest.mark.parametrize('parameters', [(), (20, 1), (6, 3, 0.0), (5, 2, 1.0)])
def test_equals_the_published_algorithm(dtype, parameters):
    rng = np.random.default_rng(len(parameters))
    query, gallery = clustered(rng, 30, 170)
    assert_equals_loop(query.astype(dtype), gallery.astype(dtype), *parameters)


@pytest.mark.parametrize('parameters', [(), (20, 1), (6, 3, 0.0), (5, 2, 1.0)])
def test_squared_distances_are_squared_once_more(parameters, small_tiles):
    query, gallery = clustered(np.random.default_rng(14), 30, 170)
    squared = assert_equals_loop(query, gallery, *parameters, squared=True)
    plain = assert_equals_loop(query, gallery, *parameters)
    assert abs(squared - plain).max() > 1e-3


@pytest.mark.parametrize('seed', range(12))
def test_equals_the_published_algorithm_over_many_tiles(seed, small_tiles):
    rng = np.random.default_rng(seed)
    query, gallery = clustered(rng, *rng.integers(1, 90, 2), clusters=5)
    assert_equals_loop(
        query, gallery, int(rng.integers(1, 15)), int(rng.integers(1, 9))
    )


@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_ties_are_in_order_of_index(seed, k1, k2):
    # Points of a small grid: many identical ones and many equal distances.
    rng = np.random.default_rng(seed)
    query = rng.integers(0, 3, (rng.integers(1, 6), 2)).astype(np.float32)
    gallery = rng.integers(0, 3, (rng.integers(1, 40), 2)).astype(np.float32)
    assert_equals_loop(query, gallery, k1, k2)


@pytest.mark.parametrize('case', ['lists longer than the gallery', 'one of each'])
def test_small_sets(case):
    query, gallery = clustered(np.random.default_rng(0), 1, 9)
    if case == 'one of each':
        gallery = gallery[:1]
    assert_equals_loop(query, gallery, 50, 30)


@pytest.mark.parametrize(('clusters', 'noise'), [(2, 1e-6), (3, 1e-4), (1, 1e-10)])
def test_clusters_too_tight_for_float32(clusters, noise, small_tiles):
    rng = np.random.default_rng(1)
    query, gallery = clustered(rng, 20, 280, clusters=clusters, noise=noise)
    points = Points(Vectors(query, 'query'), Vectors(gallery, 'gallery'))
    lists = NearestLists(points, 6)
    for row, column, block in neighbours.compare_tiles(points):
        lists.offer(row, column, block)
        if column > row:
            lists.offer(column, row, block.T)
    # A single cluster is as good as any once it is moved to its mean.
    assert (len(lists.undecided) > 0) == (clusters > 1)
    assert_equals_loop(query, gallery, 5, 3)


def test_vectors_with_a_long_part_in_common():
    query, gallery = clustered(np.random.default_rng(2), 10, 90)
    assert_equals_loop(query + 1e6, gallery + 1e6)


@pytest.mark.parametrize('scale', [1e-100, 1e-30, 1e30, 1e100])
def test_scale_does_not_matter(scale):
    query, gallery = clustered(np.random.default_rng(3), 5, 60)
    result = re_rank(scale * query, scale * gallery)
    assert abs(result - re_rank(query, gallery)).max() < 1e-6


def test_vectors_too_long_for_a_bound():
    rng = np.random.default_rng(4)
    query, gallery = (
        rng.standard_normal((2, 400_000)),
        rng.standard_normal((6, 400_000)),
    )
    assert_equals_loop(query, gallery, 2, 2)


@pytest.mark.parametrize('lambda_value', [0.3, 1.0])
def test_identical_images_have_identical_distances(lambda_value, small_tiles):
    rng = np.random.default_rng(5)
    query, gallery = clustered(rng, 40, 200, dim=100)
    gallery[7] = query[3]
    gallery[150:] = gallery[:50]
    result = assert_equals_loop(query, gallery, 20, 6, lambda_value)
    np.testing.assert_array_equal(result[:, 150:], result[:, :50])


@pytest.mark.parametrize('value', [0.0, 0.3])
def test_all_images_identical(value, small_tiles):
    # So many that lists full of copies cannot name them all.
    vectors = np.full((300, 4), value)
    averaged = assert_equals_loop(vectors[:2], vectors[2:], 5, 3)
    assert (averaged == 0).all()
    result = assert_equals_loop(vectors[:2], vectors[2:], 5, 1)
    # The first six are in everybody's list, the others not even in their own.
    assert set(result[0, :4]) == {0}
    assert set(result[0, 4:]) == {np.float32(0.7)}


def test_weight_one_is_the_original_distance():
    query, gallery = clustered(np.random.default_rng(6), 5, 60)
    squares = loop_squares(np.concatenate((query, gallery)))[:5]
    expected = squares[:, 5:] / squares.max(axis=1, keepdims=True)
    np.testing.assert_allclose(re_rank(query, gallery, 4, 2, 1.0), expected, atol=1e-6)


@pytest.mark.parametrize('kind', ['torch', 'bfloat16', 'memmap', 'reversed', 'mixed'])
def test_kinds_of_input(kind, tmp_path):
    query, gallery = (
        array.astype(np.float32)
        for array in clustered(np.random.default_rng(7), 10, 80)
    )
    given_query, given_gallery = query, gallery
    if kind == 'torch':
        given_query, given_gallery = map(torch.from_numpy, (query, gallery))
    if kind == 'bfloat16':
        given_query = torch.from_numpy(query).bfloat16()
        query = given_query.float().numpy()
    if kind == 'memmap':
        np.save(tmp_path / 'gallery.npy', gallery)
        given_gallery = np.load(tmp_path / 'gallery.npy', mmap_mode='r')
    if kind == 'reversed':
        given_gallery = np.asfortranarray(gallery[::-1])[::-1]
    if kind == 'mixed':
        given_query = query.astype(np.float64)
    np.testing.assert_array_equal(
        re_rank(given_query, given_gallery), re_rank(query, gallery)
    )


@pytest.mark.parametrize('budget', [1, 4 * 80 * 3, 1 << 20])
def test_blocks_of_any_size(budget):
    query, gallery = clustered(np.random.default_rng(8), 10, 80)
    blocks = list(re_rank_blocks(query, gallery, memory_budget=budget))
    assert [rows.start for rows, _ in blocks] == [0, *(r.stop for r, _ in blocks[:-1])]
    assert blocks[-1][0].stop == 10
    assert max(block.nbytes for _, block in blocks) <= max(budget, 4 * 80)
    together = np.concatenate([block for _, block in blocks])
    np.testing.assert_allclose(together, re_rank(query, gallery), atol=1e-6)


def test_progress_is_that_of_pairs(small_tiles):
    query, gallery = clustered(np.random.default_rng(9), 10, 80)
    calls = []
    re_rank(query, gallery, progress=lambda *call: calls.append(call))
    done, total = zip(*calls, strict=True)
    assert set(total) == {90 * 91 // 2 + 10 * 80}
    assert list(done) == sorted(set(done))
    assert done[-1] == total[0]


def test_lists_are_exact_over_full_tiles():
    rng = np.random.default_rng(10)
    vectors = rng.standard_normal((2_100, 5)).astype(np.float32)
    vectors[rng.integers(0, 2_100, 300)] = vectors[rng.integers(0, 2_100, 300)]
    points = Points(Vectors(vectors[:99], 'query'), Vectors(vectors[99:], 'gallery'))
    found = find_neighbours(points, (3, 11, 21))
    wide = vectors.astype(np.float64)
    for point in range(0, 2_100, 3):
        squares = np.square(wide - wide[point]).sum(axis=1)
        order = squares.argsort(kind='stable')
        for length in (3, 11, 21):
            assert set(found.indices[point, :length]) == set(order[:length])


@pytest.mark.parametrize('dtype', ['float32', 'float64'])
@pytest.mark.parametrize('offset', [0, 3, 1e4])
def test_errors_are_within_their_bounds(dtype, offset):
    rng = np.random.default_rng(11)
    query, gallery = clustered(rng, 20, 80, dim=300, noise=1e-3)
    points = Points(Vectors(query + offset, 'query'), Vectors(gallery, 'gallery'))
    values = points.values
    if dtype == 'float64':
        values = points.wide_values(np.arange(100))
    squares = np.square(values).sum(axis=1)
    fast = squares[:, None] + squares - 2 * values @ values.T
    rows, columns = np.divmod(np.arange(100**2), 100)
    exact = points.exact(rows, columns).reshape(100, 100)
    kind = getattr(np, dtype)
    errors = points.pair_errors(np.arange(100)[:, None], np.arange(100), kind)
    assert (abs(fast - exact) <= errors).all()
    nearest = exact.argsort(axis=1)[:, :10]
    largest = np.take_along_axis(fast, nearest, 1).max(axis=1)
    assert (largest <= points.limits(np.arange(100), fast, 10, kind)).all()


def test_no_matrix_of_all_pairs_exists():
    rng = np.random.default_rng(12)
    query, gallery = clustered(rng, 50, 5_000, clusters=300, dim=8)
    tracemalloc.start()
    for _ in re_rank_blocks(query, gallery):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_050**2  # bytes: a quarter of that matrix in float32


def test_faiss_gives_the_same():
    pytest.importorskip('faiss')
    rng = np.random.default_rng(13)
    query, gallery = clustered(rng, 30, 270)
    gallery[100:200] = gallery[:100]
    assert_equals_loop(query, gallery, search='faiss')
    vectors = np.ones((300, 4))
    assert_equals_loop(vectors[:10], vectors[10:], 5, 3, search='faiss')


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(k1=0), 'k1 must be a whole number from 1, got 0'),
        (dict(k1=2.5), 'k1 must be a whole number from 1, got 2.5'),
        (dict(k2=0), 'k2 must be a whole number from 1, got 0'),
        (dict(lambda_value=1.1), 'must be within 0 and 1, got 1.1'),
        (dict(lambda_value=float('nan')), 'must be within 0 and 1, got nan'),
        (dict(squared=2), 'squared must be True or False, got 2'),
        (dict(search='annoy'), "search must be one of .* got 'annoy'"),
        (dict(memory_budget=0), 'memory_budget must be a positive number'),
    ],
)
def test_impossible_options_are_refused_at_once(options, message):
    with pytest.raises(ValueError, match=message):
        re_rank_blocks(np.ones((1, 2)), np.ones((3, 2)), **options)


def test_offending_vectors_are_named():
    query, gallery = np.ones((3, 2)), np.ones((4, 2))
    with pytest.raises(ValueError, match='of one length, got 2 and 5'):
        re_rank_blocks(query, np.ones((4, 5)))
    with pytest.raises(ValueError, match=r'gallery vectors must be an array \(N, D\)'):
        re_rank_blocks(query, np.ones((0, 2)))
    gallery[2] = np.nan
    with pytest.raises(ValueError, match='gallery vector 2 holds NaN'):
        re_rank(query, gallery)


def test_a_missing_faiss_is_told(monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'faiss', None)
    with pytest.raises(ImportError, match=r"pip install 'mmreid\[search\]'"):
        re_rank_blocks(np.ones((1, 2)), np.ones((3, 2)), search='faiss')
