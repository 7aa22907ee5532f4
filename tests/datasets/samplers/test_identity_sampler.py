"""Every promise of the sampler, on random data sets."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.dataset import BaseDataset, ConcatDataset, RepeatDataset

from mmreid.datasets import IdentitySampler
from mmreid.datasets.samplers.dealing import deal, share_out
from mmreid.registry import DATA_SAMPLERS

MODULE = 'mmreid.datasets.samplers.visit_sampler'


def make_records(counts: list[int], seed: int = 0) -> list[dict]:
    """Records of identities with these numbers of images, in random order."""
    labels = np.repeat(np.arange(len(counts)), counts)
    shuffled = np.random.default_rng(seed).permutation(labels)
    return [dict(gt_label=int(label)) for label in shuffled]


def labels_of(records: list[dict]) -> np.ndarray:
    return np.array([record['gt_label'] for record in records])


def draw(records: list[dict], world: tuple[int, int] = (0, 1), **config) -> np.ndarray:
    """An epoch as (batches, P, K) indices, drawn as process `world` = (rank, size)."""
    epoch_number = config.pop('number', 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f'{MODULE}.get_dist_info', lambda: world)
        sampler = IdentitySampler(records, **{'seed': 0, **config})
    sampler.set_epoch(epoch_number)
    indices = list(sampler)
    assert len(indices) == len(sampler)
    assert all(type(index) is int for index in indices[:3])
    return np.reshape(indices, (-1, config['num_ids'], config['num_instances']))


def exact_shares(weights: list[int], total: int, limit: int) -> list[Fraction]:
    """Proportional shares of `total`, none above `limit`: raise the level slowly."""
    shares = [Fraction(0)] * len(weights)
    fixed: set[int] = set()
    while True:
        free = [i for i in range(len(weights)) if i not in fixed]
        left = total - limit * len(fixed)
        for i in free:
            shares[i] = Fraction(weights[i] * left, sum(weights[j] for j in free))
        over = [i for i in free if shares[i] > limit]
        if not over:
            return shares
        for i in over:
            shares[i] = Fraction(limit)
        fixed.update(over)


@st.composite
def cases(draw_from: st.DrawFn) -> dict:
    counts = draw_from(st.lists(st.integers(1, 20), min_size=1, max_size=12))
    return dict(
        records=make_records(counts),
        counts=counts,
        config=dict(
            num_ids=draw_from(st.integers(1, len(counts))),
            num_instances=draw_from(st.integers(1, 6)),
            epoch=draw_from(st.sampled_from(['images', 'identities'])),
            repeat=draw_from(st.integers(1, 3)),
            seed=draw_from(st.integers(0, 2**31 - 1)),
        ),
    )


@settings(max_examples=150, deadline=None)
@given(cases())
def test_batches(case: dict) -> None:
    records, config = case['records'], case['config']
    batches = draw(records, **config)
    labels = labels_of(records)[batches]
    assert (labels == labels[..., :1]).all()
    for ids in labels[..., 0]:
        assert len(set(ids)) == config['num_ids']
    for visit in batches.reshape(-1, config['num_instances']):
        available = case['counts'][records[visit[0]]['gt_label']]
        uses = Counter(visit.tolist())
        # All images once, and those that repeat do so evenly.
        assert len(uses) == min(available, config['num_instances'])
        assert max(uses.values()) - min(uses.values()) <= 1


@settings(max_examples=150, deadline=None)
@given(cases())
def test_length_shares_and_even_use(case: dict) -> None:
    records, counts, config = case['records'], case['counts'], case['config']
    batches = draw(records, **config)
    by_images = config['epoch'] == 'images'
    weights = counts if by_images else [1] * len(counts)
    per_batch = config['num_ids'] * (config['num_instances'] if by_images else 1)
    number = max(1, sum(weights) * config['repeat'] // per_batch)
    assert len(batches) == number

    visited = labels_of(records)[batches[..., 0]].ravel()
    visits = np.bincount(visited, minlength=len(counts))
    shares = exact_shares(weights, number * config['num_ids'], number)
    for share, visit in zip(shares, visits.tolist(), strict=True):
        assert share.__floor__() <= visit <= share.__ceil__()

    # No image of an identity again before all of them, at every point of the epoch.
    used = np.zeros(len(records), dtype=int)
    of_label = [np.flatnonzero(labels_of(records) == i) for i in range(len(counts))]
    for visit in batches.reshape(-1, config['num_instances']):
        np.add.at(used, visit, 1)
        own = used[of_label[records[visit[0]]['gt_label']]]
        assert own.max() - own.min() <= 1


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(2, 4))
def test_processes_share_the_batch_of_one(case: dict, world_size: int) -> None:
    config = case['config']
    share = len(case['counts']) // world_size
    if share == 0:
        return
    config['num_ids'] = min(config['num_ids'], share)
    parts = [
        draw(case['records'], (rank, world_size), **config)
        for rank in range(world_size)
    ]
    together = {**config, 'num_ids': config['num_ids'] * world_size}
    whole = draw(case['records'], **together)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_market_like_epoch_in_proportion() -> None:
    rng = np.random.default_rng(0)
    counts = rng.integers(2, 33, size=100).tolist()
    records = make_records(counts)
    config = dict(num_ids=8, num_instances=4)
    labels = labels_of(records)
    uses = np.zeros(len(records))
    epochs = 60
    for number in range(epochs):
        batches = draw(records, **config, number=number)
        uses += np.bincount(batches.ravel(), minlength=len(records))
    per_identity = np.bincount(labels, uses) / epochs
    drawn = batches.size / len(records)
    # Also the identities of two or three images, which some epochs leave out.
    np.testing.assert_allclose(per_identity, np.multiply(counts, drawn), atol=1.3)
    assert abs(uses.mean() / epochs - drawn) < 1e-9


def test_few_images_are_seen_as_often_as_others() -> None:
    records = make_records([2] * 6 + [12] * 6)
    config = dict(num_ids=4, num_instances=4)
    epochs = 400
    batches = [draw(records, **config, number=n) for n in range(epochs)]
    uses = np.bincount(np.ravel(batches), minlength=len(records)) / epochs
    few = labels_of(records) < 6
    assert uses[few].mean() == pytest.approx(uses[~few].mean(), rel=0.08)


def test_mean_share_is_exact() -> None:
    weights = np.array([1, 2, 40, 5, 3])
    rng = np.random.default_rng(0)
    drawn = [share_out(22, weights, 14, rng) for _ in range(4000)]
    assert (np.sum(drawn, axis=1) == 22).all()
    exact = [float(share) for share in exact_shares(weights.tolist(), 22, 14)]
    assert exact[2] == 14
    np.testing.assert_allclose(np.mean(drawn, axis=0), exact, atol=0.04)


def test_visits_are_dealt_evenly_over_the_batches() -> None:
    visits = np.array([1, 2, 5, 3, 4])
    rng = np.random.default_rng(0)
    seen = np.zeros((5, len(visits)))
    for _ in range(3000):
        for number, batch in enumerate(deal(visits, 5, rng)):
            seen[number, batch] += 1
    expected = np.broadcast_to(visits / 5, seen.shape)
    np.testing.assert_allclose(seen / 3000, expected, atol=0.04)


def test_every_pair_of_identities_meets() -> None:
    """The company of an identity is drawn anew for every batch."""
    records = make_records([8] * 12)
    meetings = np.zeros((12, 12))
    for number in range(200):
        batches = draw(records, num_ids=4, num_instances=4, number=number)
        for ids in labels_of(records)[batches[..., 0]]:
            meetings[np.ix_(ids, ids)] += 1
    pairs = meetings[~np.eye(12, dtype=bool)]
    # 6 batches of 4 of 12: a pair meets with probability 4 * 3 / (12 * 11) in each.
    expected = 200 * 6 * 12 / 132
    assert pairs.mean() == pytest.approx(expected)
    assert pairs.min() > 0.7 * expected
    assert pairs.max() < 1.3 * expected


def test_identity_epoch_of_bdb() -> None:
    """SPEC 5.2: 751 identities, batches of 32 x 4, 23 iterations."""
    records = make_records([6] * 751)
    config = dict(num_ids=32, num_instances=4, epoch='identities')
    batches = draw(records, **config)
    assert len(batches) == 23
    assert np.bincount(labels_of(records)[batches[..., 0]].ravel()).max() == 1
    twice = draw(records, **config, repeat=2)
    assert len(twice) == 46
    visits = np.bincount(labels_of(records)[twice[..., 0]].ravel())
    assert set(visits.tolist()) == {1, 2}
    assert (visits == 1).sum() == 2 * 751 - 46 * 32


def test_image_epoch_of_rrid() -> None:
    """SPEC 3.4: four times all images, 808 batches of 16 x 4 for Market-1501."""
    counts = np.full(751, 17)
    counts[: 12936 - counts.sum()] += 1
    sampler = IdentitySampler(make_records(counts.tolist()), 16, 4, repeat=4, seed=0)
    assert len(sampler) == 808 * 64


@pytest.mark.parametrize('num_batches', [1, 7])
def test_an_epoch_of_so_many_batches(num_batches: int) -> None:
    records = make_records([5, 4, 6, 5])
    sampler = IdentitySampler(records, 2, 3, seed=0, num_batches=num_batches)
    labels = np.array([records[i]['gt_label'] for i in sampler])
    assert len(labels) == len(sampler) == num_batches * 6
    for batch in labels.reshape(-1, 2, 3):
        assert len({*batch.flatten()}) == 2
    with pytest.raises(ValueError, match='num_batches must be at least 1'):
        IdentitySampler(records, 2, 3, num_batches=0)


def test_bitwise_the_same_order() -> None:
    records = make_records([3, 9, 4, 1, 12, 6])
    config = dict(num_ids=3, num_instances=4)
    first, again = (draw(records, **config, number=3) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    for other in (dict(number=4), dict(seed=1)):
        changed = draw(records, **{**config, 'number': 3, **other})
        assert (changed != first).any()


def test_images_used_equally_are_drawn_by_lot() -> None:
    """Two of eight images a visit: each as often as others, and with each other one."""
    records = make_records([8] * 4)
    config = dict(num_ids=2, num_instances=2, epoch='identities')
    epochs = 700
    together = np.zeros((32, 32))
    for number in range(epochs):
        for pair in draw(records, **config, number=number).reshape(-1, 2):
            together[np.ix_(pair, pair)] += 1
    np.testing.assert_allclose(together.diagonal(), epochs / 4, rtol=0.35)
    labels = labels_of(records)
    same = (labels[:, None] == labels) & ~np.eye(32, dtype=bool)
    np.testing.assert_allclose(together[same], epochs / 28, atol=22)


def test_the_epoch_decides_the_order_and_no_iteration_does() -> None:
    """Training tells the epoch, also after resuming; nothing else may move it."""
    sampler = IdentitySampler(make_records([6] * 8), 4, 3, seed=0)
    orders = []
    for epoch in range(6):
        sampler.set_epoch(epoch)
        orders.append(list(sampler))
        assert list(sampler) == orders[-1]
    assert len(set(map(tuple, orders))) == 6
    sampler.set_epoch(2)
    assert list(sampler) == orders[2]


def test_order_does_not_touch_or_follow_the_global_generators() -> None:
    records = make_records([5] * 6)
    sampler = IdentitySampler(records, 2, 2, seed=5)
    np.random.seed(0)
    state = np.random.get_state()[1].copy()
    first = list(sampler)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    np.random.seed(1)
    assert list(sampler) == first


def test_seed_none_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f'{MODULE}.sync_random_seed', lambda: 77)
    records = make_records([5] * 6)
    assert list(IdentitySampler(records, 2, 2)) == list(
        IdentitySampler(records, 2, 2, seed=77)
    )


class Unreadable(BaseDataset):
    """Labels without pictures: asking for an item fails."""

    def load_data_list(self) -> list[dict]:
        return make_records([4, 2, 7])

    def prepare_data(self, idx: int) -> None:
        raise AssertionError(f'the sampler read picture {idx}')


def test_labels_without_pictures_also_from_wrappers() -> None:
    dataset = Unreadable()
    expected = draw(make_records([4, 2, 7]), num_ids=2, num_instances=2)
    found = draw(dataset, num_ids=2, num_instances=2)
    np.testing.assert_array_equal(found, expected)
    assert len(IdentitySampler(RepeatDataset(dataset, 3), 3, 1, seed=0)) == 39
    union = ConcatDataset([dataset, Unreadable()])
    batches = draw(union, num_ids=2, num_instances=5)
    labels = np.tile(labels_of(make_records([4, 2, 7])), 2)[batches]
    assert (labels == labels[..., :1]).all()


def test_labels_may_have_gaps() -> None:
    records = [dict(gt_label=label) for label in (900, 5, 5, 900, 5, 31)]
    batches = draw(records, num_ids=3, num_instances=2)
    assert sorted(labels_of(records)[batches[0, :, 0]]) == [5, 31, 900]


def test_small_data_set_gives_one_batch() -> None:
    batches = draw(make_records([1, 1, 1]), num_ids=3, num_instances=4)
    assert batches.shape == (1, 3, 4)


def test_a_large_identity_is_in_every_batch() -> None:
    records = make_records([100, 5, 5, 5])
    batches = draw(records, num_ids=2, num_instances=4)
    labels = labels_of(records)[batches[..., 0]]
    assert len(batches) == 115 // 8
    assert (labels == 0).any(axis=1).all()


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(epoch='batches'), "epoch must be one of .* got 'batches'"),
        (dict(num_ids=0), 'num_ids must be at least 1, got 0'),
        (dict(num_instances=-4), 'num_instances must be at least 1, got -4'),
        (dict(repeat=0), 'repeat must be at least 1, got 0'),
        (dict(num_ids=5), r'needs 5 distinct .* has 4; lower num_ids'),
    ],
)
def test_wrong_arguments(arguments: dict, message: str) -> None:
    config = dict(num_ids=2, num_instances=2, **{})
    with pytest.raises(ValueError, match=message):
        IdentitySampler(make_records([3] * 4), **{**config, **arguments})


def test_too_few_identities_for_all_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f'{MODULE}.get_dist_info', lambda: (0, 2))
    IdentitySampler(make_records([3] * 6), 3, 2, seed=0)
    with pytest.raises(ValueError, match=r'needs 6 .*num_ids=3 on 2 process'):
        IdentitySampler(make_records([3] * 5), 3, 2, seed=0)


def test_test_split_is_refused() -> None:
    records = [dict(gt_label=0), dict(gt_label=-1)]
    with pytest.raises(ValueError, match="record 1 has -1; use split='train'"):
        IdentitySampler(records, 1, 1)


def test_empty_data_set() -> None:
    with pytest.raises(ValueError, match='data set has 0'):
        IdentitySampler([], 1, 1)


def test_registered() -> None:
    config = dict(type='IdentitySampler', num_ids=2, num_instances=2)
    default = dict(dataset=make_records([3] * 4), seed=0)
    assert len(DATA_SAMPLERS.build(config, default_args=default)) == 12
