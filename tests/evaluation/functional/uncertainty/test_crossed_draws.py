"""Drawn persons and runs against loops, full enumerations and SciPy."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from simulated_runs import RunModel, some_runs

from mmreid.evaluation.functional import compare_paired, compare_repeated

BLOCK_SIZE = 'mmreid.evaluation.functional.uncertainty.clusters.BLOCK_SIZE'


def student_to_normal(tables, confidence):
    """Welch's t test, as SciPy has it, beside the normal quantile."""
    means = [table.mean(axis=1) for table in tables]
    freedom = scipy.stats.ttest_ind(*means, equal_var=False).df
    upper = (1 + confidence) / 2
    return scipy.stats.t.ppf(upper, freedom) / scipy.stats.norm.ppf(upper)


def loop_shares(tables, owners):
    """Of the analysis of variance: the variances that count once, by those drawn."""
    labels = np.unique(owners)
    influence = [
        [
            [(row[owners == p] - row.mean()).sum() / len(owners) for p in labels]
            for row in table
        ]
        for table in tables
    ]
    few = len(labels) / (len(labels) - 1)
    apart = [
        few * sum(np.var(column, ddof=1) for column in zip(*rows, strict=True))
        for rows in influence
    ]
    one, two = (np.mean(rows, axis=0) for rows in influence)
    persons = few * sum((two - one) ** 2)
    alone = persons - sum(a / len(t) for a, t in zip(apart, tables, strict=True))
    seeds = [np.var(table.mean(axis=1), ddof=1) for table in tables]
    shares = [s / (s + a) for s, a in zip(seeds, apart, strict=True)]
    return math.sqrt(max(0, alone) / persons), np.sqrt(shares)


def loop_ends(tables, owners, resamples, confidence, seed):
    """Draw the same persons and runs, one resample at a time, query by query."""
    labels = np.unique(owners)
    person_share, seed_shares = loop_shares(tables, owners)
    persons = np.random.default_rng(seed)
    rng = np.random.default_rng((seed, 2))
    runs = [rng.integers(len(t), size=(resamples, len(t))) for t in tables]
    ratio = student_to_normal(tables, confidence)
    observed = tables[1].mean() - tables[0].mean()
    values = []
    for resample in range(resamples):
        drawn = labels[persons.integers(len(labels), size=len(labels))]
        queries = np.concatenate([np.flatnonzero(owners == one) for one in drawn])
        person_part, seed_part = -observed, 0.0
        for place, (table, drawn_runs) in enumerate(zip(tables, runs, strict=True)):
            sign = 2 * place - 1
            every = table[:, queries].mean()
            some = table[drawn_runs[resample]][:, queries].mean()
            expansion = math.sqrt(len(table) / (len(table) - 1)) * ratio
            person_part += sign * every
            seed_part += sign * seed_shares[place] * expansion * (some - every)
        values.append(observed + person_share * person_part + seed_part)
    tail = (1 - confidence) / 2
    return np.quantile(values, (tail, 1 - tail))


@pytest.mark.parametrize('runs', [(3, 4), (2, 2), (5, 2)])
def test_interval_equals_a_loop_over_resampled_persons_and_runs(runs):
    first, second, owners = some_runs(runs)
    found = compare_repeated(
        first, second, owners, resamples=60, confidence=0.8, seed=4
    )
    low, high = loop_ends((first, second), owners, 60, 0.8, 4)
    assert found.value == pytest.approx(second.mean() - first.mean())
    assert (found.low, found.high) == pytest.approx((low, high))
    assert (found.runs, found.covers_seeds, found.confidence) == (runs, True, 0.8)


def test_p_value_is_that_of_all_flips_and_arrangements():
    first, second, owners = some_runs((3, 3), persons=6)
    first, second = first - 0.1 * first.mean(axis=1, keepdims=True), second + 0.1
    sums = np.stack(
        [
            (second.mean(axis=0) - first.mean(axis=0))[owners == one].sum()
            for one in np.unique(owners)
        ]
    )
    means = np.concatenate([first, second]).mean(axis=1)
    observed = abs(second.mean() - first.mean()) - 1e-12
    extreme = []
    for signs in itertools.product((-1, 1), repeat=6):
        by_persons = np.dot(signs, sums) / len(owners)
        for chosen in itertools.combinations(range(6), 3):
            rest = [run for run in range(6) if run not in chosen]
            by_runs = means[list(chosen)].mean() - means[rest].mean()
            reached = max(abs(by_persons + by_runs), abs(by_persons), abs(by_runs))
            extreme.append(reached >= observed)
    exact = np.mean(extreme)
    found = compare_repeated(first, second, owners, resamples=40_000)
    assert 0.1 < exact < 0.9
    assert found.p_value == pytest.approx(exact, abs=0.01)


def test_p_value_is_never_below_that_of_the_persons_or_of_the_runs():
    rng = np.random.default_rng(1)
    for model in (RunModel(seeds=(0.01, 0.01)), RunModel(affinity=0.1)):
        first, second, owners = model.draw((4, 4), rng)
        found = compare_repeated(first, second, owners, resamples=5000)
        averages = first.mean(axis=0), second.mean(axis=0)
        persons = compare_paired(*averages, owners, resamples=5000)
        runs = scipy.stats.permutation_test(
            (first.mean(axis=1), second.mean(axis=1)),
            lambda a, b: np.mean(b) - np.mean(a),
            n_resamples=np.inf,
        )
        assert found.p_value >= persons.p_value
        assert found.p_value > runs.pvalue - 0.03


def test_student_p_value_of_alike_persons_is_that_of_welch():
    # Persons add next to nothing, so that the runs alone are to be compared.
    model = RunModel(affinity=0.0, answers=0.001, noise=0.001, seeds=(0.1, 0.3))
    for seed in range(4):
        draws = model.draw((4, 6), np.random.default_rng(seed))
        found = compare_repeated(*draws, resamples=20_000)
        means = (table.mean(axis=1) for table in draws[:2])
        welch = scipy.stats.ttest_ind(*means, equal_var=False)
        # Flips of the persons' differences, all of them the same, add a little.
        assert found.student_p_value == pytest.approx(welch.pvalue, abs=0.06)
        assert found.student_p_value > welch.pvalue - 0.01


def test_student_p_value_has_no_least_value_of_few_runs():
    model = RunModel(persons=200, effect=100.0)
    found = compare_repeated(*model.draw((5, 5), np.random.default_rng(2)))
    assert found.student_p_value < 0.001 < found.least_p_value <= found.p_value * 1.2


@pytest.mark.parametrize(('runs', 'least'), [((3, 3), 2 / 20), ((5, 4), 1 / 126)])
def test_a_large_difference_has_the_least_p_value_of_so_few_runs(runs, least):
    model = RunModel(persons=200, effect=100.0)
    first, second, owners = model.draw(runs, np.random.default_rng(2))
    found = compare_repeated(first, second, owners, resamples=20_000)
    assert found.least_p_value == pytest.approx(least)
    assert found.p_value == pytest.approx(least, rel=0.2)
    # Two persons can be flipped together in two of four ways.
    two = owners < 2
    found = compare_repeated(first[:, two], second[:, two], owners[two])
    assert found.least_p_value == 0.5
    few = compare_repeated(first, second, owners, resamples=4)
    assert few.least_p_value == 0.2


def test_many_blocks_are_one_stream_of_draws(monkeypatch):
    runs = some_runs()
    whole = compare_repeated(*runs, resamples=100)
    monkeypatch.setattr(BLOCK_SIZE, 40)
    parts = compare_repeated(*runs, resamples=100)
    for key in ('low', 'high', 'p_value'):
        assert getattr(parts, key) == pytest.approx(getattr(whole, key), rel=1e-12)
