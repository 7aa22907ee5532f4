"""A training that is killed or stopped, at any moment, ends as if it never had been."""

import json
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from preloaded import run_program

PROGRAM = Path(__file__).with_name('interrupted_training.py')


def run(folder: Path, *signals: str, seed: int, epochs: int) -> dict:
    done = run_program([PROGRAM, folder, ','.join(signals), seed, epochs], timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    log = (folder / 'parts.log').read_text()[-3000:]
    assert (found['whole'], found['last']) == (0, 0), log
    return found


def state(folder: Path, epochs: int) -> dict:
    checkpoint = torch.load(folder / f'epoch_{epochs}.pth', weights_only=True)
    return {
        key: value
        for key, value in checkpoint.items()
        if key not in ('meta', 'message_hub')
    }


def assert_same_end(folder: Path, epochs: int) -> None:
    whole, parts = (state(folder / name, epochs) for name in ('whole', 'parts'))
    # What a training consists of here: none of it may be missing from the comparison.
    assert {'state_dict', 'ema_state_dict', 'optimizer', 'param_schedulers'} == set(
        whole
    )
    assert 'loss_scaler' in whole['optimizer']
    assert parts.pop('param_schedulers') == whole.pop('param_schedulers')
    torch.testing.assert_close(parts, whole, rtol=0, atol=0)
    names = [
        sorted(path.name for path in (folder / name).glob('*.pth'))
        for name in ('whole', 'parts')
    ]
    assert names[0] == names[1]
    assert len(names[0]) == 2  # the last, and the best


def test_the_training_has_what_must_be_restored(tmp_path):
    import interrupted_training

    cfg: Config = interrupted_training.make_config(tmp_path, tmp_path, 4)
    stage = cfg.model.head.branches.drop.stage
    assert 'DropBlock2d' in [part['type'] for part in stage]
    hooks = [*cfg.custom_hooks, *cfg.default_hooks.values()]
    assert {'EMAHook', 'SeedHook'} <= {hook['type'] for hook in hooks}
    assert cfg.optim_wrapper.dtype == 'float16'
    steps = {step['type'] for step in cfg.train_dataloader.dataset.pipeline}
    assert {'RandomFlip', 'RandomCrop', 'RandomErasing'} <= steps


def test_killed_and_stopped_training_ends_with_the_same_weights(tmp_path):
    signals = ['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGUSR1']
    found = run(tmp_path, *signals, seed=0, epochs=5)
    # Before the handlers are set, a signal ends the program as always.
    assert set(found['ends']) <= {75, -9, -15, -10}
    assert -9 in found['ends']
    assert 75 in found['ends']
    assert_same_end(tmp_path, 5)
    assert 'stopped after step' in (tmp_path / 'parts.log').read_text()


@pytest.mark.slow
@pytest.mark.parametrize('seed', [1, 2])
def test_twenty_kills(tmp_path, seed):
    found = run(tmp_path, *['SIGKILL'] * 20, seed=seed, epochs=30)
    assert found['ends'].count(-9) == 20
    assert_same_end(tmp_path, 30)
