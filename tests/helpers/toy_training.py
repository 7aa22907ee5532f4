"""A training that takes a second: random augmentation, dropout, batch norm."""

import itertools
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import Dataset

from mmreid.registry import DATASETS, METRICS, MODELS

_counter = itertools.count()


@DATASETS.register_module()
class ToyDataset(Dataset):
    """Pictures of 3 x 4 x 4 whose augmentation draws from all three generators."""

    def __init__(
        self,
        size: int = 12,
        missing: str = '',
        corrupt: str = '',
        augment: bool = True,
        name: str = 'toy',
    ) -> None:
        if missing:
            raise FileNotFoundError(f'no pictures in {missing}: get them from TOYLAND.')
        self.corrupt = corrupt
        self.augment = augment
        generator = torch.Generator().manual_seed(0)
        self.pictures = torch.randn(size, 3, 4, 4, generator=generator)
        self.metainfo = dict(dataset=name, ids=np.arange(3))

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> dict:
        if self.corrupt:
            raise OSError(f'cannot read image {self.corrupt}')
        if not self.augment:
            return dict(inputs=self.pictures[index], target=index % 3)
        noise = random.random() + np.random.rand() + torch.rand(3, 4, 4)
        return dict(inputs=self.pictures[index] + noise, target=index % 3)


@MODELS.register_module()
class ToyModel(BaseModel):
    """A trunk and a head."""

    def __init__(self, dropout: float = 0.5) -> None:
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(dropout)
        )
        self.head = nn.Linear(8, 3)

    def forward(self, inputs: Any, target: Any, mode: str = 'tensor') -> Any:
        scores = self.head(self.backbone(torch.stack(inputs)).mean((2, 3)))
        if mode == 'loss':
            return dict(loss=nn.functional.cross_entropy(scores, torch.tensor(target)))
        if mode == 'predict':
            return [dict(score=score) for score in scores]
        return scores


@MODELS.register_module()
class WideToyModel(ToyModel):
    """Twice as wide."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone[0] = nn.Conv2d(3, 16, 3)
        self.backbone[1] = nn.BatchNorm2d(16)
        self.head = nn.Linear(16, 3)


@METRICS.register_module()
class ToyMetric(BaseMetric):
    """Mean score, and what a protocol stamp looks like."""

    default_prefix = 'toy'

    def process(self, data_batch: Any, data_samples: Any) -> None:
        self.results.extend(float(sample['score'].mean()) for sample in data_samples)

    def compute_metrics(self, results: list) -> dict:
        mean = np.float64(np.mean(results))
        return dict(mean=mean, count=len(results), protocol=dict(distance='toy'))


def toy_config(work_dir: Path, max_epochs: int = 2, **changes: Any) -> Config:
    """A config of the toy training; ``changes`` replaces top level entries."""
    loader = dict(
        batch_size=4,
        num_workers=0,
        dataset=dict(type='ToyDataset'),
        sampler=dict(type='DefaultSampler', shuffle=True),
    )
    test_loader = dict(loader, sampler=dict(type='DefaultSampler', shuffle=False))
    content = dict(
        default_scope='mmreid',
        model=dict(type='ToyModel'),
        train_dataloader=loader,
        train_cfg=dict(by_epoch=True, max_epochs=max_epochs, val_interval=1000),
        optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.01)),
        param_scheduler=[
            dict(type='LinearLR', by_epoch=False, start_factor=0.1, end=4),
            dict(type='MultiStepLR', milestones=[3], end=1_000_000_000),
        ],
        test_dataloader=test_loader,
        test_cfg=dict(),
        test_evaluator=dict(type='ToyMetric'),
        custom_hooks=[],
        default_hooks=dict(logger=dict(type='LoggerHook', interval=100)),
        randomness=dict(seed=3),
        work_dir=str(work_dir),
        # Runners of one process share their log and message hub by this name.
        experiment_name=f'toy_{next(_counter)}',
    )
    return Config({**content, **changes})


def train(cfg: Config) -> Runner:
    """Train and return the runner."""
    runner = Runner.from_cfg(cfg)
    runner.train()
    iterator = runner.train_dataloader._iterator
    if cfg.train_dataloader.get('persistent_workers'):
        # Left to the garbage collector it takes torch 5 seconds per worker.
        iterator._shutdown_workers()
    return runner


def losses(runner: Runner) -> list[float]:
    """The losses of all iterations, from the message hub."""
    return runner.message_hub.get_scalar('train/loss').data[0].tolist()
