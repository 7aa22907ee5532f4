"""Errors by persons and by seeds, against sums in loops and many drawn test sets."""

import numpy as np
import pytest
import scipy.stats
from simulated_runs import RunModel

from mmreid.evaluation.functional import compare_repeated
from mmreid.evaluation.functional.uncertainty.clusters import ClusterSums
from mmreid.evaluation.functional.uncertainty.error_levels import (
    ErrorLevels,
    error_levels,
)


def draw(model, runs, seed=0):
    first, second, owners = model.draw(runs, np.random.default_rng(seed))
    return ClusterSums(np.concatenate([first, second]).T, owners), (first, second)


def test_variances_are_those_of_a_loop():
    groups, tables = draw(RunModel(persons=9), (3, 4))
    found = error_levels(groups, (3, 4))
    persons = np.repeat(np.arange(9), 2)
    of_persons = [
        np.array([[row[persons == p].mean() for p in range(9)] for row in table])
        - table.mean(axis=1, keepdims=True)
        for table in tables
    ]
    difference = of_persons[1].mean(axis=0) - of_persons[0].mean(axis=0)
    assert found.persons == pytest.approx(difference.var(ddof=1) / 9)
    for place, (table, centred) in enumerate(zip(tables, of_persons, strict=True)):
        means = [row.mean() for row in table]
        assert found.seeds[place] == pytest.approx(np.var(means, ddof=1))
        apart = [np.var(centred[:, p], ddof=1) for p in range(9)]
        assert found.interaction[place] == pytest.approx(sum(apart) / 9 / 8)
    test = scipy.stats.ttest_ind(
        *(table.mean(axis=1) for table in tables), equal_var=False
    )
    assert found.degrees_of_freedom() == pytest.approx(test.df)
    seeds = found.seeds[0] / 3 + found.seeds[1] / 4
    assert found.seed_error == pytest.approx(seeds**0.5)
    interaction = found.interaction[0] / 3 + found.interaction[1] / 4
    endless = max(0, found.persons - interaction)
    assert found.person_error == pytest.approx(endless**0.5)
    assert found.person_share == pytest.approx((endless / found.persons) ** 0.5)
    drawn = found.seeds[1] + found.interaction[1]
    assert found.seed_shares[1] == pytest.approx((found.seeds[1] / drawn) ** 0.5)


def test_errors_are_those_of_many_drawn_test_sets():
    model = RunModel(persons=40, affinity=1.0, seeds=(0.1, 0.2), answers=0.5)
    found = [error_levels(draw(model, (4, 5), seed)[0], (4, 5)) for seed in range(400)]
    answers = (0.5**2 + 0.1**2 / 2) / 40
    seeds = 0.1**2 / 4 + 0.2**2 / 5 + answers * (1 / 4 + 1 / 5)
    endless = 1 / 40
    assert np.mean([one.seed_error**2 for one in found]) == pytest.approx(
        seeds, rel=0.1
    )
    assert np.mean([one.person_error**2 for one in found]) == pytest.approx(
        endless, rel=0.1
    )
    # The two errors together are that of the difference.
    values = [
        second.mean() - first.mean()
        for first, second in (draw(model, (4, 5), seed)[1] for seed in range(400))
    ]
    assert np.var(values) == pytest.approx(seeds + endless, rel=0.2)
    assert np.mean([one.interaction[1] for one in found]) == pytest.approx(
        answers, rel=0.05
    )


def test_the_predicted_interval_is_the_one_that_is_made():
    for model in (RunModel(), RunModel(answers=2.0), RunModel(affinity=0.2)):
        widths = []
        for seed in range(15):
            groups, tables = draw(model, (6, 6), seed)
            predicted = error_levels(groups, (6, 6)).half_width(6, 0.95)
            owners = np.repeat(np.arange(30), 2)
            made = compare_repeated(*tables, owners, resamples=1000)
            widths.append((made.high - made.low) / 2 / predicted)
        assert np.mean(widths) == pytest.approx(1, abs=0.08)


def test_needed_runs_are_the_first_whose_interval_excludes_zero():
    levels = ErrorLevels((3, 3), 0.02, (0.09, 0.04), (0.01, 0.02))
    for value in (0.27, 0.3, 0.5, 1.0, 30.0):
        widths = [levels.half_width(runs, 0.95) for runs in range(2, 700)]
        wanted = 2 + next(i for i, width in enumerate(widths) if width < value)
        assert levels.needed_runs(value, 0.95) == wanted
        assert levels.needed_runs(-value, 0.95) == wanted
    assert levels.needed_runs(30.0, 0.95) == 2


def test_persons_that_are_too_few_cannot_be_made_up_for_by_runs():
    levels = ErrorLevels((3, 3), 0.02, (0.09, 0.04), (0.01, 0.02))
    edge = scipy.stats.norm.ppf(0.975) * np.sqrt(0.02 - 0.01)
    assert levels.endless_persons == pytest.approx(0.01)
    assert levels.needed_runs(0.999 * edge, 0.95) is None
    assert levels.needed_runs(0.0, 0.95) is None
    assert levels.needed_runs(edge * (1 + 1e-15), 0.95) is None
    many = levels.needed_runs(1.0001 * edge, 0.95)
    assert many > 1000
    assert levels.half_width(many, 0.95) < 1.0001 * edge
    assert levels.half_width(many - 1, 0.95) >= 1.0001 * edge


def test_more_runs_as_predicted_do_exclude_zero():
    model = RunModel(affinity=0.5, seeds=(0.3, 0.3), effect=0.5)
    truth = ErrorLevels((2, 2), 0.25 / 30, (0.09, 0.09), (0.0, 0.0))
    needed = truth.needed_runs(0.5, 0.95)
    assert 3 < needed < 12
    # The mean of the estimate lies on the edge, so that half of all draws exclude it.
    found = model.compare((needed, needed), 100, resamples=300)
    assert 0.3 < np.mean([one.low > 0 for one in found]) < 0.8
    found = model.compare((2 * needed, 2 * needed), 100, resamples=300)
    assert np.mean([one.low > 0 for one in found]) > 0.6


def test_runs_that_do_not_differ_have_no_error_by_seeds():
    values = np.random.default_rng(0).random((12, 1)).repeat(5, axis=1)
    levels = error_levels(ClusterSums(values, None), (2, 3))
    assert levels.seed_error == 0
    assert levels.degrees_of_freedom() == 3
    assert levels.needed_runs(1.0, 0.95) == 2
