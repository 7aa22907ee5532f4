"""Where PluginResNet's weights come from: initialisers, plugins, checkpoints."""

import pytest
import torch
import torchvision
from mmengine.model import BaseModule
from torch import nn

from mmreid.models.backbones import PluginResNet

KAIMING = [
    dict(type='Kaiming', layer=['Conv2d']),
    dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
]


class ZeroStart(nn.Module):
    """y + BN(conv(y)) with the batch norm at zero: starts as the identity."""

    def __init__(self, in_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, in_channels, 1)
        self.norm = nn.BatchNorm2d(in_channels)
        nn.init.constant_(self.conv.weight, 0.125)
        nn.init.zeros_(self.norm.weight)

    def forward(self, y):
        return y + self.norm(self.conv(y))


class OwnStart(BaseModule):
    """Has mmengine's init_weights, which is to be called once."""

    def __init__(self, in_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, in_channels, 1)
        self.calls = 0

    def init_weights(self):
        super().init_weights()
        self.calls += 1
        nn.init.constant_(self.conv.weight, 0.375)

    def forward(self, y):
        return y + self.conv(y)


def plugins(kind, **place):
    return [dict(cfg=dict(type=kind), stages=(1, 3), **place)]


@pytest.fixture
def plain(tmp_path):
    """A checkpoint with torchvision's layout, fc included."""
    net = torchvision.models.resnet18()
    for parameter in net.parameters():
        nn.init.uniform_(parameter, 0.1, 0.2)
    path = tmp_path / 'plain.pth'
    torch.save(net.state_dict(), path)
    return str(path), net.state_dict()


def has_started(net):
    """Assert that the plugins are as they were made."""
    found = [plugin for _, plugin in net.named_plugins()]
    assert len(found) >= 2
    for plugin in found:
        assert (plugin.conv.weight == 0.125).all()
        assert not plugin.norm.weight.any()


@pytest.mark.parametrize('init_cfg', [KAIMING, None, KAIMING[1]])
def test_plugins_stay_as_they_were_made(init_cfg):
    net = PluginResNet(18, plugins=plugins(ZeroStart), init_cfg=init_cfg)
    nn.init.constant_(net.layer2[1].bn2.weight, 5)
    net.init_weights()
    has_started(net)
    trunk = net.layer2[1].bn2.weight
    assert (trunk == (1 if init_cfg else 5)).all()
    assert net.init_cfg == init_cfg


@pytest.mark.parametrize('others', [[], KAIMING])
def test_plugins_stay_beside_a_pretrained_trunk(plain, others):
    path, weights = plain
    pretrained = dict(type='Pretrained', checkpoint=path)
    init_cfg = [*others, pretrained] if others else pretrained
    net = PluginResNet(18, plugins=plugins(ZeroStart), init_cfg=init_cfg)
    net.init_weights()
    has_started(net)
    state = net.state_dict()
    for name in weights:
        if not name.startswith('fc.'):
            assert torch.equal(state[name], weights[name]), name

    # With plugins that start as the identity, the output is the plain network's.
    trunk = PluginResNet(18)
    trunk.load_state_dict({k: v for k, v in weights.items() if 'fc.' not in k})
    x = torch.randn(2, 3, 64, 32)
    assert torch.equal(net.eval()(x)[0], trunk.eval()(x)[0])


def test_pretrained_wins_over_zero_init_residual(plain):
    """In mmpretrain a list of initialisers zeroes the norms it has just loaded."""
    path, weights = plain
    init_cfg = [*KAIMING, dict(type='Pretrained', checkpoint=path)]
    net = PluginResNet(18, zero_init_residual=True, init_cfg=init_cfg)
    net.init_weights()
    assert torch.equal(net.layer1[0].bn2.weight, weights['layer1.0.bn2.weight'])


@pytest.mark.parametrize(('zero', 'value'), [({}, 1), (dict(zero_init_residual=1), 0)])
def test_zero_init_residual(zero, value):
    net = PluginResNet(18, **zero)
    net.init_weights()
    assert (net.layer1[0].bn2.weight == value).all()


@pytest.mark.parametrize('init_cfg', [KAIMING, None])
def test_a_plugins_own_init_weights_runs_once(init_cfg):
    net = PluginResNet(18, plugins=plugins(OwnStart), init_cfg=init_cfg)
    net.init_weights()
    for _, plugin in net.named_plugins():
        assert (plugin.conv.weight == 0.375).all()
        nn.init.constant_(plugin.conv.weight, 9)
    net.init_weights()
    for _, plugin in net.named_plugins():
        assert plugin.calls == 1
        assert (plugin.conv.weight == 9).all()


@pytest.mark.parametrize('kind', [ZeroStart, OwnStart])
@pytest.mark.parametrize('prefix', [None, 'backbone.'])
def test_an_own_checkpoint_brings_its_plugins(tmp_path, kind, prefix):
    trained = PluginResNet(18, plugins=plugins(kind))
    for parameter in trained.parameters():
        nn.init.normal_(parameter)
    state = {f'{prefix or ""}{k}': v for k, v in trained.state_dict().items()}
    torch.save(state, tmp_path / 'own.pth')
    init_cfg = dict(
        type='Pretrained', checkpoint=str(tmp_path / 'own.pth'), prefix=prefix
    )
    net = PluginResNet(18, plugins=plugins(kind), init_cfg=init_cfg)
    net.init_weights()
    for name, value in trained.state_dict().items():
        assert torch.equal(net.state_dict()[name], value), name


def test_inside_a_model_that_is_initialised():
    class Model(BaseModule):
        def __init__(self):
            super().__init__()
            self.backbone = PluginResNet(18, plugins=plugins(ZeroStart))

    model = Model()
    model.init_weights()
    has_started(model.backbone)
