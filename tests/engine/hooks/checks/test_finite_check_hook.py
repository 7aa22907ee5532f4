"""Training stops at a loss that is no number, and keeps what was good."""

import pytest
import torch
from mmengine.hooks import Hook
from mmpretrain.structures import DataSample
from toy_training import toy_config

from mmreid.engine import FiniteCheckHook, NonFiniteError, build_runner
from mmreid.registry import HOOKS


@HOOKS.register_module()
class SpoilHook(Hook):
    """Spoils a weight before a step, so that the loss of that step is NaN."""

    def __init__(self, step: int, value: float = float('nan')) -> None:
        self.step = step
        self.value = value

    def before_train_iter(self, runner, *args, **kwargs):
        if runner.iter + 1 == self.step:
            runner.model.head.weight.data[0, 0] = self.value


def config(work_dir, *hooks, tolerated=0):
    check = dict(type='FiniteCheckHook', tolerated=tolerated)
    cfg = toy_config(work_dir, max_epochs=3, custom_hooks=[check, *hooks])
    cfg.default_hooks.checkpoint = dict(type='AtomicCheckpointHook', interval=1)
    return cfg


def test_a_loss_that_is_no_number_stops_training(tmp_path):
    runner = build_runner(config(tmp_path, dict(type='SpoilHook', step=5)))
    with pytest.raises(NonFiniteError, match=r'loss = nan in step 5 \(epoch 2\)'):
        runner.train()
    assert [path.name for path in tmp_path.glob('*.pth')] == ['epoch_1.pth']


def test_weights_that_are_no_numbers_are_not_saved(tmp_path):
    runner = build_runner(config(tmp_path))
    runner.model.backbone[1].running_var[0] = float('inf')
    with pytest.raises(NonFiniteError, match=r'backbone\.1\.running_var .* by step 3'):
        runner.train()
    assert not list(tmp_path.glob('*.pth'))


def test_some_steps_may_be_tolerated(tmp_path):
    runner = build_runner(config(tmp_path, tolerated=2))
    hook = next(hook for hook in runner.hooks if isinstance(hook, FiniteCheckHook))
    for value in (2.0, float('inf'), float('nan'), 1.0, float('nan'), float('-inf')):
        hook.after_train_iter(runner, 0, outputs=dict(loss=torch.tensor(value)))
    with pytest.raises(NonFiniteError, match='loss = nan'):
        hook.after_train_iter(runner, 0, outputs=dict(loss=torch.tensor(float('nan'))))
    warned = next(tmp_path.glob('*/*.log')).read_text()
    # The log leaves out a line that it has shown before.
    assert warned.count('WARNING - loss =') == 3


def test_the_pictures_of_the_batch_are_named(tmp_path):
    runner = build_runner(config(tmp_path))
    samples = [DataSample(metainfo=dict(img_path=f'{name}.jpg')) for name in 'ab']
    losses = {'whole.id_loss': torch.tensor(1.0), 'loss': torch.tensor(float('inf'))}
    with pytest.raises(NonFiniteError) as raised:
        FiniteCheckHook().after_train_iter(
            runner, 0, dict(data_samples=samples), losses
        )
    text = str(raised.value)
    assert 'whole.id_loss' not in text
    assert text.endswith('The pictures of the batch:\n  a.jpg\n  b.jpg')


def test_a_negative_number_of_steps_is_refused():
    with pytest.raises(ValueError, match='got -1'):
        FiniteCheckHook(tolerated=-1)
