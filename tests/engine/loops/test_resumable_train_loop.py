"""Resuming in mid epoch, validations that were missed, and signals."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from mmengine.hooks import Hook
from toy_training import ToyDataset, losses, toy_config

from mmreid.engine import TrainingStoppedError, build_runner, use_checkpoint
from mmreid.engine.loops import (
    RESUME_POINT,
    ShieldedWorker,
    StopSignals,
    mid_epoch,
    stop_signals,
)
from mmreid.engine.loops.mid_epoch import RestOfEpoch
from mmreid.registry import HOOKS


@HOOKS.register_module()
class SignalHook(Hook):
    """Sends this process a signal after a step, or in a validation."""

    def __init__(
        self, step: int = -1, in_validation: bool = False, name: str = 'SIGUSR1'
    ) -> None:
        self.step = step
        self.number = getattr(signal, name)
        self.in_validation = in_validation

    def after_train_iter(self, runner, *args, **kwargs):
        if runner.iter + 1 == self.step:
            os.kill(os.getpid(), self.number)

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


@HOOKS.register_module()
class FailingValidationHook(Hook):
    """Ends an epoch's validation by an error before it has begun."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def before_val(self, runner):
        if runner.epoch == self.epoch:
            raise KeyError('as a kill between checkpoint and validation')


@pytest.mark.parametrize('epoch', [2, 4])
def test_an_owed_validation_is_the_first_thing(tmp_path, epoch):
    hook = dict(type='FailingValidationHook', epoch=epoch)
    with pytest.raises(KeyError):
        train(validating(config(tmp_path, hook)))
    # The config's checkpoint was written in time, the last one of all for the fourth.
    assert (tmp_path / f'epoch_{epoch}.pth').exists()
    cfg = validating(config(tmp_path))
    use_checkpoint(cfg, 'auto')
    runner = build_runner(cfg)
    moments = []
    run = runner.val_loop.run
    runner.val_loop.run = lambda: moments.append(runner.iter) or run()
    runner.train()
    assert moments == [3 * due for due in (2, 4) if due >= epoch]
    assert len(runner.message_hub.get_scalar('val/toy/mean').data[0]) == 2
    # Nothing is owed any more.
    again = resume(validating(config(tmp_path)))
    assert len(again.message_hub.get_scalar('val/toy/mean').data[0]) == 2


def draw(monkeypatch, cfg, resumed=False):
    """Which pictures a training draws, by epoch."""
    drawn = []
    fetch = ToyDataset.__getitem__
    monkeypatch.setattr(
        ToyDataset,
        '__getitem__',
        lambda self, index: drawn.append(int(index)) or fetch(self, index),
    )
    cfg.train_dataloader.num_workers = 0
    resume(cfg) if resumed else train(cfg)
    monkeypatch.undo()
    return [tuple(drawn[start : start + 12]) for start in range(0, len(drawn), 12)]


def test_every_epoch_has_its_order_and_a_resumed_one_that_of_then(
    tmp_path, monkeypatch
):
    epochs = draw(monkeypatch, config(tmp_path / 'whole'))
    assert len(set(epochs)) == len(epochs) == 4
    assert all(sorted(epoch) == list(range(12)) for epoch in epochs)
    cfg = config(tmp_path / 'parts')
    cfg.train_cfg.max_epochs = 2
    assert draw(monkeypatch, cfg) == epochs[:2]
    assert draw(monkeypatch, config(tmp_path / 'parts'), resumed=True) == epochs[2:]


def test_buffers_are_those_of_the_same_process(tmp_path, monkeypatch):
    runner = build_runner(config(tmp_path))
    name = 'backbone.1.running_mean'
    own = runner.model.state_dict()[name]
    several = [
        {key: torch.full_like(buffer, rank) for key, buffer in named}
        for rank in (5, 6)
        for named in [list(runner.model.named_buffers())]
    ]

    def restore(processes, rank):
        monkeypatch.setattr(mid_epoch, 'get_world_size', lambda: processes)
        monkeypatch.setattr(mid_epoch, 'get_rank', lambda: rank)
        own.zero_()
        runner.message_hub.update_info('rank_buffers', several)
        mid_epoch.restore_buffers(runner)
        # They are old as soon as a step is done.
        assert 'rank_buffers' not in runner.message_hub.runtime_info
        return own.unique().tolist()

    assert restore(2, 0) == [5]
    assert restore(2, 1) == [6]
    # Of another number of processes: the first one's, which the checkpoint has.
    assert restore(1, 0) == [0]
    assert restore(3, 2) == [0]


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


@pytest.mark.parametrize('name', ['SIGINT', 'SIGHUP'])
def test_ctrl_c_and_a_lost_terminal_save_too(tmp_path, name):
    number = getattr(signal, name)
    before = signal.getsignal(number)
    hook = dict(type='SignalHook', step=5, name=name)
    with pytest.raises(TrainingStoppedError, match=f'{name} came: stopped after step'):
        train(config(tmp_path, hook))
    assert signal.getsignal(number) == before
    assert torch.load(tmp_path / RESUME_POINT, weights_only=True)['meta']['iter'] == 5


def in_a_child(work) -> int:
    pid = os.fork()
    if not pid:
        with contextlib.suppress(BaseException):
            work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_second_ctrl_c_ends_at_once():
    def twice(first):
        with StopSignals():
            os.kill(os.getpid(), first)
            time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(10)

    for first in (signal.SIGINT, signal.SIGTERM):
        assert in_a_child(lambda first=first: twice(first)) == -signal.SIGINT


def test_what_is_ignored_stays_ignored():
    def hang_up():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with StopSignals() as signals:
            os.kill(os.getpid(), signal.SIGHUP)
            os._exit(3 if signals.received is None else 4)

    assert in_a_child(hang_up) == 3


def test_a_signal_from_before_stops_the_training_before_its_first_step(tmp_path):
    class Early:
        heard = 'SIGUSR1'

        def __call__(self, number, frame):
            pass

    before = signal.signal(signal.SIGUSR1, Early())
    try:
        with pytest.raises(TrainingStoppedError, match='before the first step'):
            train(config(tmp_path))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert not list(tmp_path.glob('*.pth'))


def test_a_finished_training_says_so(tmp_path):
    train(config(tmp_path))
    runner = resume(config(tmp_path))
    assert runner.iter == 12
    texts = [path.read_text() for path in tmp_path.glob('*/*.log')]
    assert any('finished already: the checkpoint has epoch 4' in text for text in texts)


def test_workers_begin_with_the_signals_held_back(tmp_path):
    cfg = config(tmp_path)
    runner = build_runner(cfg)
    loader = runner.train_loop.dataloader
    stop_signals.shield_workers(loader)
    seen = []
    fork = os.fork
    os.fork = lambda: seen.append(signal.pthread_sigmask(0, ())) or fork()
    try:
        for _ in loader:
            pass
    finally:
        os.fork = fork
    stops = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1}
    assert seen
    assert all(stops <= set(mask) for mask in seen)
    assert not stops & set(signal.pthread_sigmask(0, ()))


@pytest.mark.parametrize('missing', [['_TELLS_SENDER'], ['_TELLS_SENDER', '_BLOCKS']])
def test_macos_and_windows_train_with_workers(tmp_path, monkeypatch, missing):
    for name in missing:
        monkeypatch.setattr(stop_signals, name, False)
        monkeypatch.delattr(
            signal, dict(_BLOCKS='pthread_sigmask').get(name, 'sigwait')
        )
    monkeypatch.delattr(signal, 'sigwaitinfo')
    cfg = config(tmp_path)
    cfg.train_cfg.max_epochs = 1
    assert train(cfg).iter == 3


def test_only_the_parent_ends_a_worker():
    # A process of its own: gRPC, which tests of Milvus load, starts threads in forked
    # ones, and they do not block the signal.
    code = 'import test_resumable_train_loop as t; t.end_a_worker()'
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    subprocess.run(
        [sys.executable, '-c', code], check=True, env=os.environ | dict(PYTHONPATH=path)
    )


def end_a_worker():
    started, start = os.pipe()
    pid = os.fork()
    if not pid:
        ShieldedWorker(lambda worker_id: os.write(start, b'x'))(0)
        time.sleep(600)
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
    # One that does not heed it ends by itself, with another status.
    assert os.waitpid(pid, 0) == (pid, 0)
