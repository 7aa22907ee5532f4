"""P values of tables, corrected for the number of all that are shown."""

import json

import numpy as np
import pytest
from drawn_results import draw_runs

from mmreid.apis import Resampling, compare_results, correct_comparisons
from mmreid.apis.evaluate.comparing.comparison_text import (
    format_comparisons,
    write_comparisons,
)
from mmreid.evaluation.functional import correct_holm

QUICK = Resampling(resamples=400)


@pytest.fixture
def two_sets():
    """Three methods on two data sets: eight p values, some of them small."""
    return {
        place: compare_results(
            dict(
                one=draw_runs(1, seed),
                two=draw_runs(1, seed + 10, shift=0.15),
                three=draw_runs(1, seed + 20, shift=0.03),
            ),
            QUICK,
        )
        for seed, place in enumerate(('Town', 'Campus'))
    }


def p_values(comparisons):
    return np.concatenate(
        [d.p_value for c in comparisons.values() for d in c.differences.values()]
    )


def test_the_family_is_every_p_value_of_all_data_sets(two_sets):
    found = correct_comparisons(two_sets, 'holm')
    wanted = correct_holm(p_values(two_sets))
    corrected = np.concatenate(
        [p for c in found.values() for p in c.correction.p_values.values()]
    )
    assert corrected.tolist() == wanted.tolist()
    assert {c.correction.family for c in found.values()} == {8}
    assert list(found['Campus'].correction.p_values) == ['two', 'three']
    # What is not corrected stays as it is.
    assert p_values(found).tolist() == p_values(two_sets).tolist()
    assert p_values(found).min() < 0.05


def test_both_p_values_are_printed_and_written(two_sets, tmp_path):
    found = correct_comparisons(two_sets, 'holm')
    text = format_comparisons(found)
    row = next(line for line in text.splitlines() if line.startswith('mAP'))
    town = found['Town']
    raw = town.differences['two'].p_value[0]
    corrected = town.correction.p_values['two'][0]
    assert raw < corrected
    assert row.split()[-2:] == [f'{raw:.4f}', f'{corrected:.4f}']
    assert 'p (Holm): corrected for a family of 8, all p values printed here' in text
    assert 'not corrected' not in text
    write_comparisons(tmp_path / 'c.json', found)
    written = json.loads((tmp_path / 'c.json').read_text())['Town']
    assert written['correction'] == dict(kind='holm', family=8)
    cell = written['methods']['two']['difference']['mAP']
    assert cell['p_value'] == raw
    assert cell['corrected_p_value'] == corrected


def test_without_a_correction_nothing_changes(two_sets):
    found = correct_comparisons(two_sets)
    assert found == two_sets
    assert all(one.correction is None for one in found.values())
    text = format_comparisons(found)
    assert '(Holm)' not in text
    assert 'p values are not corrected for the number of comparisons' in text


def test_runs_of_several_seeds_are_corrected_too():
    runs = dict(one=draw_runs(4, 0), two=draw_runs(4, 10, shift=0.5))
    (found,) = correct_comparisons({'': compare_results(runs, QUICK)}, 'holm').values()
    raw = found.differences['two'].p_value
    assert found.correction.p_values['two'] == pytest.approx(
        np.minimum(1, [2 * raw.min()] * 2), abs=raw.max() - raw.min() + 1e-12
    )
    # Of 70 arrangements of runs, two are as they are.
    assert found.correction.least == pytest.approx(2 * 2 / 70)
    text = format_comparisons({'': found})
    assert 'with so many runs none of them can be below 0.057' in text
    head = text.split('\n\n')[1].splitlines()[0]
    assert head.split()[-5:] == ['p', 'p', '(Holm)', 'runs', 'needed']


def test_more_runs_or_fewer_comparisons_can_be_enough():
    runs = dict(one=draw_runs(4, 0), two=draw_runs(4, 10, shift=0.5))
    how = Resampling(resamples=4000)
    comparison = compare_results(runs, how, ['mAP'])
    (found,) = correct_comparisons({'': comparison}, 'holm').values()
    assert found.correction.least == pytest.approx(2 / 70)
    assert 'can be below' not in format_comparisons({'': found})
    # A method that was run once has a p value over persons alone.
    runs['three'] = draw_runs(1, 20)
    (found,) = correct_comparisons({'': compare_results(runs, how)}, 'holm').values()
    assert found.correction.least == 0


def test_nothing_tested_is_nothing_corrected():
    alone = {'': compare_results(dict(one=draw_runs(2, 0)), QUICK)}
    assert correct_comparisons(alone, 'holm') == alone


def test_other_corrections_are_refused(two_sets):
    with pytest.raises(ValueError, match=r"one of .*'holm'.* got 'bonferroni'"):
        correct_comparisons(two_sets, 'bonferroni')
