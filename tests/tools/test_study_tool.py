"""tools/study.py: real trainings of small networks, killed and continued."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from patience import wait_until
from tiny_market import make_market
from yapf.yapflib.yapf_api import FormatCode

from mmreid.apis.study.records import StudyRecords

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / 'tools' / 'study.py'


@pytest.fixture(scope='module')
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp('data')
    make_market(root / 'town', 6, np.random.default_rng(0))
    return root / 'town'


def write_config(file: Path, data: Path) -> None:
    """Write a config of a network that is trained in a second."""
    cfg = Config.fromfile(ROOT / 'configs/bot/bot_r18_synthmini.py')
    cfg.model.backbone.update(base_channels=8, stem_channels=8)
    cfg.model.head.in_channels = 64
    steps = [cfg._load, dict(type='Resize', scale=(32, 64)), cfg._pack]
    market = dict(
        type='Market1501',
        data_root=str(data),
        check=False,
        metainfo=dict(dataset='Town', version='1'),
        pipeline=steps,
    )
    cfg.train_dataloader.update(batch_size=8, num_workers=0, persistent_workers=False)
    cfg.train_dataloader.sampler.update(num_ids=4, num_instances=2)
    cfg.train_dataloader.dataset = dict(market, split='train')
    loader = dict(cfg.test_dataloader, num_workers=0, persistent_workers=False)
    cfg.test_dataloader = dict(loader, dataset=dict(market, split='test'))
    cfg.val_dataloader = cfg.test_dataloader
    cfg.train_cfg.update(max_epochs=1, val_interval=100)
    cfg.optim_wrapper = dict(optimizer=dict(type='Adam', lr=1e-3))
    cfg.param_scheduler = []
    cfg.default_hooks.checkpoint = dict(type='AtomicCheckpointHook', interval=1)
    for variable in ('train_pipeline', 'test_pipeline'):
        cfg.pop(variable)
    cfg.dump(file)


@pytest.fixture
def study(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two methods of one small network, and what a paper prints of them."""
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    write_config(tmp_path / 'small.py', data)
    claim = dict(method='Small', against='Small, slow', dataset='Market-1501')
    claim |= dict(protocol='single query', source='Table 1', exact=True)
    claim |= dict(mAP_method=80, mAP_against=70)
    printed = dict(methods={}, claims=[claim])
    (tmp_path / 'printed.json').write_text(json.dumps(printed))
    (tmp_path / 'toys.py').write_text(f"""
title = 'Town'
seeds = [0, 1]
published = 'printed.json'
methods = {{
    'Small': dict(config={str(tmp_path / 'small.py')!r}),
    'Small, slow': dict(
        config={str(tmp_path / 'small.py')!r},
        options=['optim_wrapper.optimizer.lr=1e-5'],
    ),
}}
contrasts = [dict(method='Small', against='Small, slow')]
""")
    return tmp_path / 'toys.py'


def words_of(study: Path, *arguments: object) -> list[str]:
    folder = study.parent / 'runs'
    return [str(study), '--work-dir', str(folder), *map(str, arguments)]


@pytest.fixture
def run_study(
    run_starter: Callable[..., subprocess.CompletedProcess], study: Path
) -> Callable[..., subprocess.CompletedProcess]:
    return lambda *arguments: run_starter('study', words_of(study, *arguments))


def test_a_plan_runs_nothing(run_study, study):
    done = run_study('--plan', '--parallel', 3)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == 'Town: 0 runs are finished. Missing are'
    assert [line.split()[-2:] for line in lines[2:4]] == [['2', '?'], ['2', '?']]
    assert '4 runs, 3 at the same time' in done.stdout
    assert not (study.parent / 'runs').exists()
    assert not study.with_suffix('.jsonl').exists()
    part = run_study('--plan', '--seeds', 1, '--methods', 'Small')
    assert '1 runs' in part.stdout


def test_a_plan_may_time_a_few_steps(run_study):
    done = run_study('--plan', '--measure', '--seeds', 0, '--methods', 'Small')
    assert done.returncode == 0, done.stderr
    [row] = [line for line in done.stdout.splitlines() if line.startswith('Small')]
    _, runs, minutes = row.split()
    assert runs == '1'
    assert float(minutes) >= 0
    assert 'about 0 h' in done.stdout


def test_without_runs_there_is_nothing_to_tell(run_study, study):
    done = run_study('--no-runs')
    assert (done.returncode, done.stderr) == (0, '')
    assert 'No run is finished' in done.stdout
    assert not study.with_suffix('.md').exists()


@pytest.mark.parametrize(
    ('arguments', 'told'),
    [
        (('--seeds', 7), 'the study has no seed 7'),
        (('--methods', 'Large'), "the study has no method 'Large'"),
        (('--parallel', 0), 'parallel'),
    ],
)
def test_what_the_study_has_not(run_study, arguments, told):
    done = run_study(*arguments)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_study_is_run_written_and_not_run_again(run_study, study):
    readme = study.parent / 'configs' / study.parent.name / 'README.md'
    readme.parent.mkdir(parents=True)
    readme.write_text('<!-- evidence -->\n<!-- /evidence -->\n')
    done = run_study('--seeds', 0, '--quote', study.parent / 'configs')
    assert done.returncode == 0, done.stderr
    assert re.search(r'^\[[12]/2\] small-slow/seed_00: mAP ', done.stdout, re.MULTILINE)
    records = StudyRecords(study.with_suffix('.jsonl'))
    assert records.runs.keys() == {('Small', 0), ('Small, slow', 0)}
    assert records.protocol['dataset'] == 'Town'
    assert records.values('Small', 'mAP').shape == (1, 12)
    for name, run in (('small', 'Small'), ('small-slow', 'Small, slow')):
        folder = study.parent / 'runs' / name / 'seed_00'
        results = json.loads((folder / 'results.json').read_text())
        record = records.runs[run, 0]
        assert record.metrics['mAP'] == pytest.approx(results['reid/mAP'])
        assert 100 * record.values['mAP'].mean() == pytest.approx(
            results['reid/mAP'], abs=1e-3
        )
    page = study.with_suffix('.md').read_text()
    assert '| Small | Small, slow | 1 / 1 |' in page
    assert (study.parent / 'images' / 'toys_differences.svg').exists()
    assert '| Small | Small, slow | 1 / 1 |' in readme.read_text()
    # Nothing is missing, and all is as it was.
    again = run_study('--seeds', 0, '--quote', study.parent / 'configs')
    assert '0 runs' in again.stdout
    assert '[1/' not in again.stdout
    assert study.with_suffix('.md').read_text() == page
    # Those of another config are made again, and said to be.
    text = study.read_text().replace('lr=1e-5', 'lr=1e-6')
    study.write_text(text)
    plan = run_study('--plan', '--seeds', 0)
    assert '1 recorded runs are of another config or other options' in plan.stdout
    assert 'the first is small-slow/seed_00' in plan.stdout


def test_a_run_that_fails_is_told_by_the_status(run_study, study):
    study.write_text(study.read_text().replace('lr=1e-5', 'type=NoOptimizer'))
    done = run_study('--seeds', 0)
    assert done.returncode == 1
    assert '1 runs have failed.' in done.stderr
    assert 'small-slow/seed_00: it ended with status' in done.stdout
    assert list(StudyRecords(study.with_suffix('.jsonl')).runs) == [('Small', 0)]
    assert '| Small | 1 |' in study.with_suffix('.md').read_text()


@pytest.mark.slow
@pytest.mark.parametrize('alone', [False, True])
def test_a_killed_study_continues(run_study, study, monkeypatch, alone):
    # Laid out as outside of the tests: a run is known by the text of its config.
    monkeypatch.setattr('mmengine.config.config.FormatCode', FormatCode)
    text = study.read_text()
    study.write_text(f"{text}options = ['train_cfg.max_epochs=20']\n")
    records, runs = study.with_suffix('.jsonl'), study.parent / 'runs'
    options = ['--seeds', 0, '--parallel', 1]
    process = subprocess.Popen(
        [sys.executable, TOOL, *words_of(study, *options)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    second = runs / 'small-slow' / 'seed_00'
    try:
        wait_until(lambda: len([*second.glob('epoch_*.pth')]) >= 2, process.poll)
    finally:
        # Its trainings die with it, or are ended by it, after they have saved.
        if alone:
            process.terminate()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode == (130 if alone else -signal.SIGKILL)
    assert not (second / 'results.json').exists()
    assert list(StudyRecords(records).runs) == [('Small', 0)]
    first = runs / 'small' / 'seed_00' / 'results.json'
    made = first.stat().st_mtime_ns
    # The kill may come while a line is written.
    with open(records, 'ab') as file:
        file.write(b'{"method":"Small, sl')
    done = run_study(*options)
    assert done.returncode == 0, done.stderr
    assert '1 runs, 1 at the same time' in done.stdout
    assert first.stat().st_mtime_ns == made
    logs = ''.join(path.read_text() for path in second.glob('*/*.log'))
    assert 'resumed epoch' in logs
    found = StudyRecords(records).runs
    assert list(found) == [('Small', 0), ('Small, slow', 0)]
    assert found['Small', 0].seconds > 0
    assert found['Small, slow', 0].seconds is None
    assert '| Small | Small, slow | 1 / 1 |' in study.with_suffix('.md').read_text()
