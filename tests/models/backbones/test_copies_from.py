"""Copies that begin within layer3, as MGN has them."""

import copy

import pytest
import torch
import torchvision
from torch import nn

from mmreid.models.backbones import PluginResNet

THIN = dict(stem_channels=8, base_channels=8)
MGN = dict(last_stage_copies=3, copies_from=(2, 1))


class Doubled(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x, y):
        return 2 * y


def test_names():
    own = set(PluginResNet(18, **MGN, **THIN).state_dict())
    plain = set(PluginResNet(18, **THIN).state_dict())
    copied = {n for n in plain if n.startswith(('layer3.1.', 'layer4.'))}
    assert own - plain == {
        n.replace('.', f'_copies.{index}.', 1) for n in copied for index in (0, 1)
    }


def test_maps_are_those_of_whole_networks():
    net = PluginResNet(50, **MGN, **THIN, strides=(1, 2, 2, 1)).double().eval()
    for parameter in net.parameters():
        nn.init.normal_(parameter, std=0.1)
    x = torch.randn(2, 3, 64, 32, dtype=torch.float64)
    maps = net(x)
    assert net.out_channels == (256, 256, 256)
    single = PluginResNet(50, **THIN, strides=(1, 2, 2, 1)).double().eval()
    for index, found in enumerate(maps):
        state = {
            name: value
            for name, value in net.state_dict().items()
            if '_copies' not in name
        }
        if index:
            for name, value in net.state_dict().items():
                if f'_copies.{index - 1}.' in name:
                    state[name.replace(f'_copies.{index - 1}', '')] = value
        single.load_state_dict(state)
        torch.testing.assert_close(found, single(x)[0])


@pytest.mark.parametrize('depth', [18, 50])
def test_each_copy_has_its_stride(depth):
    net = PluginResNet(
        depth, **MGN, **THIN, strides=(1, 2, 2, 2), copy_strides=(1, 2)
    ).double()
    net.init_weights()
    net.eval()
    maps = net(torch.randn(2, 3, 64, 32, dtype=torch.float64))
    assert [tuple(m.shape[2:]) for m in maps] == [(2, 1), (4, 2), (2, 1)]
    torch.testing.assert_close(maps[2], maps[0])
    other = PluginResNet(depth, **THIN, strides=(1, 2, 2, 1)).double()
    own = net.state_dict()
    other.load_state_dict({n: own[n] for n in other.state_dict()})
    x = torch.randn(2, 3, 64, 32, dtype=torch.float64)
    torch.testing.assert_close(net(x)[1], other.eval()(x)[0])


def test_a_plain_checkpoint_fills_the_copies():
    plain = torchvision.models.resnet18().state_dict()
    plain = {k: v for k, v in plain.items() if not k.startswith('fc.')}
    net = PluginResNet(18, **MGN)
    net.load_state_dict(copy.copy(plain))
    for name in ('layer3.1.bn2.running_var', 'layer4.0.conv1.weight'):
        for index in (0, 1):
            own = net.state_dict()[name.replace('.', f'_copies.{index}.', 1)]
            assert torch.equal(own, plain[name])
            assert own.data_ptr() != plain[name].data_ptr()


def test_frozen_with_their_stage():
    net = PluginResNet(18, **MGN, **THIN, frozen_stages=3)
    assert not any(p.requires_grad for p in net.layer3_copies.parameters())
    assert all(p.requires_grad for p in net.layer4_copies.parameters())


def test_a_stem_without_relu():
    torch.manual_seed(0)
    with_relu = PluginResNet(18, **THIN).eval()
    without = PluginResNet(18, **THIN, stem_relu=False).eval()
    without.load_state_dict(with_relu.state_dict())
    x = torch.randn(1, 3, 32, 32)
    seen = []
    without.maxpool.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    assert not torch.equal(without(x)[0], with_relu(x)[0])
    torch.testing.assert_close(seen[0], without.bn1(without.conv1(x)))


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(copies_from=3), r'copies_from must be \(stage, block\), got 3'),
        (dict(copies_from=(3,)), r'copies_from must be \(stage, block\), got \(3,\)'),
        (dict(copies_from=(2, 2)), r'one of its \(2, 2, 2, 2\) blocks, got \(2, 2\)'),
        (dict(copies_from=(4, 0)), r'stage from 0 to 3 .* got \(4, 0\)'),
        (dict(copy_strides=(1,)), r'for each of the 2 copies .* got \(1,\)'),
        (dict(copy_strides=(1, 3)), r'1 or 2 .* got \(1, 3\)'),
        (
            dict(
                copy_strides=(1, 1),
                plugins=[
                    dict(
                        cfg=dict(type=Doubled),
                        stages=(3,),
                        blocks=(0,),
                        position='parallel',
                    )
                ],
            ),
            'is built for 2; got 1',
        ),
    ],
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        PluginResNet(18, last_stage_copies=3, **THIN, **kwargs)


def test_a_place_without_copies_is_an_error():
    with pytest.raises(ValueError, match='copies_from needs copies'):
        PluginResNet(18, **THIN, copies_from=(2, 1))
