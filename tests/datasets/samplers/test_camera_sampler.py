"""Visits that take their positives from other cameras, against a slow version."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmreid.datasets import IdentitySampler

MODULE = 'mmreid.datasets.samplers.visit_sampler'


def make_records(cameras: list[list[int]]) -> list[dict]:
    """Records of identities whose images these cameras took, in random order."""
    pairs = [(label, cam) for label, own in enumerate(cameras) for cam in own]
    np.random.default_rng(0).shuffle(pairs)
    return [dict(gt_label=int(label), cam_id=int(cam)) for label, cam in pairs]


def draw(records: list[dict], world: tuple[int, int] = (0, 1), **config) -> np.ndarray:
    """An epoch as (batches, P, K) indices, drawn as process `world` = (rank, size)."""
    epoch_number = config.pop('number', 0)
    config = {'seed': 0, 'instances': 'other-cameras', **config}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f'{MODULE}.get_dist_info', lambda: world)
        sampler = IdentitySampler(records, **config)
    sampler.set_epoch(epoch_number)
    indices = list(sampler)
    assert len(indices) == len(sampler)
    return np.reshape(indices, (-1, config['num_ids'], config['num_instances']))


@st.composite
def cases(draw_from: st.DrawFn) -> dict:
    own = st.lists(st.integers(1, 4), min_size=1, max_size=12)
    cameras = draw_from(st.lists(own, min_size=1, max_size=8))
    return dict(
        records=make_records(cameras),
        config=dict(
            num_ids=draw_from(st.integers(1, len(cameras))),
            num_instances=draw_from(st.integers(1, 6)),
            epoch=draw_from(st.sampled_from(['images', 'identities'])),
            seed=draw_from(st.integers(0, 2**31 - 1)),
        ),
    )


@settings(max_examples=150, deadline=None)
@given(cases())
def test_every_visit_is_one_that_the_rule_allows(case: dict) -> None:
    """Picture by picture: the least used of those that may come."""
    records, config = case['records'], case['config']
    label = [record['gt_label'] for record in records]
    cam = [record['cam_id'] for record in records]
    used = Counter()
    for visit in draw(records, **config).reshape(-1, config['num_instances']).tolist():
        first, rest = visit[0], visit[1:]
        own = [i for i in range(len(records)) if label[i] == label[first]]
        assert used[first] == min(used[i] for i in own)
        others = [i for i in own if cam[i] != cam[first]]
        if others:
            assert {cam[i] for i in rest}.isdisjoint({cam[first]})
            # Each once before any twice, and the least used ones first.
            fresh = sorted(used[i] for i in others)[: len(rest)]
            assert sorted(used[i] for i in {*rest}) == fresh
            allowed = others
        else:
            allowed = own
            assert len({*visit}) == min(len(own), len(visit))
        assert {*rest} <= {*allowed}
        times = Counter(rest if others else visit)
        assert max(times.values(), default=0) - min(times.values(), default=0) <= 1
        used.update(visit)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_the_same_identities_come_as_without_cameras(case: dict) -> None:
    records, config = case['records'], case['config']
    label = np.array([record['gt_label'] for record in records])
    found = draw(records, **config)
    plain = draw(records, **config, instances='any')
    np.testing.assert_array_equal(label[found], label[plain])


@settings(max_examples=40, deadline=None)
@given(cases(), st.integers(2, 3))
def test_processes_share_the_batch_of_one(case: dict, world_size: int) -> None:
    records, config = case['records'], case['config']
    share = len({record['gt_label'] for record in records}) // world_size
    if share == 0:
        return
    config['num_ids'] = min(config['num_ids'], share)
    parts = [draw(records, (r, world_size), **config) for r in range(world_size)]
    whole = draw(records, **{**config, 'num_ids': config['num_ids'] * world_size})
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_one_camera_each_draws_as_without() -> None:
    records = make_records([[1] * 5, [2] * 7, [3] * 2, [1]])
    config = dict(num_ids=2, num_instances=4)
    plain = draw(records, **config, instances='any')
    np.testing.assert_array_equal(draw(records, **config), plain)


def test_every_image_is_seen() -> None:
    """Also of a camera with most of the images, which stand aside for their own."""
    records = make_records([[1] * 9 + [2] * 2 + [3]] * 6)
    uses = np.zeros(len(records))
    for number in range(30):
        batches = draw(records, num_ids=3, num_instances=4, number=number)
        uses += np.bincount(batches.ravel(), minlength=len(records))
    assert uses.min() > 0


def test_the_epoch_alone_decides_the_order() -> None:
    records = make_records([[1, 2, 2, 3]] * 8)
    sampler = IdentitySampler(records, 4, 3, seed=0, instances='other-cameras')
    orders = []
    for epoch in range(3):
        sampler.set_epoch(epoch)
        orders.append(list(sampler))
        assert list(sampler) == orders[-1]
    assert len(set(map(tuple, orders))) == 3


class Untold(list):
    """Records with a camera that means nothing."""

    metainfo = dict(cameras=False)


def test_cameras_must_be_known() -> None:
    records = make_records([[1, 2]] * 4)
    without = [dict(gt_label=record['gt_label']) for record in records]
    for unknown in (without, Untold(records)):
        IdentitySampler(unknown, 2, 2)
        with pytest.raises(ValueError, match=r"needs the camera.*instances='any'"):
            IdentitySampler(unknown, 2, 2, instances='other-cameras')
    with pytest.raises(ValueError, match='instances must be one of'):
        IdentitySampler(records, 2, 2, instances='cameras')
