"""Numbers of clusters, by hand."""

import json

import numpy as np
import pytest

from mmreid.evaluation.functional import describe_clusters


def test_numbers_sizes_and_noise():
    described = describe_clusters(np.array([4, 4, -1, 2, 2, 2, 2, 9, 9, 9]))
    assert described == dict(
        num_clusters=3, noise=0.1, smallest=2, median=3.0, largest=4
    )
    json.dumps(described)


@pytest.mark.parametrize('count', [0, 3])
def test_no_cluster(count):
    described = describe_clusters(np.full(count, -1), np.arange(count))
    assert described['num_clusters'] == described['smallest'] == 0
    assert described['largest'] == described['median'] == 0
    assert described['noise'] == (count > 0)


def test_agreement_with_persons():
    persons = np.array([0, 0, 0, 5, 5, 5])
    perfect = describe_clusters(np.array([1, 1, 1, 0, 0, 0]), persons)
    assert perfect['adjusted_rand'] == 1
    # Pairs together in both 2, in clusters 2 (noise has none), in persons 6, of 15:
    # (2 - 2 * 6 / 15) / ((2 + 6) / 2 - 2 * 6 / 15).
    some = describe_clusters(np.array([0, 0, -1, 1, 1, -1]), persons)
    assert some['adjusted_rand'] == pytest.approx(1.2 / 3.2)


def test_clusters_of_several_cameras():
    labels = np.array([0, 0, 0, 1, 1, 2, 2, -1, -1])
    camera = np.array([5, 5, 2, 3, 3, 2, 5, 2, 5])
    assert describe_clusters(labels, None, camera)['several_cameras'] == 2 / 3
    noise = np.full(9, -1)
    assert describe_clusters(noise, None, camera)['several_cameras'] == 0


def test_unknown_persons_are_left_out():
    labels = np.array([0, 0, 0, 1, 1, 1])
    some = describe_clusters(labels, np.array([3, 3, -1, 7, 7, -1]))
    assert some['adjusted_rand'] == 1
    assert 'adjusted_rand' not in describe_clusters(labels, np.full(6, -1))


def test_lengths_differ():
    with pytest.raises(ValueError, match='got 2 labels and 3 persons'):
        describe_clusters(np.zeros(2, int), np.zeros(3, int))
    with pytest.raises(ValueError, match='got 2 labels and 3 cameras'):
        describe_clusters(np.zeros(2, int), camera=np.zeros(3, int))
