"""The first and the last lines of a run."""

from pathlib import Path

import pytest
from torch.utils.data import IterableDataset
from toy_training import ToyDataset, toy_config

from mmreid.engine import build_runner, describe_end, describe_run
from mmreid.registry import DATASETS

PERSONS = dict(dataset='Toyland', version='2', split='train', num_ids=3, num_images=12)
TEST = dict(dataset='Toyland', split='test', num_images=12, num_query=4, num_gallery=8)


@DATASETS.register_module()
class CountedToyDataset(ToyDataset):
    """One that tells its numbers, as those of persons do."""

    def __init__(self, metainfo: dict) -> None:
        super().__init__()
        self.metainfo = {**metainfo, 'ids': self.metainfo['ids']}


def facts(text):
    title, *lines = text.splitlines()
    width = max(len(line) - len(line[2:].split('  ', 1)[1].lstrip()) for line in lines)
    return title, {line[:width].strip(): line[width:] for line in lines}


def config(work_dir, **changes):
    cfg = toy_config(work_dir, **changes)
    cfg.train_dataloader.dataset = dict(type='CountedToyDataset', metainfo=PERSONS)
    cfg.test_dataloader.dataset = dict(type='CountedToyDataset', metainfo=TEST)
    cfg.val_dataloader, cfg.val_cfg = cfg.test_dataloader, dict()
    cfg.val_evaluator = cfg.test_evaluator
    return cfg


def test_a_training_is_told_before_and_after(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cfg = config(Path('work'))
    cfg.train_cfg.val_interval = 2
    cfg.default_hooks.checkpoint = dict(
        type='AtomicCheckpointHook', save_best='toy/mean', rule='greater'
    )
    runner = build_runner(cfg)
    _ = runner.train_loop
    title, told = facts(describe_run(runner, ['a.b=1', 'c=2']))
    assert title == 'training'
    log = Path(told.pop('log'))
    assert log.is_file()
    assert log.parts[0] == 'work'
    assert told.pop('device').endswith(', float32')
    assert told == {
        'model': 'ToyModel, Sequential, 0.0 million parameters',
        'weights': 'random',
        'trained on': 'Toyland 2 train: 3 persons, 12 images',
        'steps': '2 epochs of 3 steps, each of 4 images',
        'validated on': 'Toyland test: 4 queries, 8 in the gallery',
        'seed': '3',
        'options': 'a.b=1 c=2',
        'work folder': 'work',
    }
    runner.train()
    title, told = facts(describe_end(runner, 75.4))
    assert title == 'trained to epoch 2 in 0:01:15'
    assert told.pop('best').startswith('work/best_toy_mean_epoch_2.pth (')
    assert told == {'last': 'work/epoch_2.pth', 'log': str(log)}


def test_a_test_is_told(tmp_path):
    runner = build_runner(config(tmp_path))
    _ = runner.test_loop
    title, told = facts(describe_run(runner, weights=tmp_path / 'epoch_2.pth'))
    assert title == 'test'
    assert told['weights'] == str(tmp_path / 'epoch_2.pth')
    assert told['tested on'] == 'Toyland test: 4 queries, 8 in the gallery'
    assert not {'trained on', 'steps', 'options'} & {*told}
    assert facts(describe_run(runner))[1]['weights'] == 'none loaded'


@pytest.mark.parametrize(
    ('changes', 'expected'),
    [
        (dict(load_from='a/w.pth', resume=True), 'resumed from a/w.pth'),
        (dict(load_from='https://host/w.pth'), 'https://host/w.pth'),
        (
            dict(
                model=dict(
                    neck=[dict(init_cfg=dict(type='Pretrained', checkpoint='x://r50'))]
                )
            ),
            'x://r50',
        ),
    ],
)
def test_where_a_training_starts(tmp_path, monkeypatch, changes, expected):
    monkeypatch.chdir(tmp_path)
    runner = build_runner(config(tmp_path / 'work'))
    _ = runner.train_loop
    # The files are not there: only what is said of them matters.
    runner._load_from = changes.get('load_from')
    runner._resume = changes.get('resume', False)
    runner.cfg.model.update(changes.get('model', {}))
    assert facts(describe_run(runner))[1]['weights'] == expected


@pytest.mark.parametrize(
    ('wrapper', 'expected'),
    [
        (dict(type='OptimWrapper'), 'float32'),
        (dict(type='AutocastOptimWrapper', dtype='float16'), 'float16'),
        (dict(type='AmpOptimWrapper'), 'float16'),
        (dict(type='OtherWrapper'), 'as of OtherWrapper'),
    ],
)
def test_precisions(tmp_path, wrapper, expected):
    runner = build_runner(config(tmp_path))
    _ = runner.train_loop
    runner.optim_wrapper = wrapper
    assert facts(describe_run(runner))[1]['device'].endswith(f', {expected}')


def test_a_training_by_steps(tmp_path):
    cfg = config(tmp_path)
    cfg.train_cfg = dict(by_epoch=False, max_iters=2)
    runner = build_runner(cfg)
    _ = runner.train_loop
    steps = facts(describe_run(runner))[1]['steps']
    assert steps == '2 steps, each of 4 images'
    runner.train()
    assert facts(describe_end(runner, 0.4))[0] == 'trained to step 2 in 0:00:00'


@DATASETS.register_module()
class ToyStream(IterableDataset):
    """The toy data, one after the other, of which nobody knows how many."""

    def __iter__(self):
        return iter(ToyDataset())


def test_a_stream_of_pictures_has_no_number(tmp_path):
    cfg = config(tmp_path)
    cfg.train_dataloader.dataset = dict(type='ToyStream')
    cfg.train_dataloader.sampler = None
    cfg.train_cfg = dict(by_epoch=False, max_iters=2)
    runner = build_runner(cfg)
    _ = runner.train_loop
    assert facts(describe_run(runner))[1]['trained on'] == 'ToyStream'
