"""Kendall's tau, its interval and its p value against SciPy, loops, enumerations."""

import itertools

import numpy as np
import pytest
import scipy.stats
from loop_tau import loop_tau

from mmreid.evaluation.functional import discordant_pairs, rank_agreement

ROOM = 'mmreid.evaluation.functional.uncertainty'


def some_scores(count, seed=0, digits=3):
    rng = np.random.default_rng(seed)
    first = rng.random(count)
    second = first + 0.5 * rng.random(count)
    return first.round(digits), second.round(digits)


@pytest.mark.parametrize('digits', [1, 3])
@pytest.mark.parametrize('count', [3, 6, 15])
def test_tau_agrees_with_scipy_and_a_loop(count, digits):
    for seed in range(5):
        first, second = some_scores(count, seed, digits)
        found = rank_agreement(first, second, resamples=50)
        theirs = scipy.stats.kendalltau(first, second)
        assert found.value == pytest.approx(theirs.statistic)
        assert found.value == pytest.approx(loop_tau(first, second))
        assert found.num_methods == count
        pairs = [
            [i, j]
            for i, j in itertools.combinations(range(count), 2)
            if (first[i] - first[j]) * (second[i] - second[j]) < 0
        ]
        assert found.num_discordant == len(pairs)
        assert discordant_pairs(first, second).reshape(-1, 2).tolist() == pairs
        if len({*first}) == len({*second}) == count:
            assert found.p_value == pytest.approx(theirs.pvalue)


@pytest.mark.parametrize('count', [3, 6])
def test_p_value_of_tied_scores_is_that_of_all_orders(count):
    for seed in range(4):
        first, second = some_scores(count, seed)
        second[1] = second[0]
        orders = itertools.permutations(range(count))
        taus = np.array([loop_tau(first[list(order)], second) for order in orders])
        found = rank_agreement(first, second, resamples=10)
        exact = (np.abs(taus) >= abs(found.value) - 1e-9).mean()
        assert found.p_value == pytest.approx(exact)


def test_p_value_of_many_tied_scores_agrees_with_random_orders():
    rng = np.random.default_rng(3)
    first = rng.random(14)
    second = (first + rng.random(14)).round(1)
    second[1] = second[0]
    found = rank_agreement(first, second, resamples=20_000)
    theirs = scipy.stats.kendalltau(first, second, method='asymptotic')
    assert 0.02 < theirs.pvalue < 0.5
    assert found.p_value == pytest.approx(theirs.pvalue, abs=0.03)
    least = rank_agreement(np.arange(12), np.arange(12) // 2, resamples=1000)
    assert least.p_value == pytest.approx(1 / 1001)


def loop_ends(first, second, resamples, confidence, seed):
    """Draw the same methods, one resample at a time."""
    first, second = np.atleast_2d(first), np.atleast_2d(second)
    rng = np.random.default_rng(seed)
    count = first.shape[1]
    methods = rng.integers(count, size=(resamples, count))
    rows = [rng.integers(len(table), size=resamples) for table in (first, second)]
    taus = []
    for drawn, one, two in zip(methods, *rows, strict=True):
        tau = loop_tau(first[one][drawn], second[two][drawn])
        taus.append(np.nan if len(set(drawn)) < 3 else tau)
    tail = (1 - confidence) / 2
    low = np.quantile(np.nan_to_num(taus, nan=-1), tail)
    return low, np.quantile(np.nan_to_num(taus, nan=1), 1 - tail)


@pytest.mark.parametrize('digits', [1, 3])
@pytest.mark.parametrize('resampled', [False, True])
def test_interval_equals_a_loop_over_resampled_methods(resampled, digits):
    first, second = some_scores(9, digits=digits)
    if resampled:
        first = first + 0.1 * np.random.default_rng(1).standard_normal((20, 9))
    found = rank_agreement(first, second, resamples=80, confidence=0.8, seed=3)
    low, high = loop_ends(first, second, 80, 0.8, 3)
    mean = first.mean(axis=0) if resampled else first
    assert found.value == pytest.approx(loop_tau(mean, second))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.confidence == 0.8


def test_doubt_about_scores_widens_the_interval():
    first = np.arange(12.0)
    second = first + 3 * np.random.default_rng(2).standard_normal(12)
    sure = rank_agreement(first, second)
    doubt = first + 3 * np.random.default_rng(3).standard_normal((500, 12))
    unsure = rank_agreement(doubt, second)
    assert unsure.high - unsure.low > 1.1 * (sure.high - sure.low)
    turned = rank_agreement(second, doubt)
    assert turned.low == pytest.approx(unsure.low, abs=0.05)


@pytest.mark.parametrize('count', [3, 4, 5])
def test_so_few_methods_bound_nothing(count):
    first, second = some_scores(count)
    found = rank_agreement(first, second)
    assert (found.low, found.high) == (-1, 1)


def test_fewer_methods_give_wider_intervals():
    rng = np.random.default_rng(4)
    widths = []
    for count in (7, 15, 60):
        draws = rng.standard_normal((2, 20, count))
        draws[1] += draws[0]
        found = [rank_agreement(*draws[:, i], resamples=500) for i in range(20)]
        widths.append(np.mean([one.high - one.low for one in found]))
    assert widths[0] > 1.3 * widths[1] > 1.3**2 * widths[2]


@pytest.mark.parametrize(
    ('count', 'ends'), [(6, (-1, 1)), (10, (0, 0.9)), (30, (0.3, 0.7))]
)
def test_what_is_said_of_a_middling_agreement(count, ends):
    """The docstring's example: where tau is 0.5."""
    rng = np.random.default_rng(0)
    found = []
    while len(found) < 25:
        first, noise = rng.standard_normal((2, count))
        found.append(rank_agreement(first, first + noise, resamples=300))
        if abs(found[-1].value - 0.5) > 0.1:
            found.pop()
    means = np.mean([(one.low, one.high) for one in found], axis=0)
    assert means == pytest.approx(ends, abs=0.07)


def test_the_interval_covers_the_agreement_of_all_methods():
    # Of two normal variables with correlation r, tau is 2 / pi * arcsin(r).
    correlation = 0.7
    truth = 2 / np.pi * np.arcsin(correlation)
    rng = np.random.default_rng(5)
    covered = []
    for _ in range(300):
        first = rng.standard_normal(20)
        noise = np.sqrt(1 - correlation**2) * rng.standard_normal(20)
        found = rank_agreement(first, correlation * first + noise, resamples=400)
        covered.append(found.low <= truth <= found.high)
    assert np.mean(covered) > 0.95 - 0.04


def test_full_agreement_is_not_certainty():
    scores = np.arange(9.0)
    found = rank_agreement(scores, scores**3)
    # Four pairs without a common method: Clopper and Pearson's bound for 4 of 4.
    bound = scipy.stats.binomtest(4, 4).proportion_ci().low
    assert found.value == found.high == 1
    assert found.low == pytest.approx(2 * bound - 1)
    opposite = rank_agreement(scores, -scores)
    assert (opposite.value, opposite.low) == (-1, -1)
    assert opposite.high == pytest.approx(1 - 2 * bound)
    assert opposite.p_value == found.p_value == pytest.approx(2 / 362_880)


def test_many_blocks_are_one_stream_of_draws(monkeypatch):
    first, second = some_scores(9, digits=1)
    first = first + np.random.default_rng(6).random((5, 9)).round(1)
    whole = rank_agreement(first, second, resamples=200)
    for file in ('kendall', 'exchanged_orders'):
        monkeypatch.setattr(f'{ROOM}.{file}.BLOCK_SIZE', 900)
    assert rank_agreement(first, second, resamples=200) == whole


@pytest.mark.parametrize(
    ('first', 'second', 'options', 'message'),
    [
        ([1, 2], [1, 2], {}, r'first must .* at least three methods.*\(2,\)'),
        ([1, 2, 3], np.zeros((2, 2, 3)), {}, r'second must .*\(2, 2, 3\)'),
        ([1, 2, 3], np.zeros((0, 3)), {}, r'second must .*\(0, 3\)'),
        ([1, 2, 3], [1, 2, 3, 4], {}, '3 scores and second 4'),
        ([1, np.nan, 3], [1, 2, 3], {}, 'first: the score of method 1 is NaN'),
        ([[1, 2, 3], [1, 2, np.inf]], [1, 2, 3], {}, 'first: the score of method 2'),
        ([1, 2, 3], [7, 7, 7], {}, 'second scores all methods alike, 7.0'),
        ([1, 2, 3], [1, 2, 3], dict(resamples=0), 'at least 1, got 0'),
        ([1, 2, 3], [1, 2, 3], dict(confidence=95), 'got 95'),
    ],
)
def test_what_cannot_be_ordered_is_refused(first, second, options, message):
    with pytest.raises(ValueError, match=message):
        rank_agreement(first, second, **options)
    if not options:
        with pytest.raises(ValueError, match=message):
            discordant_pairs(first, second)
