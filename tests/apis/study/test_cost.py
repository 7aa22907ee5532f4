import math

import pytest
from study_records import describe_run, draw_results

from mmreid.apis.study.cost import StudyCost, estimate_cost
from mmreid.apis.study.planning import plan_study
from mmreid.apis.study.records import StudyRecords


def test_runs_cost_what_those_of_their_method_took(make_study, tmp_path):
    records = StudyRecords(tmp_path / 'toy.jsonl')
    for seed, seconds in enumerate((100.0, 900.0, None, 200.0)):
        record = describe_run('A', seed, seconds=seconds)
        records.add(record, draw_results(seed))
    records.add(describe_run('B', 0, seconds=None), draw_results(0))
    study = make_study('[4, 5, 6]', A=[], B=[])
    runs = plan_study(study)
    cost = estimate_cost(runs[:5], records, parallel=2)
    assert cost.runs == dict(A=3, B=2)
    assert cost.seconds['A'] == 200.0  # the median of those that are known
    assert math.isnan(cost.seconds['B'])
    # B counts as the mean of the others.
    assert cost.total == (3 * 200 + 2 * 200) / 2
    lines = str(cost).splitlines()
    assert lines[1].split() == ['A', '3', '3.3']
    assert lines[2].split() == ['B', '2', '?']
    assert lines[-1] == '5 runs, 2 at the same time: about 0 h 8 min'


def test_where_nothing_tells(make_study, tmp_path):
    records = StudyRecords(tmp_path / 'toy.jsonl')
    cost = estimate_cost(plan_study(make_study('[0]', A=[])), records)
    assert math.isnan(cost.total)
    assert 'nothing tells how long (--measure times a few steps)' in str(cost)
    assert str(estimate_cost([], records)).endswith('0 runs, 1 at the same time')


@pytest.mark.parametrize(
    ('seconds', 'told'),
    [(0, '0 h 0 min'), (3599, '1 h 0 min'), (3600, '1 h 0 min'), (9000, '2 h 30 min')],
)
def test_hours_and_minutes(seconds, told):
    assert str(StudyCost(dict(A=1), dict(A=seconds), 1)).endswith(f'about {told}')
