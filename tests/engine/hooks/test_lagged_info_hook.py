"""Losses that are read a step late, and logged as if they were not."""

import json
from pathlib import Path

import pytest
import torch
from mmengine.hooks import Hook
from toy_training import ToyModel, losses, toy_config, train

from mmreid.engine import LaggedInfoHook
from mmreid.registry import HOOKS, MODELS

DEVICES = ['cpu', pytest.param('cuda', marks=pytest.mark.gpu)]


@MODELS.register_module()
class ToyAnywhere(ToyModel):
    """The toy without dropout, on the device of its weights."""

    def __init__(self) -> None:
        super().__init__(dropout=0.0)

    def forward(self, inputs, target, mode='tensor'):
        device = self.head.weight.device
        scores = self.head(self.backbone(torch.stack(inputs).to(device)).mean((2, 3)))
        target = torch.tensor(target, device=device)
        return dict(
            loss_a=torch.nn.functional.cross_entropy(scores, target),
            loss_b=scores.square().mean().view(1),
        )


@HOOKS.register_module()
class LogLengthHook(Hook):
    """Notes after each step how many losses have been logged, and of which step."""

    priority = 'HIGH'

    def before_run(self, runner):
        self.seen = []

    def after_train_iter(self, runner, *args, **kwargs):
        hub = runner.message_hub
        logged = hub.log_scalars.get('train/loss')
        number = 0 if logged is None else len(logged.data[0])
        self.seen.append((number, hub.runtime_info.get('loss_iter')))


def run(work_dir: Path, info: dict, **changes):
    hooks = [dict(type='PlainCheckpointHook'), dict(type='SeedHook')]
    hooks.append(dict(type='LogLengthHook'))
    default = dict(logger=dict(type='LoggerHook', interval=2), runtime_info=info)
    default['checkpoint'] = dict(type='CheckpointHook', interval=1)
    options = dict(model=dict(type='ToyAnywhere'), custom_hooks=hooks)
    loader = toy_config(work_dir).train_dataloader
    loader.dataset.size = 20
    options.update(train_dataloader=loader, default_hooks=default, **changes)
    return train(toy_config(work_dir, **options))


def written(work_dir: Path) -> list[dict]:
    lines = next(work_dir.glob('*/vis_data/scalars.json')).read_text().splitlines()
    timed = ('time', 'data_time', 'eta')
    return [
        {key: value for key, value in json.loads(line).items() if key not in timed}
        for line in lines
    ]


@pytest.mark.parametrize('lag', [None, 0, 1, 3])
def test_logs_and_checkpoints_are_the_same(tmp_path, lag):
    plain = run(tmp_path / 'plain', dict(type='RuntimeInfoHook'))
    late = run(tmp_path / 'late', dict(type='LaggedInfoHook', lag=lag))
    assert losses(late) == losses(plain)
    assert len(written(tmp_path / 'plain')) == 4
    assert written(tmp_path / 'late') == written(tmp_path / 'plain')
    hubs = [
        torch.load(tmp_path / name / 'epoch_1.pth', weights_only=True)['message_hub']
        for name in ('plain', 'late')
    ]
    for key in ('train/loss', 'train/loss_a', 'train/loss_b'):
        plain_log, late_log = (hub['log_scalars'][key]['values'] for hub in hubs)
        assert torch.equal(plain_log, late_log)
        assert len(late_log) == 5


def test_only_what_is_written_is_waited_for(tmp_path):
    runner = run(tmp_path, dict(type='LaggedInfoHook', lag=1))
    seen = next(h.seen for h in runner.hooks if isinstance(h, LogLengthHook))
    # Every second step and the last one of five are written to the log.
    first_epoch = [(0, None), (2, 1), (2, 1), (4, 3), (5, 4)]
    second_epoch = [(5, 4), (7, 6), (7, 6), (9, 8), (10, 9)]
    assert seen == first_epoch + second_epoch


@pytest.mark.parametrize('device', DEVICES)
def test_a_checkpoint_in_between_misses_nothing(tmp_path, device):
    default = dict(type='CheckpointHook', by_epoch=False, interval=3)
    changes = dict(train_cfg=dict(by_epoch=True, max_epochs=1, val_interval=9))
    hooks = [dict(type='PlainCheckpointHook'), dict(type='SeedHook')]
    cfg = toy_config(
        tmp_path,
        model=dict(type='ToyAnywhere'),
        custom_hooks=hooks,
        default_hooks=dict(
            logger=dict(type='LoggerHook', interval=100),
            runtime_info=dict(
                type='LaggedInfoHook', lag=None if device == 'cuda' else 2
            ),
            checkpoint=default,
        ),
        **changes,
    )
    cfg.train_dataloader.dataset.size = 20
    runner = train(cfg)
    saved = torch.load(tmp_path / 'iter_3.pth', weights_only=True)['message_hub']
    logged = saved['log_scalars']['train/loss']['values'].tolist()
    assert logged == losses(runner)[:3]
    assert saved['runtime_info']['loss_iter'] == 2


def test_a_negative_lag_is_refused():
    with pytest.raises(ValueError, match='lag must be at least 0'):
        LaggedInfoHook(lag=-1)
