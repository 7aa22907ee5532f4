"""The bottleneck that a head uses as a stage."""

import pytest
import torch
from torch import nn
from torchvision.models import resnet

from mmreid.registry import MODELS


@pytest.mark.parametrize('out_channels', [None, 48])
def test_equals_torchvisions(out_channels):
    cfg = dict(type='Bottleneck', in_channels=32)
    if out_channels:
        cfg['out_channels'] = out_channels
    block = MODELS.build(cfg)
    width = out_channels or 32
    assert block.out_channels == width
    shortcut = nn.Sequential(nn.Conv2d(32, width, 1, bias=False), nn.BatchNorm2d(width))
    other = resnet.Bottleneck(
        32, width // 4, downsample=shortcut if out_channels else None
    )
    other.load_state_dict(block.state_dict())
    x = torch.randn(2, 32, 6, 4)
    torch.testing.assert_close(block(x), other(x))


def test_drawn_as_in_a_fresh_resnet_also_within_a_branch():
    branch = MODELS.build(
        dict(
            type='Branch',
            in_channels=256,
            num_classes=3,
            stage=dict(type='Bottleneck'),
            pool=dict(type='GlobalPool'),
        )
    )
    branch.init_weights()
    block = branch.stage[0]
    for conv, fan_out in ((block.conv2, 9 * 64), (block.conv3, 256)):
        assert conv.weight.std().item() == pytest.approx((2 / fan_out) ** 0.5, rel=0.05)
        assert conv.weight.mean().abs() < 0.01
