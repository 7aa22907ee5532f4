"""Resuming in mid epoch, validations that were missed, and signals."""

import itertools
import os
import signal
import time

import pytest
import torch
from mmengine.hooks import Hook
from toy_training import losses, toy_config

from mmreid.engine import TrainingStoppedError, build_runner, use_checkpoint
from mmreid.engine.loops import RESUME_POINT, ShieldedWorker, StopSignals
from mmreid.engine.loops.resumable_train_loop import RestOfEpoch
from mmreid.registry import HOOKS


@HOOKS.register_module()
class SignalHook(Hook):
    """Sends this process a signal after a step, or in a validation."""

    def __init__(self, step: int = -1, in_validation: bool = False) -> None:
        self.step = step
        self.in_validation = in_validation

    def after_train_iter(self, runner, *args, **kwargs):
        if runner.iter + 1 == self.step:
            os.kill(os.getpid(), signal.SIGUSR1)

    def after_val_iter(self, runner, *args, **kwargs):
        if self.in_validation:
            os.kill(os.getpid(), signal.SIGTERM)


def config(work_dir, *hooks, **changes):
    """Epochs of three steps; one worker, whose batches are fetched ahead."""
    needed = [dict(type='PlainCheckpointHook'), dict(type='SeedHook')]
    cfg = toy_config(work_dir, max_epochs=4, custom_hooks=[*needed, *hooks], **changes)
    cfg.train_dataloader.update(num_workers=1)
    cfg.default_hooks.checkpoint = dict(type='AtomicCheckpointHook', interval=1)
    return cfg


def validating(cfg):
    cfg.val_dataloader, cfg.val_cfg = cfg.test_dataloader, dict()
    cfg.val_evaluator = cfg.test_evaluator
    cfg.val_dataloader.dataset.augment = False
    cfg.train_cfg.val_interval = 2
    return cfg


def train(cfg):
    runner = build_runner(cfg)
    runner.train()
    return runner


def resume(cfg):
    use_checkpoint(cfg, 'auto')
    return train(cfg)


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    return train(config(tmp_path_factory.mktemp('whole')))


# In the midst of an epoch, at the end of one, and at that of the training.
@pytest.mark.parametrize('step', [1, 5, 6, 12])
def test_a_stopped_training_goes_on_at_the_same_step(tmp_path, whole, step):
    with pytest.raises(TrainingStoppedError, match=f'SIGUSR1 .* after step {step} '):
        train(config(tmp_path, dict(type='SignalHook', step=step)))
    assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL
    point = torch.load(tmp_path / RESUME_POINT, weights_only=True)
    assert point['meta']['iter'] == step
    assert (tmp_path / 'last_checkpoint').read_text() == str(tmp_path / RESUME_POINT)
    resumed = resume(config(tmp_path))
    assert losses(resumed) == losses(whole)
    assert (resumed.epoch, resumed.iter) == (4, 12)
    for name, value in resumed.model.state_dict().items():
        assert torch.equal(value, whole.model.state_dict()[name])
    # The regular checkpoint has taken its place.
    assert not (tmp_path / RESUME_POINT).exists()


def test_accumulated_gradients_are_not_lost(tmp_path):
    wrapper = dict(optimizer=dict(type='SGD', lr=0.1), accumulative_counts=3)
    whole = train(config(tmp_path / 'whole', optim_wrapper=wrapper))
    hook = dict(type='SignalHook', step=4)
    with pytest.raises(TrainingStoppedError, match='after step 6 '):
        train(config(tmp_path / 'parts', hook, optim_wrapper=wrapper))
    resumed = resume(config(tmp_path / 'parts', optim_wrapper=wrapper))
    assert losses(resumed) == losses(whole)


def test_the_skipped_batches_are_not_loaded(tmp_path):
    with pytest.raises(TrainingStoppedError):
        train(config(tmp_path, dict(type='SignalHook', step=5)))
    cfg = config(tmp_path)
    cfg.train_dataloader.num_workers = 0
    use_checkpoint(cfg, 'auto')
    runner = build_runner(cfg)
    loaded = []
    dataset = runner.train_dataloader.dataset
    fetch = type(dataset).__getitem__
    type(dataset).__getitem__ = lambda self, i: loaded.append(i) or fetch(self, i)
    try:
        runner.train()
    finally:
        type(dataset).__getitem__ = fetch
    assert len(loaded) == (12 - 5) * 4


def test_an_epoch_of_another_length_starts_anew(tmp_path):
    with pytest.raises(TrainingStoppedError):
        train(config(tmp_path, dict(type='SignalHook', step=5)))
    cfg = config(tmp_path)
    cfg.train_dataloader.batch_size = 6
    runner = resume(cfg)
    assert runner.iter == 5 + 3 * 2
    log = next(tmp_path.glob('*/*.log'), None)
    texts = [path.read_text() for path in tmp_path.glob('*/*.log')]
    assert log is not None
    assert any('has 2 batches now and had 3' in text for text in texts)


def test_points_to_resume_from_come_by_time(tmp_path):
    cfg = config(tmp_path)
    cfg.train_cfg.resume_point_minutes = 0.0
    cfg.default_hooks.checkpoint.interval = 100
    cfg.default_hooks.checkpoint.save_last = False
    train(cfg)
    point = torch.load(tmp_path / RESUME_POINT, weights_only=True)
    assert point['meta']['iter'] == 12


def test_a_validation_that_was_interrupted_is_made_up_for(tmp_path):
    cfg = validating(config(tmp_path, dict(type='SignalHook', in_validation=True)))
    cfg.default_hooks.checkpoint.interval = 3
    with pytest.raises(TrainingStoppedError, match='SIGTERM came during a validation'):
        train(cfg)
    # The hook had not saved in the second epoch.
    assert torch.load(tmp_path / RESUME_POINT, weights_only=True)['meta']['epoch'] == 2
    cfg = validating(config(tmp_path))
    runner = resume(cfg)
    means = runner.message_hub.get_scalar('val/toy/mean').data[0]
    whole = train(validating(config(tmp_path / 'whole')))
    expected = whole.message_hub.get_scalar('val/toy/mean').data[0]
    assert len(expected) == 2
    assert means.tolist() == expected.tolist()


def test_a_finished_validation_is_not_repeated(tmp_path):
    train(validating(config(tmp_path)))
    cfg = validating(config(tmp_path))
    cfg.train_cfg.max_epochs = 5
    runner = resume(cfg)
    assert len(runner.message_hub.get_scalar('val/toy/mean').data[0]) == 3


def test_rest_of_an_epoch_has_its_length():
    rest = RestOfEpoch(range(10), 4)
    assert list(rest) == [4, 5, 6, 7, 8, 9]
    assert len(rest) == 10


def test_signals_have_their_old_handlers_afterwards():
    before = signal.getsignal(signal.SIGTERM)
    with StopSignals() as signals:
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.received == 'SIGTERM'
        with pytest.raises(TrainingStoppedError), signals.interrupting():
            pytest.fail('what is asked to stop must not begin')
    assert signal.getsignal(signal.SIGTERM) == before


def test_only_the_parent_ends_a_worker():
    started, start = os.pipe()
    pid = os.fork()
    if not pid:
        ShieldedWorker(lambda worker_id: os.write(start, b'x'))(0)
        time.sleep(60)
        os._exit(1)
    os.read(started, 1)
    # From another process, as a batch system sends it.
    stranger = os.fork()
    if not stranger:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGUSR1)
        os._exit(0)
    os.waitpid(stranger, 0)
    time.sleep(0.3)
    assert os.waitpid(pid, os.WNOHANG) == (0, 0)
    os.kill(pid, signal.SIGTERM)
    for _ in itertools.repeat(None, 100):
        if (done := os.waitpid(pid, os.WNOHANG)) != (0, 0):
            break
        time.sleep(0.05)
    assert done == (pid, 0)
