"""The networks of all papers, small and without pretrained weights."""

from pathlib import Path

import torch
from mmengine.config import Config
from torch import nn

from mmreid.registry import MODELS

CONFIGS = Path(__file__).resolve().parents[2] / 'configs'
# Name of a case -> its config and what is changed in it.
METHODS: dict[str, tuple[str, dict]] = {
    'bot': ('bot/bot_r18_synthmini.py', {}),
    'pcb': ('pcb/pcb_r18_synthmini.py', {}),
    'aanet': ('aanet/aanet_r18_synthmini.py', {}),
    'aanet-residual': (
        'aanet/aanet_r18_synthmini.py',
        {'backbone.plugins.0.cfg.attend': 'residual'},
    ),
    'ianet': ('ianet/ianet_r18_synthmini.py', {}),
    'ianet-googlenet': ('ianet/ianet_googlenet_market.py', {}),
    'rrid': ('rrid/rrid_r18_synthmini.py', {}),
    'airnet': ('airnet/airnet_r18-ibn_synthmini.py', {}),
    'sonanet': ('sonanet/sonanet_r18_synthmini.py', {}),
}


def build(method: str) -> nn.Module:
    """Build a network in evaluation mode, whose plugins do something."""
    name, changes = METHODS[method]
    cfg = Config.fromfile(CONFIGS / name)
    cfg.merge_from_dict({f'model.{key}': value for key, value in changes.items()})
    cfg.model.backbone.pop('init_cfg', None)
    cfg.model.head.num_classes = 4
    model = MODELS.build(cfg.model)
    with torch.no_grad():  # attention that starts as the identity would hide faults
        for parameter in model.parameters():
            if not parameter.any():
                parameter.normal_(std=0.1)
    return model.eval()


def pictures(count: int = 2) -> list[torch.Tensor]:
    """Make eight batches of four sizes whose height suits every number of parts."""
    return [torch.randn(count, 3, 192, width) for width in (96, 32, 64, 48) * 2]
