"""The order of methods on a synthetic set and on real ones, against slow versions."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from loop_tau import loop_tau

from mmreid.apis.study.ordering import order_agreement
from mmreid.apis.study.published import printed_scores

PUBLISHED = Path(__file__).parents[3] / 'docs/evidence/published.json'
NAMES = [f'method {number}' for number in range(12)]


def tables(seed, noise=1.0, sets=('A', 'B', 'C')):
    """Printed scores of methods of known strength; every set lacks one of them."""
    rng = np.random.default_rng(seed)
    found = {}
    for number, which in enumerate(sets):
        values = np.arange(12) + rng.normal(0, noise, 12)
        found[which] = dict(zip(NAMES, values.tolist(), strict=True))
        del found[which][NAMES[3 * number]]
    return found


def runs(seed, noise=0.0, count=5, slope=1.0):
    rng = np.random.default_rng(seed)
    return {
        name: slope * number + noise * rng.normal(size=count)
        for number, name in enumerate(NAMES)
    }


def test_taus_are_those_of_the_methods_that_both_have():
    scores, published = runs(0, noise=2.0), tables(1, noise=2.0)
    published['A']['unknown to us'] = 50.0
    scores['unknown to them'] = np.array([np.nan])
    found = order_agreement(scores, published, resamples=200)
    means = {name: values.mean() for name, values in scores.items()}
    for which, rows in published.items():
        known = [name for name in NAMES if name in rows]
        expected = loop_tau([means[n] for n in known], [rows[n] for n in known])
        assert found.ours[which].value == pytest.approx(expected)
        assert found.ours[which].num_methods == 11
    assert found.real.keys() == {*combinations('ABC', 2)}
    for (a, b), agreement in found.real.items():
        known = [n for n in NAMES if n in published[a] and n in published[b]]
        columns = [[published[which][n] for n in known] for which in (a, b)]
        assert agreement.value == pytest.approx(loop_tau(*columns))
    ours, real = ([r.value for r in g.values()] for g in (found.ours, found.real))
    assert found.mean == pytest.approx(np.mean(ours))
    assert found.bar == pytest.approx(np.mean(real))
    assert found.gap == pytest.approx(found.mean - found.bar)
    assert found.low <= found.gap <= found.high


def test_interval_of_the_gap_is_that_of_a_slow_bootstrap():
    scores, published = runs(2, noise=3.0, count=4), tables(3, noise=3.0)
    found = order_agreement(scores, published, resamples=4000)
    rng = np.random.default_rng(0)
    gaps = []
    for _ in range(1500):
        means = {
            name: values.mean()
            + np.sqrt(4 / 3) * (rng.choice(values, 4).mean() - values.mean())
            for name, values in scores.items()
        }
        drawn = rng.choice(NAMES, 12)
        orders = [means, *published.values()]
        taus = {}
        for a, b in combinations(range(4), 2):
            both = [n for n in drawn if n in orders[a] and n in orders[b]]
            taus[a, b] = loop_tau(*([orders[i][n] for n in both] for i in (a, b)))
        ours = np.mean([value for pair, value in taus.items() if pair[0] == 0])
        gaps.append(ours - np.mean([v for pair, v in taus.items() if pair[0]]))
    expected = np.quantile(gaps, (0.025, 0.975))
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=0.05)


def test_the_opposite_order_is_below_the_bar_and_the_same_is_not():
    published = tables(4)
    same = order_agreement(runs(5), published, resamples=500)
    opposite = order_agreement(runs(5, slope=-1.0), published, resamples=500)
    assert same.high >= same.gap > 0
    assert opposite.high < 0
    assert opposite.mean == pytest.approx(-same.mean)
    assert opposite.bar == same.bar


def test_doubt_of_the_runs_is_in_the_intervals():
    published = tables(6, noise=0.01)
    narrow = runs(7, noise=1e-6)
    # The means stay where they are.
    wide = {
        name: values.mean() + 8 * np.array([-1, 1, -1, 1, 0])
        for name, values in narrow.items()
    }
    sure, unsure = (
        order_agreement(scores, published, resamples=1000) for scores in (narrow, wide)
    )
    assert unsure.mean == sure.mean
    assert unsure.low < sure.low
    assert unsure.ours['A'].low < sure.ours['A'].low
    assert unsure.real['A', 'B'] == sure.real['A', 'B']


def test_sets_with_few_methods_in_common_are_left_out():
    published = tables(8)
    published['few'] = {name: published['A'][name] for name in NAMES[4:9]}
    published['equal'] = dict.fromkeys(NAMES, 70.0)
    found = order_agreement(runs(9), published, resamples=100)
    assert found.ours.keys() == {*'ABC'}
    assert found.real.keys() == {*combinations('ABC', 2)}
    more = order_agreement(runs(9), published, fewest=5, resamples=100)
    assert more.ours.keys() == {*'ABC', 'few'}
    # Five methods that are drawn anew tell nothing.
    assert (more.ours['few'].low, more.ours['few'].high) == (-1, 1)


def test_without_a_second_real_set_there_is_no_bar():
    found = order_agreement(runs(10), tables(11, sets='A'), resamples=100)
    assert found.mean > 0
    assert np.isnan([found.bar, found.gap, found.low, found.high]).all()
    assert np.isnan(order_agreement(runs(10), {}, resamples=100).mean)


@pytest.mark.parametrize(
    ('scores', 'options', 'match'),
    [
        ({NAMES[0]: np.array([])}, {}, 'method 0 needs the score of each'),
        ({NAMES[1]: np.array([1.0, np.nan])}, {}, 'method 1 needs the score of each'),
        ({NAMES[2]: np.array(1.0)}, {}, 'method 2 needs the score of each'),
        ({}, dict(fewest=2), 'fewest must be at least 3, got 2'),
        ({}, dict(resamples=0), 'resamples must be at least 1, got 0'),
        ({}, dict(confidence=95), 'confidence must be a number above 0 and below 1'),
    ],
)
def test_errors(scores, options, match):
    with pytest.raises(ValueError, match=match):
        order_agreement(runs(0) | scores, tables(0), **options)


def test_what_is_printed_orders_methods_alike_on_real_sets():
    published = printed_scores(json.loads(PUBLISHED.read_text('utf-8')))
    assert published.keys() == {'Market-1501', 'DukeMTMC-reID', 'MSMT17', 'CUHK03'}
    names = {name for rows in published.values() for name in rows}
    scores = {name: np.array([published['Market-1501'][name]]) for name in names}
    found = order_agreement(scores, published, resamples=200)
    assert found.ours['Market-1501'].value == 1
    for which in ('DukeMTMC-reID', 'MSMT17', 'CUHK03'):
        pair = found.real['Market-1501', which]
        assert pair.value == found.ours[which].value > 0
        assert pair.num_methods >= 8


@pytest.mark.slow
def test_a_set_that_is_worth_a_real_one_is_seldom_below_the_bar():
    """Four real sets and ours differ from what is true alike: the gap is chance."""
    rng = np.random.default_rng(12345)
    outside = 0
    for number in range(200):
        published = tables(number, noise=3.0, sets='ABCD')
        own = np.arange(12) + rng.normal(0, 3.0, 12)
        scores = {
            name: value + 0.5 * rng.normal(size=5)
            for name, value in zip(NAMES, own, strict=True)
        }
        found = order_agreement(scores, published, resamples=300)
        outside += not found.low <= 0 <= found.high
    # Intervals of 95 % would leave zero out ten times; these are wider.
    assert outside <= 16
