"""Further tests of networks that a study has trained."""

import json
from dataclasses import replace

import pytest
from study_records import draw_results

from mmreid.apis.study.definition import read_study
from mmreid.apis.study.further_tests import further_records, untested_runs
from mmreid.apis.study.planning import plan_study
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.running import StudyRunner

OPTION = 'test_dataloader.dataset.data_root=b'


@pytest.fixture
def study(make_study, tmp_path):
    make_study('[0, 1]', A=[], B=['model.width=8'], C=['model.width=16'])
    file = tmp_path / 'toy.py'
    file.write_text(f"{file.read_text()}tests = {{'Less of it': ['{OPTION}']}}\n")
    return read_study(file)


@pytest.fixture
def runner(study, tmp_path, tools):
    """A runner whose trainings are done, with a checkpoint of seed 0 alone."""
    runner = StudyRunner(
        study, StudyRecords(tmp_path / 'toy.jsonl'), tmp_path / 'work', tools
    )
    runner.run_all(plan_study(study), lambda *_: None)
    for run in plan_study(study):
        weights = tmp_path / 'work' / run.name / 'epoch_2.pth'
        mark = weights.with_name('last_checkpoint')
        if mark.exists():
            mark.write_text(str(weights))
        if run.seed == 0 and mark.exists():
            weights.touch()
    (tools / 'begun.txt').unlink()
    # The other test set has other queries.
    results = json.dumps(draw_results(7, persons=5))
    (tools / 'results_0.json').write_text(results)
    return runner


def test_what_has_its_weights_is_tested_once(study, runner, tmp_path, tools):
    test = study.tests['Less of it']
    further = further_records(runner.records, test)
    assert further.file == tmp_path / 'toy.less-of-it.jsonl'
    runs = plan_study(study)
    untested = untested_runs(runs, runner.records, further, runner.work_dir)
    # B is A's network, which was trained in A's folder.
    assert [run.name for run in untested] == ['a/seed_00', 'c/seed_00', 'b/seed_00']
    tester = replace(runner, records=further, test=test)
    assert tester.run_all(untested[:2], lambda *_: None) == []
    lines = (tools / 'begun.txt').read_text().splitlines()
    assert [line.split()[:2] for line in lines] == [['test.py', 'a'], ['test.py', 'c']]
    log = runner.work_dir / '_tests' / 'less-of-it' / 'a' / 'seed_00' / 'output.log'
    command = log.read_text().splitlines()[0]
    assert str(runner.work_dir / 'a' / 'seed_00' / 'epoch_2.pth') in command
    assert OPTION in command
    kept = StudyRecords(further.file)
    assert kept.runs.keys() == {('A', 0), ('C', 0)}
    assert kept.runs['C', 0].options[-2:] == ('model.width=16', OPTION)
    assert len(kept.persons) == 15
    # What is known of A is known of B.
    untested = untested_runs(runs, runner.records, kept, runner.work_dir)
    assert [run.name for run in untested] == ['b/seed_00']
    replace(tester, records=kept).run_all(untested, lambda *_: None)
    assert len((tools / 'begun.txt').read_text().splitlines()) == 2
    assert untested_runs(runs, runner.records, kept, runner.work_dir) == []
    # The study's own runs are as before.
    assert len(StudyRecords(runner.records.file).persons) == 24


def test_what_was_not_trained_is_not_tested(study, runner, tmp_path):
    further = further_records(runner.records, study.tests['Less of it'])
    nothing = StudyRecords(tmp_path / 'empty.jsonl')
    runs = plan_study(study)
    assert untested_runs(runs, nothing, further, runner.work_dir) == []


@pytest.mark.parametrize(
    ('tests', 'message'),
    [
        ("{'x': ['no value']}", "test 'x' must be a list"),
        ("{'x': 'a=b'}", 'list of KEY=VALUE'),
        ("{'x y': [], 'x-y': []}", 'names of tests'),
        ("{'--': []}", 'letters or digits'),
        ("['x']", 'items'),
    ],
)
def test_wrong_tests_are_refused(make_study, tmp_path, tests, message):
    make_study()
    file = tmp_path / 'toy.py'
    file.write_text(f'{file.read_text()}tests = {tests}\n')
    with pytest.raises(ValueError, match=message):
        read_study(file)
