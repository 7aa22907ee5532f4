"""Clusters against DBSCAN on matrices of all pairs, written as loops over sets."""

import sys

import numpy as np
import pytest

from mmreid.evaluation.functional import (
    cluster_vectors,
    describe_clusters,
    jaccard_graph,
)
from mmreid.evaluation.functional.distances.camera_bias import normalize_cameras
from tests.helpers.loop_clusters import (
    apart_from,
    dense_dbscan,
    loop_jaccard,
    person_vectors,
)


def assert_equals_loop(vectors, eps=0.6, min_samples=4, k1=30, k2=6):
    distances = loop_jaccard(vectors, k1, k2)
    eps = apart_from(eps, distances)
    labels = cluster_vectors(vectors, eps=eps, min_samples=min_samples, k1=k1, k2=k2)
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, dense_dbscan(distances, eps, min_samples))
    return labels


@pytest.mark.parametrize('seed', range(24))
def test_equals_the_dense_computation(seed):
    rng = np.random.default_rng(seed)
    count, dim, persons = rng.integers((20, 2, 1), (200, 64, 20))
    vectors, _ = person_vectors(rng, count, persons, dim, rng.uniform(0.05, 1.5))
    copies = rng.integers(0, count, (2, rng.integers(0, count)))
    vectors[copies[0]] = vectors[copies[1]]
    k1 = int(rng.integers(2, 40))
    k2 = int(rng.integers(1, min(k1, 9)))
    assert_equals_loop(vectors, rng.uniform(0.2, 0.9), int(rng.integers(1, 7)), k1, k2)


@pytest.mark.parametrize(
    ('count', 'noise'), [(60, 0.3), (500, 0.8), (500, 1.2), (2_000, 0.8)]
)
def test_sizes_with_the_defaults(count, noise):
    rng = np.random.default_rng(count)
    vectors, _ = person_vectors(rng, count, max(3, count // 20), 24, noise)
    labels = assert_equals_loop(vectors)
    assert labels.max() > 0
    assert count == 60 or (labels < 0).any()


def test_finds_well_separated_persons():
    vectors, who = person_vectors(np.random.default_rng(1), 200, 8, 32, 0.1)
    labels = cluster_vectors(vectors)
    pairs = {*zip(who.tolist(), labels.tolist(), strict=True)}
    assert len(pairs) == 8
    assert {label for _, label in pairs} == {*range(8)}


def test_clusters_are_numbered_by_their_first_pictures():
    vectors, _ = person_vectors(np.random.default_rng(2), 300, 12, 32, 0.3)
    labels = cluster_vectors(vectors)
    _, first = np.unique(labels[labels >= 0], return_index=True)
    assert list(first) == sorted(first)


def test_order_of_pictures_changes_names_and_border_pictures_alone():
    rng = np.random.default_rng(3)
    vectors, _ = person_vectors(rng, 400, 25, 16, 0.75)
    order = rng.permutation(400)
    labels, moved = cluster_vectors(vectors), np.empty(400, np.int64)
    moved[order] = cluster_vectors(vectors[order])
    np.testing.assert_array_equal(labels < 0, moved < 0)
    assert (labels < 0).any()
    core = np.diff(jaccard_graph(vectors).indptr) >= 4
    pairs = {*zip(labels[core].tolist(), moved[core].tolist(), strict=True)}
    assert len(pairs) == labels.max() + 1 == moved.max() + 1


@pytest.mark.parametrize('count', [0, 1, 3])
def test_too_few_pictures_for_a_cluster_are_noise(count):
    vectors = np.random.default_rng(4).standard_normal((count, 8))
    assert cluster_vectors(vectors).tolist() == [-1] * count


def test_fewer_pictures_than_a_list_has_entries():
    vectors, _ = person_vectors(np.random.default_rng(5), 12, 1, 8, 0.1)
    assert set(assert_equals_loop(vectors)) == {0}


@pytest.mark.parametrize('count', [4, 100])
def test_identical_pictures_are_one_cluster(count):
    assert set(cluster_vectors(np.full((count, 6), 0.3))) == {0}


def test_all_noise():
    vectors = np.random.default_rng(6).standard_normal((100, 64))
    assert set(assert_equals_loop(vectors, eps=0.1)) == {-1}


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(method='kmeans'), "method must be one of .* got 'kmeans'"),
        (dict(min_samples=0), 'min_samples must be at least 1, got 0'),
        (dict(eps=2), 'eps must be a number above 0 and below 1, got 2'),
        (dict(k1=3), 'k2 must not be larger than k1'),
    ],
)
def test_impossible_options_are_refused_before_anything_else(options, message):
    with pytest.raises(ValueError, match=message):
        cluster_vectors(np.full((3, 2), np.nan), **options)


def test_a_missing_scikit_learn_is_told_before_anything_else(monkeypatch):
    monkeypatch.setitem(sys.modules, 'sklearn.cluster', None)
    with pytest.raises(ImportError, match=r"pip install 'mmreid\[clustering\]'"):
        cluster_vectors(np.full((3, 2), np.nan))


def test_cameras_are_taken_out_of_the_vectors():
    rng = np.random.default_rng(5)
    vectors, who = person_vectors(rng, 300, 12, 32, 0.2)
    camera = rng.integers(7, 10, 300)
    # What every picture of a camera has in common is larger than any person.
    seen = vectors + 2 * rng.normal(size=(10, 32))[camera]
    labels = cluster_vectors(seen, camera=camera)
    plain, found = (
        describe_clusters(clusters, who)['adjusted_rand']
        for clusters in (cluster_vectors(seen), labels)
    )
    assert plain < 0.6 < 0.8 < found
    unit = seen / np.linalg.norm(seen, axis=1, keepdims=True)
    slow = cluster_vectors(normalize_cameras(unit, camera))
    np.testing.assert_array_equal(labels, slow)
    with pytest.raises(ValueError, match='camera must be of the pictures'):
        cluster_vectors(seen, camera=camera[1:])
    assert len(cluster_vectors(seen[:0], camera=camera[:0])) == 0
