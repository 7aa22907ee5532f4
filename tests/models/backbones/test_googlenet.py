"""PluginGoogLeNet against torchvision's, with and without plugins."""

import pytest
import torch
import torchvision
from mmengine.model import BaseModule
from torch import nn

from mmreid.apis import count_parts
from mmreid.models.backbones import PluginGoogLeNet

BLOCKS = ('conv3', 'inception3b', 'inception4e', 'inception5b')
CHANNELS = (192, 480, 832, 1024)


@pytest.fixture(scope='module')
def plain():
    """torchvision's network with statistics that matter."""
    torch.manual_seed(0)
    net = torchvision.models.GoogLeNet(
        aux_logits=False, transform_input=True, init_weights=False
    )
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.1, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1)
    return net.eval()


def ia(*stages, **place):
    return dict(cfg=dict(type='IABlock'), stages=stages, **place)


class Scale(BaseModule):
    """A plugin for either socket that starts as it wants."""

    def __init__(self, in_channels, out_channels=None, stride=1, attend='block'):
        super().__init__()
        self.widths = (in_channels, out_channels, stride)
        self.attend = attend
        self.factor = nn.Parameter(torch.zeros(()))

    def init_weights(self):
        nn.init.constant_(self.factor, 2)

    def forward(self, x, y=None):
        return self.factor * (x if y is None else y)


@pytest.mark.parametrize('plugins', [(), [ia(0, 1, 2, 3), ia(2, blocks=(0, 1))]])
def test_equals_torchvisions(plain, plugins):
    net = PluginGoogLeNet(plugins).eval()
    missing, unexpected = net.load_state_dict(plain.state_dict(), strict=False)
    assert sorted(unexpected) == ['fc.bias', 'fc.weight']
    assert all('.after.' in name for name in missing)
    expected = []
    hooks = [
        getattr(plain, block).register_forward_hook(
            lambda _, args, out: expected.append(out)
        )
        for block in BLOCKS
    ]
    net.out_indices = (0, 1, 2, 3)
    x = torch.randn(2, 3, 96, 64)
    with torch.no_grad():
        plain(x)
        found = net(x)
    for hook in hooks:
        hook.remove()
    assert [y.shape[1] for y in found] == list(CHANNELS)
    for y, of_torchvision in zip(found, expected, strict=True):
        assert torch.equal(y, of_torchvision)


def test_names_and_size():
    """All of torchvision's but the classifiers, 5.6 million parameters."""
    full = torchvision.models.GoogLeNet(init_weights=False)
    names = [n for n in full.state_dict() if not n.startswith(('fc.', 'aux'))]
    net = PluginGoogLeNet()
    assert list(net.state_dict()) == names
    assert sum(p.numel() for p in net.parameters()) == 5_599_904


@pytest.mark.parametrize(('last_stride', 'size'), [(2, (8, 4)), (1, (16, 8))])
def test_sizes(last_stride, size):
    net = PluginGoogLeNet(last_stride=last_stride, out_indices=(1, 2, 3)).to('meta')
    maps = net(torch.empty(1, 3, 256, 128, device='meta'))
    assert [tuple(y.shape[2:]) for y in maps] == [(32, 16), (16, 8), size]


def test_stages_behind_the_last_output_are_not_computed():
    net = PluginGoogLeNet(out_indices=(0, 1))
    net.inception4a = None
    assert len(net(torch.randn(1, 3, 64, 32))) == 2


def test_plugins_and_their_names():
    plugins = [
        dict(cfg=dict(type=Scale), stages=(0, 1), position='parallel'),
        dict(cfg=dict(type=Scale), stages=(2,), blocks='all'),
    ]
    net = PluginGoogLeNet(plugins)
    widths = {name: plugin.widths for name, plugin in net.named_plugins()}
    assert widths == {
        'conv3.parallel': (64, 192, 1),
        'inception3b.parallel': (256, 480, 1),
        'inception4a.after': (512, None, 1),
        'inception4b.after': (512, None, 1),
        'inception4c.after': (512, None, 1),
        'inception4d.after': (528, None, 1),
        'inception4e.after': (832, None, 1),
    }
    assert 'inception4e.after.factor' in net.state_dict()
    (y,) = net(torch.randn(1, 3, 64, 32))
    assert not y.any()  # the factors are zero ...
    net.init_weights()
    assert all(plugin.factor == 2 for _, plugin in net.named_plugins())  # ... until now


def test_pretrained_weights_come_last(plain, tmp_path):
    own = PluginGoogLeNet([dict(cfg=dict(type=Scale), stages=(1,))])
    nn.init.constant_(own.inception3b.after.factor, 7)
    weights = {
        **plain.state_dict(),
        **own.inception3b.state_dict(prefix='inception3b.'),
    }
    torch.save(weights, tmp_path / 'googlenet.pth')
    cfg = dict(type='Pretrained', checkpoint=str(tmp_path / 'googlenet.pth'))
    net = PluginGoogLeNet(
        [dict(cfg=dict(type=Scale), stages=(1,)), ia(2)], init_cfg=cfg
    )
    net.init_weights()
    assert net.inception3b.after.factor == 7
    assert torch.equal(net.conv1.conv.weight, plain.conv1.conv.weight)
    assert not net.inception4e.after.cia_norm.weight.any()


def test_starts_at_a_useful_scale():
    """Neither fading nor growing through 22 layers."""
    net = PluginGoogLeNet(out_indices=(0, 1, 2, 3)).train()
    for y in net(torch.randn(8, 3, 64, 32)):
        assert 0.1 < y.square().mean().sqrt() < 10


def test_recomputing_gives_the_same_gradients():
    torch.manual_seed(0)
    nets = [PluginGoogLeNet([ia(1)], with_cp=with_cp) for with_cp in (False, True)]
    nets[1].load_state_dict(nets[0].state_dict())
    x = torch.randn(2, 3, 64, 32)
    for net in nets:
        net(x)[0].square().mean().backward()
    for a, b in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        assert torch.allclose(a.grad, b.grad, rtol=1e-3, atol=1e-6)


def test_is_counted_by_parts():
    net = PluginGoogLeNet([ia(1), ia(2)], last_stride=1).to('meta')
    parts = count_parts(net, (256, 128))
    rows = ['backbone', 'inception3b IABlock', 'inception4e IABlock', 'total']
    assert list(parts) == rows
    for row, channels, positions in (
        ('inception3b IABlock', 480, 512),
        ('inception4e IABlock', 832, 128),
    ):
        assert parts[row].params == 4 * channels
        products = 2 * channels * positions * (channels + positions)
        assert parts[row].macs == products


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(last_stride=3), 'last_stride must be 1 or 2'),
        (dict(out_indices=()), 'out_indices must name'),
        (dict(out_indices=(4,)), 'out_indices must name'),
        (dict(init_cfg=dict(type='Kaiming', layer='Conv2d')), "'Pretrained' or None"),
        (dict(plugins=[ia(4)]), 'stages must be'),
        (dict(plugins=[ia(1), ia(1)]), 'takes one plugin'),
        (
            dict(
                plugins=[
                    dict(
                        cfg=dict(type=Scale, attend='residual'),
                        stages=(1,),
                        position='parallel',
                    )
                ]
            ),
            'needs a residual block',
        ),
    ],
)
def test_options_without_a_meaning(wrong, message):
    with pytest.raises(ValueError, match=message):
        PluginGoogLeNet(**wrong)
