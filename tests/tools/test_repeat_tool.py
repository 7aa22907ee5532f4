"""tools/repeat.py: real trainings of a toy, killed and continued."""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toy_training import toy_config

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | dict(
    PYTHONPATH=str(ROOT / 'tests' / 'engine'), OMP_NUM_THREADS='1'
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    cfg = toy_config(tmp_path / 'unused', max_epochs=2)
    cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
    cfg.custom_hooks = [dict(type='PlainCheckpointHook'), dict(type='SeedHook')]
    cfg.custom_imports = dict(imports=['toy_training'])
    cfg.pop('experiment_name')
    cfg.dump(tmp_path / 'toy.py')
    return tmp_path / 'toy.py'


def command(config: Path, *arguments: object) -> list[str]:
    words = [ROOT / 'tools' / 'repeat.py', config, '--work-dir', config.parent / 'runs']
    return [sys.executable, *map(str, words), *map(str, arguments)]


def repeat(
    config: Path, *arguments: object, **environment: str
) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(config, *arguments),
        capture_output=True,
        text=True,
        timeout=300,
        env=ENVIRONMENT | environment,
    )


# Runs a job at once and here, where there may be no accelerator, and tells of it.
SRUN = """#!/usr/bin/env bash
echo "$MASTER_PORT $*" >> "$JOBS"
while [[ $1 == --* ]]; do shift; done
words=()
for word in "$@"; do words+=("${word/#slurm/none}"); done
exec "${words[@]}"
"""


def test_seeds_are_trained_tested_and_averaged(config: Path) -> None:
    here = repeat(config, '--seeds', 1)
    assert here.returncode == 0, here.stderr
    assert here.stdout.count('$ ') == 2
    # What is finished is not done again; the others become jobs of Slurm ...
    jobs = config.parent / 'jobs.txt'
    srun = config.parent / 'srun'
    srun.write_text(SRUN)
    srun.chmod(0o755)
    path = f'{srun.parent}:{os.environ["PATH"]}'
    arguments = ('--seeds', 1, 2, 3, '--slurm', 'part', '--gpus', 2)
    done = repeat(config, *arguments, PATH=path, JOBS=str(jobs), PORT='31000')
    assert done.returncode == 0, done.stderr
    check_jobs(jobs.read_text().splitlines())
    summary = json.loads((config.parent / 'runs' / 'summary.json').read_text())
    values = [summary['runs'][f'seed_0{n}']['toy/mean'] for n in (1, 2, 3)]
    assert len(set(values)) == 3
    assert summary['mean']['toy/mean'] == pytest.approx(statistics.mean(values))
    assert summary['std']['toy/mean'] == pytest.approx(statistics.stdev(values))
    assert 'std (n - 1)' in done.stdout
    # ... and a run belongs to the settings it was made with.
    other = repeat(config, '--seeds', 1, '--cfg-options', 'train_cfg.max_epochs=3')
    assert other.returncode == 2
    assert 'holds a run of another config' in other.stderr


def check_jobs(lines: list[str]) -> None:
    """A training and a test of two seeds, both trainings queued at once."""
    assert len(lines) == 4
    assert all('train.py' in line for line in lines[:2])
    for port, seed in ((31001, 2), (31002, 3)):
        own = [line.split() for line in lines if line.startswith(f'{port} ')]
        tools = [Path(word).name for line in own for word in line if 'tools/' in word]
        assert tools == ['train.py', 'test.py']
        settings = {'--partition=part', f'--job-name=seed_0{seed}', '--ntasks=2'}
        for line in own:
            assert settings | {f'randomness.seed={seed}'} <= set(line)


def test_a_killed_run_continues(config: Path) -> None:
    options = ['--seeds', 3, '--cfg-options', 'train_cfg.max_epochs=60']
    process = subprocess.Popen(
        command(config, *options),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT,
        start_new_session=True,
    )
    folder = config.parent / 'runs' / 'seed_03'
    try:
        for _ in range(1000):
            if len([*folder.glob('epoch_*.pth')]) >= 2:
                break
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not (folder / 'results.json').exists()
    done = repeat(config, *options)
    assert done.returncode == 0, done.stderr
    logs = ''.join(path.read_text() for path in folder.glob('*/*.log'))
    assert 'resumed epoch' in logs
    assert (folder / 'last_checkpoint').read_text().endswith('epoch_60.pth')


def test_nothing_varies(config: Path) -> None:
    done = repeat(config)
    assert done.returncode == 2
    assert 'give splits, seeds or both' in done.stderr
