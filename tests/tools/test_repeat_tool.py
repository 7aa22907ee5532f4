"""tools/repeat.py: real trainings of a toy, killed and continued."""

import json
import os
import signal
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


def repeat(config: Path, *arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(config, *arguments),
        capture_output=True,
        text=True,
        timeout=300,
        env=ENVIRONMENT,
    )


def test_seeds_are_trained_tested_and_averaged(config: Path) -> None:
    done = repeat(config, '--seeds', 1, 2, '--parallel', 2)
    assert done.returncode == 0, done.stderr
    summary = json.loads((config.parent / 'runs' / 'summary.json').read_text())
    first, second = (summary['runs'][f'seed_0{n}']['toy/mean'] for n in (1, 2))
    assert first != second
    assert summary['mean']['toy/mean'] == pytest.approx((first + second) / 2)
    assert summary['std']['toy/mean'] == pytest.approx(abs(first - second) / 2**0.5)
    assert 'std (n - 1)' in done.stdout
    # What is finished is not done again ...
    again = repeat(config, '--seeds', 1, 2)
    assert again.returncode == 0
    assert '$ ' not in again.stdout
    # ... and belongs to the settings it was made with.
    other = repeat(config, '--seeds', 1, '--cfg-options', 'train_cfg.max_epochs=3')
    assert other.returncode == 2
    assert 'holds a run of another config' in other.stderr


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
