"""Trackers record, and their troubles are not the run's."""

import sys

import pytest
import torch
from mmengine.visualization import LocalVisBackend, WandbVisBackend
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from toy_training import toy_config

from mmreid.engine import build_runner
from mmreid.visualization import TrackingVisualizer


def config(work_dir, **visualizer):
    local = [dict(type='LocalVisBackend')]
    settings = dict(type='TrackingVisualizer', vis_backends=local, **visualizer)
    cfg = toy_config(work_dir, visualizer=settings)
    cfg.val_dataloader, cfg.val_cfg = cfg.test_dataloader, dict()
    cfg.val_evaluator = cfg.test_evaluator
    cfg.train_cfg.val_interval = 1
    cfg.default_hooks.logger.interval = 1
    cfg.param_scheduler[-1].milestones = [1]  # within the length, or it is warned of
    return cfg


def log_of(work_dir):
    return next(work_dir.glob('*/*.log')).read_text()


def json_of(work_dir):
    return next(work_dir.glob('*/vis_data/scalars.json')).read_text().splitlines()


@pytest.mark.parametrize('by_name', [True, False])
def test_tensorboard_gets_what_the_json_log_gets(tmp_path, by_name):
    cfg = config(tmp_path)
    if by_name:
        cfg.visualizer.trackers = 'tensorboard'
    else:
        cfg.visualizer.vis_backends.append(dict(type='TensorboardVisBackend'))
    build_runner(cfg).train()
    (events,) = tmp_path.glob('*/vis_data/events.out.tfevents.*')
    found = EventAccumulator(str(events)).Reload()
    assert [event.step for event in found.Scalars('loss')] == [1, 2, 3, 4, 5, 6]
    assert [event.step for event in found.Scalars('toy/mean')] == [1, 2]
    assert len(json_of(tmp_path)) == 8
    assert 'WARNING' not in log_of(tmp_path)


@pytest.mark.parametrize('tracker', ['tensorboard', 'wandb', 'mlflow'])
def test_a_missing_package_is_named_once(tmp_path, monkeypatch, tracker):
    for module in ('tensorboard', 'torch.utils.tensorboard', 'wandb', 'mlflow'):
        monkeypatch.setitem(sys.modules, module, None)
    build_runner(config(tmp_path, trackers=[tracker])).train()
    (line,) = [line for line in log_of(tmp_path).splitlines() if 'left out' in line]
    assert f"pip install {tracker}, or 'mmreid[trackers]'" in line
    assert len(json_of(tmp_path)) == 8
    assert (tmp_path / 'epoch_2.pth').is_file()


class Broken(WandbVisBackend):
    """A tracker that begins and then fails as it is told."""

    def __init__(self, save_dir, fails=(), begins=True):
        super().__init__(save_dir)
        self.fails, self.begins, self.calls = set(fails), begins, []

    def _init_env(self):
        if not self.begins:
            raise ConnectionError('no route to host.')
        self._env_initialized = True

    def _record(self, name):
        if not self._env_initialized:
            self._init_env()
        self.calls.append(name)
        if len(self.calls) in self.fails:
            raise RuntimeError('no network\nat all')

    def add_config(self, config, **kwargs):
        self._record('config')

    def add_scalars(self, scalar_dict, step=0, file_path=None, **kwargs):
        self._record('scalars')

    def close(self):
        self._record('close')


@pytest.mark.parametrize(
    ('fails', 'calls', 'warnings'),
    [
        # The log tells the same only once.
        ((), 10, 0),
        ((2, 3, 5, 10), 10, 1),  # never three in a row
        ((3, 4, 5, 6), 5, 2),
    ],
)
def test_failures_do_not_stop_a_run(tmp_path, fails, calls, warnings):
    cfg = config(tmp_path)
    cfg.visualizer.vis_backends.append(dict(type=Broken, fails=fails))
    runner = build_runner(cfg)
    runner.train()
    backend = runner.visualizer.get_backend('Broken').backend
    assert len(backend.calls) == calls
    told = [line for line in log_of(tmp_path).splitlines() if 'no network' in line]
    assert len(told) == warnings
    assert all('RuntimeError: no network at all. The run goes on' in t for t in told)
    assert ('left out' in log_of(tmp_path)) == (calls < 10)
    assert len(json_of(tmp_path)) == 8


def test_a_tracker_that_cannot_begin_is_not_tried_again(tmp_path):
    cfg = config(tmp_path)
    cfg.visualizer.vis_backends.append(dict(type=Broken, begins=False))
    build_runner(cfg).train()
    (line,) = [line for line in log_of(tmp_path).splitlines() if 'left out' in line]
    assert 'ConnectionError: no route to host. The run goes on' in line


def test_pictures_and_graphs_are_guarded_too(tmp_path):
    local = dict(type='LocalVisBackend')
    visualizer = TrackingVisualizer(
        'toy', None, [local, dict(type=Broken)], str(tmp_path)
    )
    broken = visualizer.get_backend('Broken')
    # Not overridden in Broken: mmengine's own, which miss an experiment.
    visualizer.add_scalar('a', 1.0)
    visualizer.add_graph(torch.nn.Linear(1, 1), [])
    assert isinstance(visualizer.get_backend('LocalVisBackend'), LocalVisBackend)
    with pytest.raises(AttributeError):
        _ = broken.experiment


def test_an_unknown_tracker_is_an_error():
    with pytest.raises(ValueError, match=r"\['tensorboard', 'wandb', 'mlflow'\], got"):
        TrackingVisualizer('toy', trackers='tensorbord')
