"""Clusters that change with the epoch, few of them, and none."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmreid.datasets import ClusterSampler, IdentitySampler

MODULE = 'mmreid.datasets.samplers.visit_sampler'


def make_records(labels: list[int]) -> list[dict]:
    return [dict(gt_label=label, cam_id=i % 3) for i, label in enumerate(labels)]


def draw(records: list[dict], world: tuple[int, int] = (0, 1), **config) -> np.ndarray:
    """An epoch as (batches, P, K) indices, drawn as process `world` = (rank, size)."""
    config = dict(seed=0, num_batches=5) | config
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f'{MODULE}.get_dist_info', lambda: world)
        sampler = ClusterSampler(records, **config)
    indices = list(sampler)
    assert len(indices) == len(sampler)
    shape = (config['num_batches'], config['num_ids'], config['num_instances'])
    return np.reshape(indices, shape)


@st.composite
def cases(draw_from: st.DrawFn) -> dict:
    labels = draw_from(st.lists(st.integers(-1, 6), min_size=1, max_size=30))
    return dict(
        records=make_records([*labels, 3]),  # one has a cluster
        config=dict(
            num_ids=draw_from(st.integers(1, 9)),
            num_instances=draw_from(st.integers(1, 5)),
            epoch=draw_from(st.sampled_from(['images', 'identities'])),
            instances=draw_from(st.sampled_from(['any', 'other-cameras'])),
            seed=draw_from(st.integers(0, 2**31 - 1)),
        ),
    )


@settings(max_examples=150, deadline=None)
@given(cases())
def test_batches_are_full_and_even(case: dict) -> None:
    records, config = case['records'], case['config']
    label = np.array([record['gt_label'] for record in records])
    clusters = {*label.tolist()} - {-1}
    batches = draw(records, **config)
    assert label[batches].min() >= 0
    for batch in batches:
        assert (label[batch] == label[batch[:, :1]]).all()
        visits = Counter(label[batch[:, 0]].tolist())
        times = [visits[cluster] for cluster in clusters]
        assert max(times) - min(times) <= 1


@settings(max_examples=60, deadline=None)
@given(cases())
def test_no_picture_twice_before_all_of_a_cluster(case: dict) -> None:
    records, config = case['records'], case['config']
    label = [record['gt_label'] for record in records]
    config['instances'] = 'any'
    uses = Counter(draw(records, **config).ravel().tolist())
    for cluster in {*label} - {-1}:
        own = [uses[i] for i in range(len(records)) if label[i] == cluster]
        assert max(own) - min(own) <= 1


@settings(max_examples=40, deadline=None)
@given(cases(), st.integers(2, 3))
def test_processes_share_the_batch_of_one(case: dict, world_size: int) -> None:
    records, config = case['records'], case['config']
    parts = [draw(records, (r, world_size), **config) for r in range(world_size)]
    whole = draw(records, **{**config, 'num_ids': config['num_ids'] * world_size})
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize('instances', ['any', 'other-cameras'])
def test_visits_are_those_of_identities(instances: str) -> None:
    """Where there are enough clusters and all pictures have one."""
    records = make_records([i % 11 for i in range(60)])
    common = dict(num_instances=4, seed=5, num_batches=9, instances=instances)
    clusters = ClusterSampler(records, 4, **common)
    assert [*clusters] == [*IdentitySampler(records, 4, **common, epoch='identities')]


def test_labels_are_read_when_an_epoch_begins() -> None:
    records = make_records([-1] * 12)
    sampler = ClusterSampler(records, 2, 2, num_batches=3, seed=0)
    assert len(sampler) == 12
    with pytest.raises(ValueError, match='At least one of the 12 images must have a'):
        next(iter(sampler))
    for chosen in ([0, 1, 2], [7, 8, 9]):
        for i, record in enumerate(records):
            record['gt_label'] = 0 if i in chosen else -1
        assert {*sampler} <= {*chosen}


def test_a_cluster_of_one_picture_does_not_end_it() -> None:
    batches = draw(make_records([0, 1, 1, 1, -1]), num_ids=2, num_instances=3)
    assert (batches == 0).sum() == 5 * 3


def test_arguments() -> None:
    records = make_records([0, 0, 1])
    with pytest.raises(ValueError, match='num_batches must be at least 1, got 0'):
        ClusterSampler(records, 2, 2, num_batches=0)
    untold = [dict(gt_label=0)] * 3
    with pytest.raises(ValueError, match=r"needs the camera.*instances='any'"):
        ClusterSampler(untold, 2, 2)
