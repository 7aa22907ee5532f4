"""What a model was trained on reaches the metrics, in training and in a test."""

from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.runner import Runner
from torch import nn
from toy_training import toy_config

from mmreid.engine import load_weights
from mmreid.engine.hooks import describe_training

PARTS = ('dataloader', 'cfg', 'evaluator')
MSMT17 = dict(dataset='MSMT17', version='V1', split='train+val', num_images=32621)


@pytest.mark.parametrize(
    ('meta', 'text'),
    [
        (MSMT17, 'MSMT17 V1 train+val'),
        (dict(dataset='own pictures', version=''), 'own pictures'),
        (
            dict(dataset='CUHK03', version='new', boxes='detected', split='train'),
            'CUHK03 new detected train',
        ),
        (
            dict(dataset='A + B', parts=[MSMT17, dict(dataset='B', split='train')]),
            'MSMT17 V1 train+val + B train',
        ),
        (
            dict(dataset='VIPeR', version='v1.0', split='train', split_index=0),
            'VIPeR v1.0 train (split 0)',
        ),
        (dict(MSMT17, started_from={}), 'unknown, then MSMT17 V1 train+val'),
        (dict(started_from=MSMT17), 'MSMT17 V1 train+val, then unknown'),
        (dict(MSMT17, started_from=MSMT17), 'MSMT17 V1 train+val'),
        (
            dict(
                MSMT17, started_from=dict(dataset='B', started_from=dict(dataset='A'))
            ),
            'A, then B, then MSMT17 V1 train+val',
        ),
        ({}, None),
        (None, None),
    ],
)
def test_words(meta: dict | None, text: str | None) -> None:
    assert describe_training(meta) == text


def test_a_checkpoint_remembers(tmp_path: Path) -> None:
    hooks = [dict(type='PlainCheckpointHook'), dict(type='TrainedOnHook')]
    cfg = toy_config(tmp_path / 'first', max_epochs=1, custom_hooks=hooks)
    cfg.train_cfg.val_interval = 1
    cfg.update({f'val_{key}': cfg[f'test_{key}'] for key in PARTS})
    runner = Runner.from_cfg(cfg)
    runner.train()
    (metric,) = runner.val_loop.evaluator.metrics
    assert metric.dataset_meta['trained_on'] == 'toy'
    again = Runner.from_cfg(toy_config(tmp_path / 'second', custom_hooks=hooks))
    (checkpoint,) = (tmp_path / 'first').glob('epoch_1.pth')
    load_weights(again.model, checkpoint)
    again.test()
    (metric,) = again.test_loop.evaluator.metrics
    assert metric.dataset_meta['trained_on'] == 'toy'
    assert metric.dataset_meta['dataset'] == 'toy'


def test_bare_weights_tell_nothing(tmp_path: Path) -> None:
    model = nn.Linear(2, 2)
    torch.save(model.state_dict(), tmp_path / 'bare.pth')
    load_weights(model, tmp_path / 'bare.pth')
    assert model.trained_on is None


def train(work_dir: Path, **changes: Any) -> str:
    """Train and validate an epoch more; return what the stamp says."""
    hooks = [dict(type='PlainCheckpointHook'), dict(type='TrainedOnHook')]
    hooks.append(dict(type='ResumeHook'))
    cfg = toy_config(work_dir, custom_hooks=hooks, **changes)
    cfg.train_cfg.val_interval = 1
    cfg.update({f'val_{key}': cfg[f'test_{key}'] for key in PARTS})
    runner = Runner.from_cfg(cfg)
    runner.train()
    (metric,) = runner.val_loop.evaluator.metrics
    return metric.dataset_meta['trained_on']


def test_weights_from_elsewhere_stay_known(tmp_path: Path) -> None:
    first, second = tmp_path / 'first', tmp_path / 'second'
    assert train(first, max_epochs=1) == 'toy'
    # As if it had been trained on other data, which the file tells.
    content = torch.load(first / 'epoch_1.pth', weights_only=True)
    content['meta']['dataset_meta'] = dict(dataset='campus', split='train')
    torch.save(content, first / 'epoch_1.pth')
    start = str(first / 'epoch_1.pth')
    expected = 'campus train, then toy'
    assert train(second, max_epochs=1, load_from=start) == expected
    # Through a resumed training and into a test.
    start = str(second / 'epoch_1.pth')
    assert train(second, max_epochs=2, load_from=start, resume=True) == expected
    log = [*second.glob('*/*.log')][-1].read_text()
    assert 'the training data is not that of the checkpoint' not in log
    model = Runner.from_cfg(toy_config(tmp_path / 'test')).model
    load_weights(model, second / 'epoch_2.pth')
    assert describe_training(model.trained_on) == expected
    # A file that does not tell.
    torch.save(model.state_dict(), tmp_path / 'bare.pth')
    start = str(tmp_path / 'bare.pth')
    assert train(tmp_path / 'third', max_epochs=1, load_from=start) == (
        'unknown, then toy'
    )


def test_a_runner_that_only_validates_asks_the_checkpoint(tmp_path: Path) -> None:
    train(tmp_path / 'first', max_epochs=1)
    hooks = [dict(type='PlainCheckpointHook'), dict(type='TrainedOnHook')]
    cfg = toy_config(tmp_path / 'second', custom_hooks=hooks)
    cfg.update({f'val_{key}': cfg[f'test_{key}'] for key in PARTS})
    cfg.load_from = str(tmp_path / 'first/epoch_1.pth')
    runner = Runner.from_cfg(cfg)
    runner.val()
    (metric,) = runner.val_loop.evaluator.metrics
    assert metric.dataset_meta['trained_on'] == 'toy'
