"""What a model was trained on reaches the metrics, in training and in a test."""

from pathlib import Path

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
