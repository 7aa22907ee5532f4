import statistics
from dataclasses import replace
from itertools import product

import pytest
from study_records import describe_run, draw_records, draw_results

from mmreid.apis.study.definition import Contrast, StudiedMethod, Study
from mmreid.apis.study.findings import Claim, find_differences
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.writing.table import (
    finding_rows,
    format_claim,
    format_p,
    format_study,
    method_rows,
    points,
)


def make_study(*contrasts, names='ABC'):
    return Study(
        title='Toy',
        methods={name: StudiedMethod(name, 'toy/toy_r18.py') for name in names},
        seeds=(0, 1, 2),
        contrasts=tuple(Contrast(*pair) for pair in contrasts),
    )


def test_methods_with_their_scores(tmp_path):
    records = draw_records(tmp_path / 'toy.jsonl', dict(B=(3, 0.1), A=(1, 0.0)))
    head, first, second = method_rows(make_study(), records)
    assert head == ['method', 'seeds', 'mAP', 'mINP', 'R1', 'minutes']
    # The study's order; without runs there is no row.
    assert [row[:2] for row in (first, second)] == [['A', '1'], ['B', '3']]
    runs = records.of_method('B').values()
    for place, score in enumerate(('mAP', 'mINP', 'R1'), 2):
        values = [100 * statistics.fmean(run.values[score]) for run in runs]
        told = f'{statistics.fmean(values):.1f} ± {statistics.stdev(values):.1f}'
        assert second[place] == told
        assert '±' not in first[place]
    assert second[-1] == '1.5'


def test_minutes_are_of_uninterrupted_runs(tmp_path):
    records = StudyRecords(tmp_path / 'toy.jsonl')
    for seed, seconds in enumerate((60, None, 180, 600)):
        records.add(describe_run('A', seed, seconds=seconds), draw_results(seed))
    records.add(describe_run('B', 0, seconds=None), draw_results(0))
    _, first, second = method_rows(make_study(), records)
    assert (first[-1], second[-1]) == ('3.0', '-')


def test_comparisons_with_what_they_are_worth(tmp_path):
    records = draw_records(
        tmp_path / 'toy.jsonl', dict(A=(4, 0.3), B=(3, 0.0), C=(1, 0.0))
    )
    study = make_study(('A', 'B'), ('A', 'C'))
    findings = find_differences(study, records, resamples=300)
    head, first, second = (
        dict(zip(finding_rows(findings)[0], row, strict=True))
        for row in finding_rows(findings)
    )
    assert list(head) == list(head.values())
    tested = findings[0].tested
    assert first['seeds'] == '4 / 3'
    assert first['mAP'] == f'{tested.value:+.1f}'
    assert first['interval'] == f'{tested.low:+.1f} to {tested.high:+.1f}'
    assert first['p'] == f'{tested.p_value:.3f}'
    assert first['corrected p'] == f'{findings[0].corrected:.3f} (of 2)'
    assert first['seeds needed'] == str(tested.needed_runs)
    assert (first['verdict'], first['papers']) == ('different', '-')
    # A single seed tells nothing of seeds, and its row says so.
    assert second['seeds'] == '4 / 1'
    assert second['verdict'] == 'different (persons alone)'
    assert second['seeds needed'] == '?'


def test_persons_that_are_too_few(tmp_path):
    records = StudyRecords(tmp_path / 'toy.jsonl')
    for method, seed in product('AB', range(3)):
        records.add(describe_run(method, seed), draw_results(seed))
    [finding] = find_differences(make_study(('A', 'B')), records, resamples=300)
    assert finding.tested.needed_runs is None
    rows = finding_rows([finding])
    assert dict(zip(*rows, strict=True))['seeds needed'] == 'more persons'


def test_seeds_that_nobody_will_run(tmp_path):
    records = draw_records(tmp_path / 'toy.jsonl', dict(A=(3, 0.0), B=(3, 0.0)))
    [found] = find_differences(make_study(('A', 'B')), records, resamples=300)
    for needed, told in [(1000, '1000'), (1001, '> 1,000'), (426176, '> 1,000')]:
        finding = replace(
            found,
            differences={
                **found.differences,
                'mAP': replace(found.tested, needed_runs=needed),
            },
        )
        rows = finding_rows([finding])
        assert dict(zip(*rows, strict=True))['seeds needed'] == told


def test_as_text(tmp_path):
    records = draw_records(tmp_path / 'toy.jsonl', dict(A=(2, 0.1), B=(2, 0.0)))
    study = make_study(('A', 'B'))
    text = format_study(study, records, find_differences(study, records, 200))
    methods, comparisons, note = text.split('\n\n')
    assert [line.split()[0] for line in methods.splitlines()] == ['method', 'A', 'B']
    assert comparisons.splitlines()[1].split()[:2] == ['A', 'B']
    assert 'Holm' in note
    assert format_study(study, records, []) == methods


@pytest.mark.parametrize(
    ('value', 'told'),
    [(1.25, '+1.2'), (-0.06, '-0.1'), (0.04, '0.0'), (-0.04, '0.0'), (12, '+12.0')],
)
def test_points(value, told):
    assert points(value) == told


def test_small_p_values():
    assert [*map(format_p, (0.0009, 0.001, 1))] == ['< 0.001', '0.001', '1.000']


def test_claims():
    claim = Claim('Market-1501 single query', 60.5, 58.0, 'mAP', 'Table 1')
    assert format_claim(claim) == 'Market-1501 +2.5'
    other = Claim('CUHK03 new, labeled', 50, 58, 'R1', 'Table 2', 'Another trunk.')
    assert format_claim(other) == 'CUHK03 new, labeled about -8.0 R1'
