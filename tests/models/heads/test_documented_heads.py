"""The configs on the page about heads and losses build and train."""

import re
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmpretrain.structures import DataSample

from mmreid.models import losses
from mmreid.registry import MODELS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / 'docs' / 'reference' / 'heads_and_losses.md').read_text('utf-8')
CONFIGS = re.findall(r'^```python\n(.*?)^```', PAGE, re.S | re.M)


@pytest.mark.parametrize('index', range(len(CONFIGS)))
def test_configs_train(index, tmp_path):
    path = tmp_path / 'config.py'
    path.write_text(CONFIGS[index].replace("'configs/", f"'{ROOT}/configs/"), 'utf-8')
    cfg = Config.fromfile(path).model
    cfg.backbone.update(depth=18, base_channels=8, stem_channels=8, init_cfg=None)
    cfg.head.num_classes = 4
    model = MODELS.build(cfg)
    samples = [DataSample().set_gt_label(i // 2) for i in range(8)]
    values = model(torch.randn(8, 3, 64, 32), samples, mode='loss')
    total = sum(values.values())
    total.backward()
    assert total.isfinite()
    unused = [
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and parameter.grad is None
    ]
    assert not unused


def test_every_loss_is_told():
    missing = [name for name in losses.__all__ if f'`{name}' not in PAGE]
    assert not missing
