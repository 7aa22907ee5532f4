"""Infomap's clusters, and the graph of nearest pictures against loops."""

import sys

import numpy as np
import pytest

from mmreid.evaluation.functional import Links, cluster_vectors
from mmreid.evaluation.functional.clustering.infomap import cosine_graph
from tests.helpers.loop_clusters import person_vectors

# Of cluster-contrast.
OPTIONS = dict(method='infomap', eps=0.5, k1=15, min_samples=5)


@pytest.mark.parametrize('eps', [0.2, 0.5])
def test_the_graph_has_the_nearest_ones_within_eps(eps):
    vectors, _ = person_vectors(np.random.default_rng(1), 90, 6, 8, 0.5)
    graph = cosine_graph(vectors, eps=eps, k1=7)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    distances = 1 - units @ units.T
    np.fill_diagonal(distances, 0)
    far = np.argsort(distances, axis=1)[:, 7:]
    np.put_along_axis(distances, far, 1, axis=1)
    expected = np.where(distances <= eps, distances, 1)
    found = np.ones(graph.shape)
    pairs = graph.tocoo()
    found[pairs.row, pairs.col] = pairs.data
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_finds_well_separated_persons_twice_the_same():
    pytest.importorskip('infomap')
    vectors, who = person_vectors(np.random.default_rng(2), 300, 12, 32, 0.3)
    labels = cluster_vectors(vectors, **OPTIONS)
    assert len({*zip(who.tolist(), labels.tolist(), strict=True)}) == 12
    np.testing.assert_array_equal(labels, cluster_vectors(vectors, **OPTIONS))
    assert labels.max() == 11


def test_small_clusters_are_noise():
    pytest.importorskip('infomap')
    rng = np.random.default_rng(3)
    near = rng.standard_normal((2, 64)).repeat((4, 5), axis=0)
    vectors = np.concatenate((near + 1e-2 * rng.standard_normal((9, 64)), np.eye(64)))
    labels = cluster_vectors(vectors, **OPTIONS)
    assert labels.tolist() == [-1] * 4 + [0] * 5 + [-1] * 64


def test_lists_may_be_shorter_than_those_that_dbscan_averages():
    pytest.importorskip('infomap')
    vectors, who = person_vectors(np.random.default_rng(7), 100, 4, 32, 0.1)
    labels = cluster_vectors(vectors, **{**OPTIONS, 'k1': 5})
    clustered = labels >= 0
    assert {*who[clustered].tolist()} == {0, 1, 2, 3}
    pairs = {*zip(who[clustered].tolist(), labels[clustered].tolist(), strict=True)}
    assert len(pairs) == labels.max() + 1


@pytest.mark.parametrize('count', [0, 1, 4])
def test_few_pictures(count):
    pytest.importorskip('infomap')
    vectors = np.random.default_rng(4).standard_normal((count, 8))
    assert set(cluster_vectors(vectors, **OPTIONS).tolist()) <= {-1}


def test_identical_pictures_are_one_cluster():
    pytest.importorskip('infomap')
    assert set(cluster_vectors(np.full((12, 3), 0.7), **OPTIONS).tolist()) == {0}


def test_links_hold():
    pytest.importorskip('infomap')
    vectors, _ = person_vectors(np.random.default_rng(5), 40, 1, 32, 0.3)
    tracklet = np.repeat([0, 1], 20)
    links = Links.from_labels(np.zeros(40), tracklet, np.tile(np.arange(20), 2))
    labels = cluster_vectors(vectors, links=links, **OPTIONS)
    assert labels.tolist() == tracklet.tolist()


def test_progress_is_that_of_pairs():
    calls = []
    vectors, _ = person_vectors(np.random.default_rng(6), 50, 3, 8, 0.3)
    cosine_graph(vectors, progress=lambda *call: calls.append(call))
    assert calls[-1] == (50 * 51 // 2, 50 * 51 // 2)


def test_a_missing_infomap_is_told_before_anything_else(monkeypatch):
    monkeypatch.setitem(sys.modules, 'infomap', None)
    with pytest.raises(ImportError, match="pip install infomap, or take 'dbscan'"):
        cluster_vectors(np.full((3, 2), np.nan), **OPTIONS)
