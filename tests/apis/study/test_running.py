import pytest

from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.running import (
    StudyRunner,
    missing_runs,
    plan_study,
    run_key,
)
from mmreid.engine import read_config


def begun(tools):
    """What the programs noted: their name, method, seed and threads."""
    file = tools / 'begun.txt'
    return [tuple(line.split()) for line in file.read_text().splitlines()]


def make_runner(study, records, tmp_path, tools, parallel=1):
    return StudyRunner(study, records, tmp_path / 'work', tools, parallel)


def test_all_methods_come_with_one_seed_before_the_next_seed(make_study):
    runs = plan_study(make_study('[3, 1]', A=[], B=['model.width=16'], C=[]))
    assert [run.name for run in runs] == [
        f'{method}/seed_0{seed}' for seed in (3, 1) for method in 'abc'
    ]
    assert runs[0].config.train_cfg.max_epochs == 1
    assert (runs[0].config.model.width, runs[1].config.model.width) == (8, 16)
    # The seed is no part of the key, and names are none.
    assert runs[0].key == runs[2].key == runs[3].key != runs[1].key


def test_a_part_of_a_study(make_study):
    study = make_study('[3, 1]')
    runs = plan_study(study, seeds=[1], methods=['B'])
    assert [run.name for run in runs] == ['b/seed_01']
    with pytest.raises(ValueError, match=r'no seed 2; it has \[3, 1\]'):
        plan_study(study, seeds=[1, 2])
    with pytest.raises(ValueError, match=r"no method 'C'; it has \['A', 'B'\]"):
        plan_study(study, methods=['C'])


@pytest.mark.parametrize('options', [['model.width.x=3'], ['train_cfg=[']])
def test_options_that_do_not_fit_name_their_method(make_study, options):
    with pytest.raises(ValueError, match="method 'Wrong': "):
        plan_study(make_study(A=[], Wrong=options))


def test_a_config_that_is_not_there_names_its_method(make_study, tmp_path):
    study = make_study()
    (tmp_path / 'toy_config.py').unlink()
    with pytest.raises(ValueError, match="method 'A': "):
        plan_study(study)


@pytest.mark.parametrize(
    ('option', 'same'),
    [
        ('train_dataloader.num_workers=0', True),
        ('test_dataloader.num_workers=0', True),
        ('train_dataloader.persistent_workers=True', True),
        ('train_dataloader.dataset.data_root=elsewhere', True),
        ('test_dataloader.dataset.data_root=elsewhere', True),
        ('randomness.seed=1', True),
        ('work_dir=elsewhere', True),
        ('log_level=ERROR', True),
        ('optim_wrapper.optimizer.lr=0.2', False),
        ('train_dataloader.batch_size=8', False),
        ('train_dataloader.dataset.split=test', False),
        ('test_dataloader.dataset.split=train', False),
        ('model.width=9', False),
        ('train_cfg.max_epochs=3', False),
        ('load_from=weights.pth', False),
    ],
)
def test_what_the_key_depends_on(make_study, tmp_path, option, same):
    make_study()
    path = tmp_path / 'toy_config.py'
    key, other = (run_key(read_config(path, words)) for words in ([], [option]))
    assert (key == other) == same


def test_the_key_knows_no_order_of_entries_but_that_of_lists(make_study, tmp_path):
    make_study()
    path = tmp_path / 'toy_config.py'
    config = read_config(path, ["custom_hooks=['a','b']"])
    other = read_config(path, ["custom_hooks=['b','a']"])
    assert run_key(config) != run_key(other)
    config.model = dict(width=8, type='Toy')
    assert run_key(config) == run_key(read_config(path, ["custom_hooks=['a','b']"]))


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
