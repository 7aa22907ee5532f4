import os

import pytest

from mmreid.apis.study.planning import missing_runs, plan_study
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.running import StudyRunner


def begun(tools):
    """What the programs noted: their name, method, seed and threads."""
    file = tools / 'begun.txt'
    return [tuple(line.split()) for line in file.read_text().splitlines()]


def make_runner(study, records, tmp_path, tools, parallel=1):
    return StudyRunner(study, records, tmp_path / 'work', tools, parallel)


def test_runs_are_made_once_and_those_of_another_config_again(
    make_study, tmp_path, tools
):
    study = make_study()
    records = StudyRecords(tmp_path / 'toy.jsonl')
    runs = plan_study(study)
    assert missing_runs(runs, records) == (runs, [])
    told = []
    runner = make_runner(study, records, tmp_path, tools)
    assert runner.run_all(runs[:3], lambda run, told_: told.append((run, told_))) == []
    assert [run for run, _ in told] == runs[:3]
    assert [program for program, *_ in begun(tools)] == 3 * ['train.py', 'test.py']
    record = StudyRecords(records.file).runs['B', 0]
    assert record.key == runs[1].key
    assert record.options == ('train_cfg.max_epochs=1', 'model.width=16')
    assert record.seconds is not None
    assert record.made['arithmetic'] == 'float32'
    assert missing_runs(runs, records) == (runs[3:], [])
    # Another width of B: what is there of it is stale.
    changed = plan_study(make_study(A=[], B=['model.width=32']))
    missing, stale = missing_runs(changed, records)
    assert [run.name for run in missing] == ['b/seed_00', 'b/seed_01']
    assert [run.name for run in stale] == ['b/seed_00']


def test_a_finished_run_that_no_record_has_is_not_made_again(
    make_study, tmp_path, tools
):
    study = make_study('[0]', A=[])
    runs = plan_study(study)
    first = StudyRecords(tmp_path / 'first.jsonl')
    make_runner(study, first, tmp_path, tools).run_all(runs, lambda *_: None)
    again = StudyRecords(tmp_path / 'again.jsonl')
    make_runner(study, again, tmp_path, tools).run_all(runs, lambda *_: None)
    assert len(begun(tools)) == 2
    one, two = first.runs['A', 0], again.runs['A', 0]
    assert (one.values['mAP'] == two.values['mAP']).all()
    # It is not known how long it took.
    assert two.seconds is None


@pytest.mark.parametrize('parallel', [1, 3])
def test_a_run_that_fails_keeps_no_other_from_being_made(
    make_study, tmp_path, tools, parallel
):
    study = make_study('[0, 1]', A=['model.width=0'], B=[], C=[])
    records = StudyRecords(tmp_path / 'toy.jsonl')
    runs = plan_study(study)
    told = {}
    runner = make_runner(study, records, tmp_path, tools, parallel)
    failed = runner.run_all(runs, lambda run, outcome: told.update({run.name: outcome}))
    assert sorted(run.name for run in failed) == ['a/seed_00', 'a/seed_01']
    assert records.runs.keys() == {(m, s) for m in 'BC' for s in (0, 1)}
    assert 'ended with status 1' in told['a/seed_00']
    log = tmp_path / 'work' / 'a' / 'seed_00' / 'output.log'
    assert str(log) in told['a/seed_00']
    lines = log.read_text().splitlines()
    assert lines[0].startswith('$ ')
    assert lines[1:] == ['a line of train.py', 'no network has a width of 0']


def test_runs_side_by_side_have_one_thread_each(
    make_study, tmp_path, tools, monkeypatch
):
    monkeypatch.setenv('OMP_NUM_THREADS', '5')
    study = make_study('[0]', A=[], B=[])
    for parallel, threads in ((2, '1'), (1, '5')):
        records = StudyRecords(tmp_path / f'{parallel}.jsonl')
        runner = make_runner(study, records, tmp_path / threads, tools, parallel)
        runner.run_all(plan_study(study), lambda *_: None)
        used = {words[-1] for words in begun(tools)}
        assert used == {threads}
        (tools / 'begun.txt').unlink()


def test_a_test_of_something_else_is_a_failure(make_study, tmp_path, tools):
    (tools / 'results_0.json').write_text('{"reid/mAP": 3}')
    study = make_study('[0, 1]', A=[])
    records = StudyRecords(tmp_path / 'toy.jsonl')
    told = []
    runner = make_runner(study, records, tmp_path, tools)
    failed = runner.run_all(plan_study(study), lambda _, outcome: told.append(outcome))
    assert [run.name for run in failed] == ['a/seed_00']
    assert 'a test on one data set with the values of single queries' in told[0]
    assert records.runs.keys() == {('A', 1)}


def test_a_stop_ends_what_is_not_begun(make_study, tmp_path, tools):
    study = make_study('[0, 1, 2]', A=[])
    records = StudyRecords(tmp_path / 'toy.jsonl')

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_runner(study, records, tmp_path, tools).run_all(plan_study(study), stop)
    # The run that ended is kept; at most the next one was begun.
    assert ('A', 0) in StudyRecords(records.file).runs
    assert len({seed for _, _, seed, _ in begun(tools)}) <= 2


def test_one_network_by_two_names_is_trained_once(make_study, tmp_path, tools):
    study = make_study('[0, 1]', A=[], B=['model.width=8'], C=['model.width=16'])
    records = StudyRecords(tmp_path / 'toy.jsonl')
    first, second = ([r for r in plan_study(study) if r.seed == s] for s in (0, 1))
    told = []
    runner = make_runner(study, records, tmp_path, tools)
    # Of one plan, and of a record that was there before.
    runner.run_all(first, lambda run, _: told.append(run.name))
    runner.run_all(second[:1], lambda run, _: told.append(run.name))
    runner.run_all(second[1:], lambda run, _: told.append(run.name))
    assert [program for program, *_ in begun(tools)] == 4 * ['train.py', 'test.py']
    assert sorted(told) == sorted(run.name for run in first + second)
    kept = StudyRecords(records.file).runs
    for seed in (0, 1):
        one, two = kept['A', seed], kept['B', seed]
        assert (one.key, one.seconds) == (two.key, two.seconds)
        assert (one.values['mAP'] == two.values['mAP']).all()
        assert two.options[-1] == 'model.width=8'
        assert two.key != kept['C', seed].key


def test_a_network_that_fails_fails_by_both_names(make_study, tmp_path, tools):
    study = make_study('[0]', A=['model.width=0'], B=['model.width=0'])
    records = StudyRecords(tmp_path / 'toy.jsonl')
    told = []
    runner = make_runner(study, records, tmp_path, tools)
    failed = runner.run_all(plan_study(study), lambda _, outcome: told.append(outcome))
    assert [run.name for run in failed] == ['a/seed_00', 'b/seed_00']
    # The log is where the run was made.
    assert all(f'a{os.sep}seed_00' in text for text in told)
