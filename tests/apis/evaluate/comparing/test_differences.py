"""Differences between methods that were trained once or several times."""

import json

import numpy as np
import pytest
from drawn_results import METRICS, draw_result, draw_runs

from mmreid.apis import Resampling, compare_results
from mmreid.apis.evaluate.comparing.comparison_text import (
    format_comparison,
    write_comparisons,
)
from mmreid.apis.evaluate.comparing.differences import RunsDifference
from mmreid.apis.report.compared import differences_of, explain_intervals
from mmreid.evaluation.functional import compare_paired, compare_repeated

QUICK = Resampling(resamples=300)


def values_of(runs, metric):
    return np.stack([100 * run.table.scores[metric] for run in runs])


@pytest.mark.parametrize('by_person', [True, False])
def test_methods_with_several_runs_are_compared_over_runs_and_persons(by_person):
    first, second = draw_runs(3, 0), draw_runs(4, 10, shift=0.2)
    how = Resampling(resamples=300, confidence=0.9, seed=5, by_person=by_person)
    found = compare_results(dict(one=first, two=second), how).differences['two']
    owners = first[0].table.person_id if by_person else None
    assert isinstance(found, RunsDifference)
    assert found.runs == (3, 4)
    for place, metric in enumerate(METRICS):
        values = values_of(first, metric), values_of(second, metric)
        wanted = compare_repeated(
            *values, owners, resamples=300, confidence=0.9, seed=5
        )
        assert found.by_metric[place] == wanted
        for key in ('value', 'low', 'high', 'p_value'):
            assert getattr(found, key)[place] == getattr(wanted, key)


def test_runs_in_another_order_of_queries_are_the_same():
    first, second = draw_runs(2, 0), draw_runs(2, 10)
    order = np.random.default_rng(0).permutation(24)
    turned = [type(run)(run.name, {}, run.table.take(order)) for run in second]
    results = [
        compare_results(dict(one=first, two=two), QUICK).differences['two']
        for two in (second, turned)
    ]
    assert results[0].low == pytest.approx(results[1].low)


def test_a_single_run_leaves_the_persons_alone():
    first, second = draw_runs(1, 0), draw_runs(3, 10)
    comparison = compare_results(dict(one=first, two=second), QUICK)
    found = comparison.differences['two']
    assert not isinstance(found, RunsDifference)
    means = [values_of(runs, 'mAP').mean(axis=0) for runs in (first, second)]
    owners = first[0].table.person_id
    wanted = compare_paired(*means, owners, resamples=300)
    assert found.low[0] == pytest.approx(wanted.low)
    assert found.p_value[0] == wanted.p_value
    text = format_comparison(comparison)
    assert 'seeds are not covered' in text
    assert 'runs needed' not in text


def test_runs_on_one_person_are_compared_as_before():
    runs = [draw_result(seed, persons=1) for seed in range(4)]
    found = compare_results(dict(one=runs[:2], two=runs[2:]), QUICK)
    assert not isinstance(found.differences['two'], RunsDifference)


def test_the_text_says_what_was_drawn():
    runs = dict(
        one=draw_runs(3, 0), two=draw_runs(3, 10), three=draw_runs(2, 20, shift=-0.1)
    )
    two = compare_results({name: runs[name] for name in ('one', 'two')}, QUICK)
    text = format_comparison(two)
    assert '\n[]: 95 % intervals over 3 + 3 runs and 8 persons: bootstrap' in text
    assert '300 draws; with so many runs it is never below 0.1' in text
    assert 'seeds are not covered' not in text
    # Runs of three methods that are not as many are told apart.
    text = format_comparison(compare_results(runs, QUICK))
    assert '\nB - A: []: 95 % intervals over 3 + 3 runs and 8 persons' in text
    assert '\nC - A: []: 95 % intervals over 3 + 2 runs and 8 persons' in text
    assert text.count('runs needed: of each method') == 1
    # Beside one that was run once, so are those over persons.
    mixed = dict(runs, three=runs['three'][:1])
    text = format_comparison(compare_results(mixed, QUICK))
    assert '\nB - A: []: 95 % intervals over 3 + 3 runs' in text
    assert '\nC - A: seeds are not covered' in text
    assert '\n[]: 95 % intervals: percentile bootstrap over the 8 persons' in text
    how = Resampling(resamples=300, by_person=False)
    text = format_comparison(compare_results(runs, how))
    assert '3 + 3 runs and single queries' in text


def test_the_table_shows_how_many_runs_would_be_needed():
    runs = dict(one=draw_runs(3, 0), two=draw_runs(3, 10, shift=0.01))
    comparison = compare_results(runs, QUICK)
    head, first, *_ = format_comparison(comparison).split('\n\n')[1].splitlines()
    assert head.split('  ')[-1] == 'runs needed'
    needed = comparison.differences['two'].by_metric[0].needed_runs
    assert needed > 3
    assert first.split()[-1] == str(needed)


def test_the_file_has_what_seeds_and_persons_contribute(tmp_path):
    runs = dict(one=draw_runs(2, 0), two=draw_runs(3, 10), three=draw_runs(1, 20))
    comparison = compare_results(runs, QUICK)
    write_comparisons(tmp_path / 'c.json', {'': comparison})
    written = json.loads((tmp_path / 'c.json').read_text())
    assert written['correction'] is None
    found = written['methods']['two']['difference']['R1']
    wanted = comparison.differences['two'].by_metric[1]
    assert found == dict(
        value=wanted.value,
        low=wanted.low,
        high=wanted.high,
        confidence=0.95,
        p_value=wanted.p_value,
        seed_error=wanted.seed_error,
        person_error=wanted.person_error,
        runs=[2, 3],
        needed_runs=wanted.needed_runs,
        covers_seeds=True,
        least_p_value=1 / 10,
        student_p_value=wanted.student_p_value,
    )
    single = written['methods']['three']['difference']['R1']
    assert sorted(single) == ['covers_seeds', 'high', 'low', 'p_value', 'value']
    assert single['covers_seeds'] is False


def test_pages_show_the_interval_over_runs_and_say_so():
    runs = dict(one=draw_runs(3, 0), two=draw_runs(3, 10))
    comparison = compare_results(runs, QUICK)
    shown = differences_of(comparison, 'two')['mAP']
    wanted = comparison.differences['two'].by_metric[0]
    assert (shown.value, shown.low, shown.p_value) == (
        wanted.value,
        wanted.low,
        wanted.p_value,
    )
    assert ', those of differences over the runs too, ' in explain_intervals(comparison)
    mixed = compare_results(dict(runs, three=draw_runs(1, 20)), QUICK)
    told = explain_intervals(mixed)
    assert 'those of differences between several runs each over the runs too' in told
    single = compare_results(dict(one=draw_runs(1, 0), two=draw_runs(1, 10)), QUICK)
    assert 'runs' not in explain_intervals(single)


def test_metrics_are_chosen_before():
    runs = dict(one=draw_runs(2, 0), two=draw_runs(2, 10))
    found = compare_results(runs, QUICK, ['R1'])
    assert found.metrics == ('R1',)
    everything = compare_results(runs, QUICK)
    assert found.differences['two'].low[0] == everything.differences['two'].low[1]
    with pytest.raises(ValueError, match=r'have R3, R7; .*: mAP, R1'):
        compare_results(runs, QUICK, ['R1', 'R7', 'R3'])
