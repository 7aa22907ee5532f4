"""A memory is made anew each epoch, and a resumed training goes on with its own."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.hooks import Hook
from shared_training import (
    PERSONS,
    assert_same_ends,
    embed_each,
    make_own_config,
)

from mmreid.engine import ClassCentroidsHook, TrainingStoppedError, build_runner
from mmreid.registry import HOOKS

LOSS = 'head.branches.whole.metric_loss'


@HOOKS.register_module()
class KeepMemoriesHook(Hook):
    """Keeps the memory at the beginning of each epoch."""

    priority = 'LOWEST'

    def __init__(self) -> None:
        self.memories: list[torch.Tensor] = []

    def before_train_iter(self, runner, batch_idx, *args, **kwargs):
        if batch_idx == 0:
            loss = runner.model.get_submodule(LOSS)
            self.memories.append(loss.memory.clone())


def config(data: Path, work_dir: Path, stop: int = -1) -> Config:
    cfg = make_own_config(data, work_dir)
    cfg.model.head.metric_loss = dict(
        type='ClusterMemoryLoss', in_channels=64, num_classes=PERSONS
    )
    cfg.train_cfg.max_epochs = 2
    pipeline = cfg.train_dataloader.dataset.pipeline
    hook = dict(type='ClassCentroidsHook', loss=LOSS, pipeline=pipeline, num_workers=0)
    stopping = dict(type='StopHook', step=stop)
    cfg.custom_hooks = [hook, dict(type='KeepMemoriesHook'), stopping]
    return cfg


def train(cfg: Config) -> None:
    build_runner(cfg).train()


def test_rows_are_the_means_of_the_pictures(data, tmp_path):
    cfg = config(data, tmp_path)
    runner = build_runner(cfg)
    dataset = build_runner(cfg).build_dataloader(cfg.train_dataloader).dataset
    vectors = embed_each(runner.model, dataset).double()
    labels = torch.tensor([*map(dataset.get_cat_ids, range(len(dataset)))]).flatten()
    sums = torch.zeros(PERSONS, 64, dtype=torch.float64)
    sums.index_add_(0, labels, F.normalize(vectors))
    hook = next(h for h in runner.hooks if isinstance(h, KeepMemoriesHook))
    runner.train()
    memories = hook.memories
    torch.testing.assert_close(
        memories[0].double(), F.normalize(sums), rtol=0, atol=1e-5
    )
    assert (memories[1] - memories[0]).abs().max() > 1e-3
    end = torch.load(tmp_path / 'epoch_2.pth', weights_only=True)['state_dict']
    assert not torch.equal(end[f'{LOSS}.memory'], memories[1])  # the batches moved it


def test_resumed_in_mid_epoch_equals_uninterrupted(data, tmp_path):
    train(config(data, tmp_path / 'whole'))
    cfg = config(data, tmp_path / 'parts', stop=11)
    with pytest.raises(TrainingStoppedError):
        train(cfg)
    cfg = config(data, tmp_path / 'parts')
    cfg.update(resume=True, load_from=str(tmp_path / 'parts/resume_point.pth'))
    train(cfg)
    assert_same_ends(tmp_path, 'state_dict', 'optimizer')


def test_says_what_it_lacks(data, tmp_path):
    cfg = config(data, tmp_path)
    cfg.custom_hooks[0].loss = 'head.embedding_los'
    with pytest.raises(ValueError, match='loss must name a part of the model'):
        train(cfg)
    hook = ClassCentroidsHook(LOSS)
    runner = build_runner(config(data, tmp_path))
    runner.cfg.test_dataloader = None
    with pytest.raises(ValueError, match='pipeline must be given'):
        hook.before_train(runner)
