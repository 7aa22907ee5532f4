"""Copies of layer4, side by side: one start, own weights."""

from collections import OrderedDict

import pytest
import torch
import torchvision
from mmengine.runner.checkpoint import load_state_dict
from torch import nn

from mmreid.models.backbones import PluginResNet


class RandomStart(nn.Module):
    """y + conv(y), drawn anew by every init_weights."""

    def __init__(self, in_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, in_channels, 1)

    def init_weights(self):
        nn.init.normal_(self.conv.weight, std=0.05)

    def forward(self, y):
        return y + self.conv(y)


THIN = dict(stem_channels=16, base_channels=16)  # for speed, where widths are nothing
PLUGINS = [dict(cfg=dict(type=RandomStart), stages=(2, 3))]


def copies_of(net):
    return [stage.state_dict() for stage in (net.layer4, *net.layer4_copies)]


def assert_one_start(net):
    first, *others = copies_of(net)
    for other in others:
        assert list(other) == list(first)
        for name, value in first.items():
            assert torch.equal(other[name], value), name
            assert other[name].data_ptr() != value.data_ptr(), name


@pytest.fixture
def plain():
    net = torchvision.models.resnet18()
    for parameter in net.parameters():
        nn.init.uniform_(parameter, 0.1, 0.2)
    return OrderedDict((k, v) for k, v in net.state_dict().items() if 'fc.' not in k)


def test_names_and_parameters():
    net = PluginResNet(50, last_stage_copies=3)
    plain = PluginResNet(50)
    layer4 = [n for n in plain.state_dict() if n.startswith('layer4.')]
    assert set(net.state_dict()) - set(plain.state_dict()) == {
        name.replace('layer4.', f'layer4_copies.{index}.')
        for index in (0, 1)
        for name in layer4
    }
    # SPEC 2.5: the trunk with layer4 three times, 53.44 M.
    assert sum(p.numel() for p in net.parameters()) == 53_437_504


@pytest.mark.parametrize('initialised', [True, False])
def test_one_start_and_own_gradients(initialised):
    net = PluginResNet(18, plugins=PLUGINS, last_stage_copies=3, **THIN).double()
    if initialised:
        net.init_weights()
    assert_one_start(net)
    x = torch.randn(2, 3, 64, 32, dtype=torch.float64)
    maps = net(x)
    assert len(maps) == 3
    torch.testing.assert_close(maps[1], maps[0])
    (maps[0].sum() + 2 * maps[1].pow(2).sum()).backward()
    first, second, third = (net.layer4, *net.layer4_copies)
    for name, parameter in first.named_parameters():
        other = second.get_parameter(name)
        assert not torch.allclose(parameter.grad, other.grad), name
        assert third.get_parameter(name).grad is None, name
    assert net.layer3[0].conv1.weight.grad.abs().sum() > 0


def test_each_map_is_its_stage_of_the_shared_trunk():
    net = PluginResNet(18, last_stage_copies=2, out_indices=(2, 3), **THIN).eval()
    for parameter in net.layer4_copies.parameters():
        nn.init.normal_(parameter, std=0.1)
    shared, first, second = net(torch.randn(2, 3, 64, 32))
    assert torch.equal(first, net.layer4(shared))
    assert torch.equal(second, net.layer4_copies[0](shared))
    assert not torch.allclose(first, second)


@pytest.mark.parametrize('how', ['torch', 'assign', 'mmengine', 'within'])
def test_a_plain_checkpoint_fills_the_copies(plain, how):
    net = PluginResNet(18, last_stage_copies=3)
    given = list(plain)
    if how == 'torch':
        net.load_state_dict(plain)
    elif how == 'assign':
        net.load_state_dict(plain, assign=True)
    elif how == 'mmengine':
        load_state_dict(net, plain, strict=True)
    else:
        model = nn.ModuleDict(dict(backbone=net))
        model.load_state_dict({f'backbone.{k}': v for k, v in plain.items()})
    assert_one_start(net)
    weight = plain['layer4.1.conv2.weight']
    assert torch.equal(net.layer4_copies[1][1].conv2.weight, weight)
    assert list(plain) == given


def test_a_checkpoint_without_layer4_is_still_incomplete(plain):
    net = PluginResNet(18, last_stage_copies=2)
    trunk = {k: v for k, v in plain.items() if not k.startswith('layer4')}
    with pytest.raises(RuntimeError, match=r'Missing key.*layer4_copies\.0'):
        net.load_state_dict(trunk)


def trained(copies):
    net = PluginResNet(18, plugins=PLUGINS, last_stage_copies=copies)
    for parameter in net.parameters():
        nn.init.normal_(parameter)
    return net


def test_an_own_checkpoint_keeps_its_copies():
    old = trained(2)
    net = PluginResNet(18, plugins=PLUGINS, last_stage_copies=2)
    net.load_state_dict(old.state_dict())
    for name, value in old.state_dict().items():
        assert torch.equal(net.state_dict()[name], value), name
    wider = PluginResNet(18, plugins=PLUGINS, last_stage_copies=3)
    wider.load_state_dict(old.state_dict())
    first, second, third = copies_of(wider)
    assert torch.equal(second['0.conv1.weight'], old.layer4_copies[0][0].conv1.weight)
    assert torch.equal(third['0.conv1.weight'], first['0.conv1.weight'])


@pytest.mark.parametrize('source', ['plain', 'own'])
def test_pretrained_by_config(tmp_path, plain, source):
    old = trained(2)
    state = plain if source == 'plain' else old.state_dict()
    torch.save(state, tmp_path / 'weights.pth')
    init_cfg = dict(type='Pretrained', checkpoint=str(tmp_path / 'weights.pth'))
    net = PluginResNet(18, plugins=PLUGINS, last_stage_copies=2, init_cfg=init_cfg)
    net.init_weights()
    if source == 'plain':
        assert_one_start(net)
        assert torch.equal(net.layer4[0].conv1.weight, plain['layer4.0.conv1.weight'])
    else:
        for name, value in state.items():
            assert torch.equal(net.state_dict()[name], value), name


def test_frozen_with_layer4():
    net = PluginResNet(18, last_stage_copies=2, frozen_stages=4)
    assert not any(p.requires_grad for p in net.parameters())
    assert not net.train().layer4_copies[0][0].bn1.training
    free = PluginResNet(18, last_stage_copies=2, frozen_stages=3)
    assert all(p.requires_grad for p in free.layer4_copies.parameters())


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(last_stage_copies=0), 'at least 1, got 0'),
        (dict(last_stage_copies=2, out_indices=(1, 2)), r'add 3 to .* \(1, 2\)'),
    ],
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        PluginResNet(18, **kwargs)
