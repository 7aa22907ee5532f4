"""Swin and timm's networks have the parameters and multiply-adds that are printed."""

import pytest

from mmreid.apis.cost.complexity import count_parts
from mmreid.models.backbones import SwinTransformer, TimmBackbone


# Swin paper (arXiv 2103.14030), Table 1, with a classifier of 1000 classes.
@pytest.mark.parametrize(
    ('arch', 'millions', 'billions'),
    [
        ('tiny', 28.3, 4.5),
        pytest.param('small', 49.6, 8.7, marks=pytest.mark.slow),
        pytest.param('base', 87.8, 15.4, marks=pytest.mark.slow),
    ],
)
def test_swin(arch, millions, billions):
    net = SwinTransformer(arch, pad_small_map=False)
    cost = count_parts(net, (224, 224))['total']
    classifier = 1000 * (net.out_channels[0] + 1)
    assert round((cost.params + classifier) / 1e6, 1) == millions
    assert round(cost.macs / 1e9, 1) == billions


# MobileNetV2 (arXiv 1801.04381), Table 4, and ConvNeXt (arXiv 2201.03545), Table 1.
@pytest.mark.parametrize(
    ('name', 'millions', 'billions'),
    [('mobilenetv2_100', 3.5, 0.3), ('convnext_tiny', 28.6, 4.5)],
)
def test_timm(name, millions, billions):
    net = TimmBackbone(name, img_size=224)
    cost = count_parts(net, (224, 224))['total']
    classifier = 1000 * (net.out_channels[0] + 1)
    assert round((cost.params + classifier) / 1e6, 1) == millions
    assert round(cost.macs / 1e9, 1) == billions
