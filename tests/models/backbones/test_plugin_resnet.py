"""PluginResNet: torchvision's names and values, and what the sockets are given."""

import copy

import pytest
import torch
import torchvision
from torch import nn

from mmreid.models.backbones import PluginResNet
from mmreid.registry import MODELS

NUM_BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}
PICTURE = (2, 3, 64, 32)
THIN = dict(stem_channels=16, base_channels=16)  # for speed, where widths are nothing


class Identity(nn.Module):
    """Passes on what it is to change; remembers what it was built with and saw."""

    def __init__(self, attend='block', **widths):
        super().__init__()
        self.attend = attend
        self.widths = widths
        self.seen = []

    def forward(self, *maps):
        self.seen.append([tuple(x.shape[1:]) for x in maps])
        return maps[-1]


class Scale(nn.Module):
    """y * sigmoid(conv(x)), with the block's stride."""

    def __init__(self, in_channels, out_channels, stride, attend='block'):
        super().__init__()
        self.attend = attend
        self.conv = nn.Conv2d(in_channels, out_channels, 1, stride=stride)

    def forward(self, x, y):
        return y * self.conv(x).sigmoid()


class Shift(nn.Module):
    """y + conv(y)."""

    def __init__(self, in_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, in_channels, 1)

    def forward(self, y):
        return y + self.conv(y)


def everywhere(cfg, position='after'):
    return dict(cfg=cfg, stages=(0, 1, 2, 3), blocks='all', position=position)


def randomized(net):
    """Give batch norms statistics and weights that nothing can mistake for none."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight, module.running_var):
                nn.init.uniform_(tensor, 0.5, 1.5)
            for tensor in (module.bias, module.running_mean):
                nn.init.normal_(tensor, std=0.1)
    return net


def reference(depth, strides=(1, 2, 2, 2)):
    """torchvision's trunk with the strides of layer3 and layer4 changed."""
    net = getattr(torchvision.models, f'resnet{depth}')()
    net.fc = nn.Identity()
    net.avgpool = nn.Identity()
    for layer, stride in ((net.layer3, strides[2]), (net.layer4, strides[3])):
        block = layer[0]
        (block.conv1 if depth == 18 else block.conv2).stride = (stride, stride)
        block.downsample[0].stride = (stride, stride)
    return randomized(net).eval().double()


def test_all_318_names_survive():
    net = PluginResNet(50, plugins=[everywhere(dict(type=Identity))])
    names = [n for n in torchvision.models.resnet50().state_dict() if 'fc' not in n]
    assert list(net.state_dict()) == names
    assert len(names) == 318
    assert sum(p.numel() for p in net.parameters()) == 23_508_032


def test_a_plain_network_has_mmpretrains_defaults_but_one():
    net = MODELS.build(dict(type='PluginResNet', depth=34))
    assert net.zero_init_residual is False
    assert not list(net.named_plugins())
    assert net.layer3[5].out_channels == 256


@pytest.mark.parametrize('depth', [18, 50])
@pytest.mark.parametrize('strides', [(1, 2, 2, 2), (1, 2, 2, 1), (1, 2, 1, 1)])
def test_identity_plugins_leave_torchvisions_output(depth, strides):
    other = reference(depth, strides)
    for attend in ('block', 'residual'):
        net = PluginResNet(
            depth,
            strides=strides,
            plugins=[
                everywhere(dict(type=Identity)),
                everywhere(dict(type=Identity, attend=attend), 'parallel'),
            ],
        )
        net.load_state_dict(other.state_dict())
        x = torch.randn(PICTURE, dtype=torch.float64)
        (y,) = net.double().eval()(x)
        torch.testing.assert_close(y.flatten(1), other(x))


@pytest.mark.parametrize('depth', [18, 50])
@pytest.mark.parametrize('strides', [(1, 2, 2, 2), (1, 2, 2, 1)])
@pytest.mark.parametrize('attend', ['block', 'residual'])
def test_widths_at_every_block(depth, strides, attend):
    cfg = dict(type=Identity, attend=attend)
    net = PluginResNet(
        depth,
        strides=strides,
        plugins=[everywhere(dict(type=Identity)), everywhere(cfg, 'parallel')],
    ).eval()
    with torch.no_grad():
        net(torch.randn(PICTURE))
    plugins = dict(net.named_plugins())
    c_in, height, width = 64, 16, 8
    for stage, count in enumerate(NUM_BLOCKS[depth]):
        c_out = 64 * 2**stage * (4 if depth == 50 else 1)
        for index in range(count):
            stride = strides[stage] if index == 0 else 1
            name = f'layer{stage + 1}.{index}'
            parallel = plugins.pop(f'{name}.parallel')
            after = plugins.pop(f'{name}.after')
            assert after.widths == dict(in_channels=c_out)
            assert parallel.widths == dict(
                in_channels=c_in, out_channels=c_out, stride=stride
            )
            x = (c_in, height, width)
            c_in, height, width = c_out, height // stride, width // stride
            y = (c_in, height, width)
            assert parallel.seen == [[x, y]]
            assert after.seen == [[y]]
    assert not plugins


@pytest.mark.parametrize(
    ('place', 'names'),
    [
        (dict(stages=(2,)), ['layer3.5.after']),
        (dict(stages=(0, 3)), ['layer1.2.after', 'layer4.2.after']),
        (dict(stages=(1,), blocks=(0, 2)), ['layer2.0.after', 'layer2.2.after']),
        (dict(stages=(3,), blocks='all'), [f'layer4.{i}.after' for i in range(3)]),
    ],
)
def test_places(place, names):
    net = PluginResNet(50, plugins=[dict(cfg=dict(type=Shift), **place)])
    assert [name for name, _ in net.named_plugins()] == names
    plain = set(PluginResNet(50).state_dict())
    own = {f'{n}.conv.{kind}' for n in names for kind in ('weight', 'bias')}
    assert set(net.state_dict()) - plain == own


def residual_mapping(block, x):
    """Run the convolutions of a block by hand."""
    names = [n for n in ('1', '2', '3') if hasattr(block, f'conv{n}')]
    for name in names:
        x = getattr(block, f'bn{name}')(getattr(block, f'conv{name}')(x))
        x = x if name == names[-1] else x.clamp(min=0)
    return x


@pytest.mark.parametrize('depth', [18, 50])
@pytest.mark.parametrize('index', [0, 1])
@pytest.mark.parametrize('attend', ['block', 'residual'])
@pytest.mark.parametrize('with_cp', [True, False])
def test_sockets_against_the_block_by_hand(depth, index, attend, with_cp):
    plugins = [
        everywhere(dict(type=Scale, attend=attend), 'parallel'),
        everywhere(dict(type=Shift)),
    ]
    net = PluginResNet(depth, plugins=plugins, with_cp=with_cp, **THIN)
    block = copy.deepcopy(randomized(net).layer2[index]).eval().double()
    x = torch.randn(2, block.in_channels, 8, 6, dtype=torch.float64)

    shortcut = x if block.downsample is None else block.downsample(x)
    residual = residual_mapping(block, x)
    if attend == 'residual':
        y = (block.parallel(x, residual) + shortcut).clamp(min=0)
    else:
        y = block.parallel(x, (residual + shortcut).clamp(min=0))
    torch.testing.assert_close(block(x), block.after(y))
    assert not block.drop_path._forward_pre_hooks


@pytest.mark.parametrize('depth', [18, 50])
@pytest.mark.parametrize('attend', ['block', 'residual'])
def test_every_parameter_gets_the_same_gradient_when_recomputed(depth, attend):
    plugins = [
        everywhere(dict(type=Scale, attend=attend), 'parallel'),
        everywhere(dict(type=Shift)),
    ]
    kept = PluginResNet(depth, plugins=plugins, **THIN).double()
    recomputed = PluginResNet(depth, plugins=plugins, with_cp=True, **THIN).double()
    recomputed.load_state_dict(kept.state_dict())
    calls = []
    for net in (kept, recomputed):
        net.layer3[1].parallel.register_forward_hook(lambda *_: calls.append(1))
    x = torch.randn(PICTURE, dtype=torch.float64)
    weight = None
    for net in (kept, recomputed):
        (y,) = net(x)
        weight = torch.randn_like(y) if weight is None else weight
        (y * weight).sum().backward()
    assert len(calls) == 1 + 2
    other = dict(recomputed.named_parameters())
    for name, parameter in kept.named_parameters():
        assert parameter.grad.abs().sum() > 0, name
        torch.testing.assert_close(parameter.grad, other[name].grad)


class Mutating(nn.Module):
    def __init__(self, in_channels, inner):
        super().__init__()
        inner['sizes'].append(in_channels)
        self.sizes = inner.pop('sizes')


def test_a_shared_config_is_not_changed():
    plugin = everywhere(dict(type=Mutating, inner=dict(sizes=[1])))
    before = copy.deepcopy(plugin)
    net = PluginResNet(18, plugins=[plugin])
    assert plugin == before
    assert [m.sizes for _, m in net.named_plugins()] == [
        [1, c] for c in (64, 64, 128, 128, 256, 256, 512, 512)
    ]


@pytest.mark.parametrize('depth', [18, 50])
def test_a_new_residual_is_dropped_as_often_as_the_old(depth):
    plugins = [everywhere(dict(type=Identity, attend='residual'), 'parallel')]
    net = PluginResNet(depth, plugins=plugins, drop_path_rate=0.9, **THIN)
    plain = PluginResNet(depth, drop_path_rate=0.9, **THIN)
    plain.load_state_dict(net.state_dict())
    x = torch.randn(PICTURE)
    maps = []
    for trunk in (net, plain):
        torch.manual_seed(0)
        maps.append(trunk.train()(x)[0])
    assert torch.equal(*maps)
    assert not torch.equal(maps[0], net.train()(x)[0])


def test_a_copied_network_uses_its_own_plugins():
    plugins = [everywhere(dict(type=Scale, attend='residual'), 'parallel')]
    net = PluginResNet(18, plugins=plugins, **THIN).eval()
    twin = copy.deepcopy(net)
    x = torch.randn(PICTURE)
    (before,) = net(x)
    with torch.no_grad():
        for _, plugin in twin.named_plugins():
            plugin.conv.bias.add_(1)
    assert torch.equal(net(x)[0], before)
    assert not torch.allclose(twin(x)[0], before)


OK = dict(cfg=dict(type=Identity), stages=(1,))


@pytest.mark.parametrize(
    ('plugins', 'message'),
    [
        ([dict(OK, stages=(4,))], r'stages .* from 0 to 3, got \(4,\)'),
        ([dict(OK, stages=(-1,))], r'stages .* got \(-1,\)'),
        ([dict(OK, stages=1)], 'stages must be a tuple of indices'),
        ([dict(OK, stages=())], 'stages must be a tuple of indices'),
        ([dict(OK, blocks=(1, 2))], r'blocks .* from 0 to 1, got \(1, 2\)'),
        ([dict(OK, blocks=(-1,))], 'blocks must be'),
        ([dict(OK, blocks='first')], "'last' or 'all'.* got 'first'"),
        ([dict(OK, blocks=0)], 'blocks must be a tuple'),
        ([dict(OK, position='before')], "position must be one of .* got 'before'"),
        ([dict(OK, position='residual')], 'position must be one of'),
        ([dict(cfg=dict(type=Identity))], r"cfg and stages .* got \['cfg'\]"),
        ([dict(OK, block=(0,))], 'cfg and stages'),
        ([OK, OK], "'after' of this block already holds Identity"),
        ([dict(OK, blocks=(0, 0), position='parallel')], "'parallel' of this block"),
        ([dict(OK, cfg=dict(type=Shift, in_channels=8))], r"leave \['in_channels'\]"),
        (
            [dict(OK, cfg=dict(type=Shift, stride=8), position='parallel')],
            r"leave \['stride'\] out",
        ),
    ],
)
def test_a_wrong_place_is_explained(plugins, message):
    with pytest.raises(ValueError, match=message):
        PluginResNet(18, plugins=plugins)


def test_residual_attention_needs_the_parallel_socket():
    behind = everywhere(dict(type=Identity, attend='residual'))
    with pytest.raises(ValueError, match='residual mapping'):
        PluginResNet(18, plugins=[behind])


def test_plugins_are_a_list():
    with pytest.raises(ValueError, match='put it in brackets'):
        PluginResNet(18, plugins=everywhere(dict(type=Identity)))


def test_an_unknown_ibn_is_explained():
    with pytest.raises(ValueError, match=r"ibn must be one of \['a', None\], got 'b'"):
        PluginResNet(18, ibn='b')


def test_train_and_eval_can_be_chained():
    net = PluginResNet(18)
    assert net.eval() is net
    assert not net.layer1[0].bn1.training
    assert net.train() is net
    assert net.layer1[0].bn1.training
    assert PluginResNet(18, norm_eval=True).train().layer1[0].bn1.training is False


def test_frozen_stages_leave_plugins_free():
    """A new plugin beside a frozen pretrained block would otherwise never learn."""
    net = PluginResNet(18, plugins=[everywhere(dict(type=Shift))], frozen_stages=2)
    plugins = {name for name, _ in net.named_plugins()}
    for _ in range(2):
        for name, parameter in net.named_parameters():
            is_plugin = any(name.startswith(f'{plugin}.') for plugin in plugins)
            free = is_plugin or name.startswith(('layer3', 'layer4'))
            assert parameter.requires_grad is free, name
        net.train()
    assert not net.layer2[1].bn2.training
    assert net.layer3[0].bn1.training
    assert all(plugin.training for _, plugin in net.named_plugins())
    net.eval()
    assert not any(plugin.training for _, plugin in net.named_plugins())
    net.layer1[0].after.requires_grad_(False)  # somebody's own choice stays
    net.train()
    assert not any(p.requires_grad for p in net.layer1[0].after.parameters())


def test_norm_eval_is_about_the_trunk():
    net = PluginResNet(18, plugins=[everywhere(dict(type=Shift))], norm_eval=True)
    net.train()
    assert not net.layer1[0].bn1.training
    assert all(plugin.training for _, plugin in net.named_plugins())


def test_no_blocks_switch_a_plugin_off():
    off = dict(cfg=dict(type=Shift), stages=(1, 2), blocks=())
    assert not list(PluginResNet(18, plugins=[off]).named_plugins())


def test_mmpretrains_other_arguments_pass_through():
    net = PluginResNet(
        50, strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4), out_indices=(1, 3), **THIN
    )
    maps = net.eval()(torch.randn(1, 3, 64, 32))
    assert [tuple(y.shape) for y in maps] == [(1, 128, 8, 4), (1, 512, 8, 4)]
    assert net.layer4[1].conv2.dilation == (4, 4)


def test_pooling_of_the_stem_without_padding():
    build = lambda **kwargs: MODELS.build(  # noqa: E731
        dict(type='PluginResNet', depth=18, base_channels=8, stem_channels=8, **kwargs)
    )
    padded, ceil = build().eval(), build(stem_pool='ceil').eval()
    ceil.load_state_dict(padded.state_dict())
    x = torch.randn(1, 3, 64, 32)
    stem = padded.relu(padded.norm1(padded.conv1(x)))
    # The last window overlaps the edge, where there is nothing.
    wide = torch.nn.functional.pad(stem, (0, 1, 0, 1), value=-torch.inf)
    expected = torch.nn.functional.max_pool2d(wide, 3, 2)
    assert torch.equal(ceil.maxpool(stem), expected)
    assert ceil(x)[0].shape == padded(x)[0].shape
    assert not torch.equal(ceil(x)[0], padded(x)[0])
    with pytest.raises(ValueError, match='stem_pool'):
        build(stem_pool='none')
