"""Learning rates, epoch by epoch, are those of the authors' programs.

Read in jixunbo/LightMBN optim/warmup_cosine_scheduler.py@a17dd49, Syliz517/CLIP-ReID
configs/person/{vit,cnn}_clipreid.yml@4c0eb20 and, for PCL-CLIP, in its paper.
"""

import math
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmreid.registry import PARAM_SCHEDULERS

ROOT = Path(__file__).parents[2] / 'configs'


def warm_up_and_steps(first: float, steps: tuple[int, int]):
    """The strong baseline's: epochs count from 1, steps begin with their epoch."""

    def factor(epoch: int) -> float:
        past = min((epoch + 1) / 10, 1)
        return (first + (1 - first) * past) * 0.1 ** sum(epoch + 1 >= s for s in steps)

    return factor


def pcl_clip(epoch: int) -> float:
    """The same with epochs from 0."""
    return warm_up_and_steps(0.1, (30, 50))(epoch - 1)


def lightmbn(epoch: int) -> float:
    """Tenths, then half a cosine whose last epoch has the least rate."""
    if epoch < 10:
        return (epoch + 1) / 10
    least = 3.5e-7 / 6e-4
    return least + (1 - least) * (1 + math.cos(math.pi * (epoch - 10) / 119)) / 2


@pytest.mark.parametrize(
    ('name', 'epochs', 'factor'),
    [
        ('clip_reid/clip-reid_vit-b_market', 60, warm_up_and_steps(0.1, (30, 50))),
        ('clip_reid/clip-reid_r50_market', 120, warm_up_and_steps(0.01, (40, 70))),
        ('pcl_clip/pcl-clip_vit-b_market', 60, pcl_clip),
        ('lightmbn/lightmbn_osnet_market', 130, lightmbn),
    ],
)
def test_rates(name, epochs, factor):
    config = Config.fromfile(ROOT / f'{name}.py')
    init_default_scope(config.default_scope)
    assert config.train_cfg.max_epochs == epochs
    rate = config.optim_wrapper.optimizer.lr
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    schedulers = [
        PARAM_SCHEDULERS.build(dict(cfg, optimizer=optimizer))
        for cfg in config.param_scheduler
    ]
    for epoch in range(epochs):
        now = optimizer.param_groups[0]['lr'] / rate
        assert now == pytest.approx(factor(epoch), rel=1e-9), epoch
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
