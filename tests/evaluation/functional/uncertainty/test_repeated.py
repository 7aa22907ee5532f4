"""Comparisons of methods with several runs: what they say, and how often they err."""

import math

import numpy as np
import pytest
from simulated_runs import CASES, RunModel, some_runs

from mmreid.evaluation.functional import compare_paired, compare_repeated

TRIALS = 250


def test_a_single_run_says_nothing_of_seeds():
    first, second, owners = some_runs((1, 3))
    found = compare_repeated(first, second, owners, resamples=300)
    paired = compare_paired(first[0], second.mean(axis=0), owners, resamples=300)
    for key in ('value', 'low', 'high', 'p_value'):
        assert getattr(found, key) == getattr(paired, key)
    assert not found.covers_seeds
    assert found.needed_runs is None
    assert np.isnan(found.seed_error)
    assert found.person_error > 0
    assert found.least_p_value == pytest.approx(2 / 2**7)
    assert found.student_p_value == found.p_value
    turned = compare_repeated(second, first, owners, resamples=300)
    assert not turned.covers_seeds
    assert turned.value == -found.value


def test_methods_exchange_their_parts():
    first, second, owners = some_runs((4, 4))
    one = compare_repeated(first, second, owners)
    other = compare_repeated(second, first, owners)
    assert other.value == pytest.approx(-one.value)
    # The ends' own random error.
    assert other.low == pytest.approx(-one.high, abs=0.01)
    assert other.p_value == pytest.approx(one.p_value, abs=0.02)
    for key in ('seed_error', 'person_error', 'needed_runs'):
        assert getattr(other, key) == pytest.approx(getattr(one, key))


def test_equal_runs_do_not_differ():
    first, _, owners = some_runs()
    found = compare_repeated(first, first, owners, resamples=500)
    assert (found.value, found.p_value, found.needed_runs) == (0, 1, None)
    assert found.low < 0 < found.high
    alone = np.repeat(first[:1], 3, axis=0)
    found = compare_repeated(alone, alone, owners, resamples=500)
    assert (found.low, found.high, found.p_value) == (0, 0, 1)


def test_runs_of_very_different_persons_do_not_hide_the_seeds():
    # Persons tell the networks apart without doubt; the seeds do not the methods.
    model = RunModel(affinity=0.0, seeds=(1.0, 1.0), effect=0.3)
    first, second, owners = model.draw((3, 3), np.random.default_rng(3))
    found = compare_repeated(first, second, owners)
    averages = first.mean(axis=0), second.mean(axis=0)
    assert compare_paired(*averages, owners).p_value < 0.001
    assert found.p_value >= 0.1
    assert found.low < 0 < found.high


def band(rate, trials=TRIALS):
    """Three binomial standard errors."""
    return 3 * math.sqrt(rate * (1 - rate) / trials)


@pytest.mark.parametrize(
    'runs',
    [
        (3, 3),
        (5, 5),
        pytest.param((2, 2), marks=pytest.mark.slow),
        pytest.param((3, 6), marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize('case', CASES)
def test_intervals_cover_and_tests_keep_their_level(case, runs):
    found = CASES[case].compare(runs, TRIALS, resamples=300)
    covered = np.mean([one.low <= 0 <= one.high for one in found])
    # The percentile bootstrap over 30 persons itself covers 94 %.
    assert covered > 0.94 - band(0.94)
    # Two runs are drawn in three ways only, which makes their interval wide.
    assert covered < (0.99 if min(runs) > 2 else 1)
    for level in (0.05, 0.2):
        for key in ('p_value', 'student_p_value'):
            rejected = np.mean([getattr(one, key) <= level for one in found])
            assert rejected < level + band(level)


def test_without_seeds_the_interval_is_too_narrow_for_methods():
    model = CASES['seeds']
    rng = np.random.default_rng(5)
    covered = []
    for _ in range(100):
        first, second, owners = model.draw((3, 3), rng)
        averages = first.mean(axis=0), second.mean(axis=0)
        found = compare_paired(*averages, owners, resamples=300)
        covered.append(found.low <= 0 <= found.high)
    assert np.mean(covered) < 0.5


@pytest.mark.parametrize(
    ('first', 'second', 'options', 'message'),
    [
        ([0.5, 1], [[0.5, 1]], {}, r'first must .* shape is \(2,\); write a single'),
        ([[0.5, 1]], np.zeros((2, 0)), {}, r'second must .* shape is \(2, 0\)'),
        ([[0.5, 1]], [[0.5, 1, 1]], {}, r'first and second are \(1, 2\) and \(1, 3\)'),
        (
            [[0.5, 1], [1, 1]],
            [[0.5, 1], [1, np.nan]],
            {},
            r'second: the value of run 1, query 1 is NaN .*1 of 4',
        ),
        ([[0.5, np.inf]], [[0.5, 1]], {}, 'first: the value of run 0, query 1'),
        ([[0.5, 1]], [[1, 1]], dict(clusters=[3, 3]), 'All queries show one person'),
        ([[0.5, 1]], [[1, 1]], dict(clusters=[3]), 'each of the 2 values'),
        ([[0.5, 1]], [[1, 1]], dict(resamples=0), 'at least 1, got 0'),
        ([[0, 1], [1, 1]], [[1, 1], [0, 1]], dict(confidence=95), 'got 95'),
    ],
)
def test_what_cannot_be_compared_is_refused(first, second, options, message):
    with pytest.raises(ValueError, match=message):
        compare_repeated(first, second, **options)
