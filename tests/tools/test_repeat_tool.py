"""tools/repeat.py: real trainings of a toy, killed and continued."""

import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from patience import wait_until
from toy_training import toy_config
from yapf.yapflib.yapf_api import FormatCode

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / 'tools' / 'repeat.py'


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    helpers = str(ROOT / 'tests' / 'helpers')
    known = filter(None, [helpers, os.environ.get('PYTHONPATH')])
    monkeypatch.setenv('PYTHONPATH', os.pathsep.join(known))
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    cfg = toy_config(tmp_path / 'unused', max_epochs=2)
    cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
    cfg.custom_hooks = [dict(type='PlainCheckpointHook'), dict(type='SeedHook')]
    cfg.custom_imports = dict(imports=['toy_training'])
    cfg.pop('experiment_name')
    cfg.dump(tmp_path / 'toy.py')
    return tmp_path / 'toy.py'


def words_of(config: Path, *arguments: object) -> list[str]:
    folder = config.parent / 'runs'
    return [str(config), '--work-dir', str(folder), *map(str, arguments)]


@pytest.fixture
def repeat(
    run_starter: Callable[..., subprocess.CompletedProcess], config: Path
) -> Callable[..., subprocess.CompletedProcess]:
    return lambda *arguments: run_starter('repeat', words_of(config, *arguments))


# Notes the job and does it at once: what a training and a test leave in their folder.
SRUN = f"""#!{sys.executable}
import json, os, sys, time
with open(os.environ['JOBS'], 'a') as jobs:
    print(os.environ['MASTER_PORT'], *sys.argv[1:], file=jobs)
# No training ends before both are queued.
last = time.monotonic() + 300
while len(open(os.environ['JOBS']).readlines()) < 2 and time.monotonic() < last:
    time.sleep(0.05)
words = dict(zip(sys.argv, sys.argv[1:]))
if '--out' in words:
    seed = next(w for w in sys.argv if w.startswith('randomness.seed='))[-1]
    with open(os.path.join(words['--work-dir'], '../seed_01/results.json')) as file:
        results = json.load(file)
    with open(words['--out'], 'w') as file:
        json.dump(results | {{'toy/mean': 10 * int(seed)}}, file)
else:
    with open(os.path.join(words['--work-dir'], 'last_checkpoint'), 'w') as file:
        file.write('epoch_2.pth')
"""


def test_seeds_are_trained_tested_and_averaged(
    repeat: Callable, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = repeat('--seeds', 1)
    assert here.returncode == 0, here.stderr
    assert here.stdout.count('$ ') == 2
    # What is finished is not done again; the others become jobs of Slurm ...
    jobs = config.parent / 'jobs.txt'
    srun = config.parent / 'srun'
    srun.write_text(SRUN)
    srun.chmod(0o755)
    monkeypatch.setenv('PATH', f'{srun.parent}:{os.environ["PATH"]}')
    monkeypatch.setenv('JOBS', str(jobs))
    monkeypatch.setenv('PORT', '31000')
    done = repeat('--seeds', 1, 2, 3, '--slurm', 'part', '--gpus', 2, '--verbose')
    assert done.returncode == 0, done.stderr
    check_jobs(jobs.read_text().splitlines())
    summary = json.loads((config.parent / 'runs' / 'summary.json').read_text())
    values = [summary['runs'][f'seed_0{n}']['toy/mean'] for n in (1, 2, 3)]
    assert len(set(values)) == 3
    assert values[1:] == [20, 30]
    assert summary['mean']['toy/mean'] == pytest.approx(statistics.mean(values))
    assert summary['std']['toy/mean'] == pytest.approx(statistics.stdev(values))
    assert 'std (n - 1)' in done.stdout
    # ... and a run belongs to the settings it was made with.
    other = repeat('--seeds', 1, '--cfg-options', 'train_cfg.max_epochs=3')
    assert other.returncode == 2
    assert 'holds a run of another config' in other.stderr


def check_jobs(lines: list[str]) -> None:
    """A training and a test of two seeds, both trainings queued at once."""
    assert len(lines) == 4
    assert all('-m mmreid train' in line for line in lines[:2])
    for port, seed in ((31001, 2), (31002, 3)):
        own = [line.split() for line in lines if line.startswith(f'{port} ')]
        tasks = [line[line.index('mmreid') + 1] for line in own]
        assert tasks == ['train', 'test']
        settings = {'--partition=part', f'--job-name=seed_0{seed}', '--ntasks=2'}
        for line in own:
            assert settings | {f'randomness.seed={seed}', '--verbose'} <= set(line)


def test_a_killed_run_continues(
    repeat: Callable, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Laid out as outside of the tests: a run is known by the text of its config.
    monkeypatch.setattr('mmengine.config.config.FormatCode', FormatCode)
    options = ['--seeds', 3, '--cfg-options', 'train_cfg.max_epochs=60']
    process = subprocess.Popen(
        [sys.executable, TOOL, *words_of(config, *options)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    folder = config.parent / 'runs' / 'seed_03'
    try:
        wait_until(lambda: len([*folder.glob('epoch_*.pth')]) >= 2, process.poll)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not (folder / 'results.json').exists()
    done = repeat(*options)
    assert done.returncode == 0, done.stderr
    logs = ''.join(path.read_text() for path in folder.glob('*/*.log'))
    assert 'resumed epoch' in logs
    assert (folder / 'last_checkpoint').read_text().endswith('epoch_60.pth')


def test_nothing_varies(repeat: Callable) -> None:
    done = repeat()
    assert done.returncode == 2
    assert 'give splits, seeds or both' in done.stderr
