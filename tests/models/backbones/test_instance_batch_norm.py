"""IBN-a: the names of the public checkpoints and the values of a loop."""

import re

import pytest
import torch
from torch import nn

from mmreid.models.backbones import PluginResNet
from mmreid.models.backbones.instance_batch_norm import InstanceBatchNorm


def by_loop(norm, x, training):
    """Normalise one channel after the other."""
    out = torch.empty_like(x)
    half = norm.IN.num_features
    for channel in range(x.shape[1]):
        part, index = (
            (norm.IN, channel) if channel < half else (norm.BN, channel - half)
        )
        weight, bias = part.weight[index], part.bias[index]
        for image in range(len(x)):
            if channel < half:
                values = x[image, channel]
            elif training:
                values = x[:, channel]
            mean, var = (
                (part.running_mean[index], part.running_var[index])
                if channel >= half and not training
                else (values.mean(), values.var(unbiased=False))
            )
            scaled = (x[image, channel] - mean) / (var + 1e-5).sqrt()
            out[image, channel] = scaled * weight + bias
    return out


@pytest.mark.parametrize('channels', [6, 7])
@pytest.mark.parametrize('training', [True, False])
def test_values(channels, training):
    norm = InstanceBatchNorm(channels, dict(type='BN', requires_grad=True)).double()
    assert norm.IN.num_features == 3
    for tensor in (*norm.parameters(), norm.BN.running_mean, norm.BN.running_var):
        nn.init.uniform_(tensor, 0.5, 1.5)
    x = torch.randn(3, channels, 4, 5, dtype=torch.float64) + 2
    expected = by_loop(norm, x, training)
    torch.testing.assert_close(norm.train(training)(x), expected)


@pytest.mark.parametrize('depth', [18, 50])
def test_public_names(depth):
    net = PluginResNet(depth, ibn='a')
    expected = []
    for name in PluginResNet(depth).state_dict():
        found = re.fullmatch(r'(layer[123]\.\d+\.bn1\.)(\w+)', name)
        if not found:
            expected.append(name)
            continue
        stem, kind = found.groups()
        expected.append(f'{stem}BN.{kind}')
        if kind in ('weight', 'bias'):
            expected.append(f'{stem}IN.{kind}')
    assert sorted(net.state_dict()) == sorted(expected)
    widths = [net.get_parameter(f'layer{i}.0.bn1.IN.weight') for i in (1, 2, 3)]
    assert [len(width) for width in widths] == [32, 64, 128]
    plain = sum(p.numel() for p in PluginResNet(depth).parameters())
    assert sum(p.numel() for p in net.parameters()) == plain


@pytest.mark.parametrize('depth', [18, 50])
def test_in_a_block(depth):
    """Replaces the first normalisation and nothing else."""
    thin = dict(stem_channels=16, base_channels=16)
    net = PluginResNet(depth, ibn='a', **thin).eval().double()
    block = net.layer2[1]
    other = PluginResNet(depth, **thin).eval().double().layer2[1]
    other.load_state_dict(block.state_dict(), strict=False)
    x = torch.rand(2, block.in_channels, 6, 4, dtype=torch.float64)

    def half_by_instance(_, args, __):
        return by_loop(block.bn1, args[0], training=False)

    other.bn1.register_forward_hook(half_by_instance)
    torch.testing.assert_close(block(x), other(x))
    assert isinstance(net.layer4[0].bn1, nn.BatchNorm2d)


def test_a_frozen_norm_config_freezes_both_halves():
    norm = InstanceBatchNorm(8, dict(type='BN', requires_grad=False, eps=0.5))
    assert not any(p.requires_grad for p in norm.parameters())
    assert norm.BN.eps == 0.5
