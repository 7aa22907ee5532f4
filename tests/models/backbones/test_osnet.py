"""OSNet against its formulas, by torchreid's names."""

import pytest
import torch
from foreign_osnet import make_trunk, run_block, run_maps
from torch import nn

from mmreid.models.backbones import OSBlock, OSNet

# With the linear layer of the reduction, as printed: 2.2, 1.3, 0.6 and 0.2 million.
PARAMETERS = {1.0: 1_905_828, 0.75: 1_087_610, 0.5: 497_426, 0.25: 134_792}


def draw_pictures(height=64):
    return torch.randn(2, 3, height, height // 2, dtype=torch.float64)


@pytest.mark.parametrize('kind', ['bn', 'ibn', 'ain'])
def test_names_and_maps(kind):
    state = make_trunk(kind)
    net = OSNet(0.25, kind, out_indices=(0, 1, 2, 3)).double().eval()
    assert list(net.state_dict())
    assert set(net.state_dict()) == set(state)
    net.load_state_dict(state)
    x = draw_pictures()
    maps = net(x)
    assert tuple(m.shape[1] for m in maps) == net.out_channels == (64, 96, 128, 128)
    assert [m.shape[2] for m in maps] == [8, 4, 4, 4]
    for ours, theirs in zip(maps, run_maps(state, kind, x), strict=True):
        assert (ours - theirs).abs().max() < 1e-9 * theirs.abs().max().clamp(min=1)


@pytest.mark.parametrize('kind', ['bn', 'ain'])
def test_one_map_is_the_last(kind):
    net = OSNet(0.25, kind).eval()
    whole = OSNet(0.25, kind, out_indices=(0, 3)).eval()
    whole.load_state_dict(net.state_dict())
    x = draw_pictures().float()
    (last,) = net(x)
    assert torch.equal(last, whole(x)[1])
    assert net.out_channels == (128,)


@pytest.mark.parametrize('width', PARAMETERS)
def test_parameters(width):
    with torch.device('meta'):
        for kind in ('bn', 'ain'):
            net = OSNet(width, kind)
            assert sum(p.numel() for p in net.parameters()) == PARAMETERS[width]


def test_initialisation_and_gradients():
    net = OSNet(0.25, 'ibn')
    gate = net.conv2[0].gate
    assert gate.fc1.bias.abs().sum() == gate.fc2.bias.abs().sum() == 0
    # He's, by the number of outputs.
    wanted = (2 / net.conv5.conv.weight.shape[0]) ** 0.5
    assert net.conv5.conv.weight.std().item() == pytest.approx(wanted, rel=0.05)
    net(draw_pictures().float())[0].square().sum().backward()
    # Nothing stands beside the path.
    assert all(p.grad is not None for p in net.parameters())


def test_block():
    state = {
        name.removeprefix('conv3.0.'): value
        for name, value in make_trunk().items()
        if name.startswith('conv3.0.')
    }
    block = OSBlock(64, 96).double().eval()
    block.load_state_dict(state)
    assert block.out_channels == 96
    x = torch.randn(2, 64, 6, 4, dtype=torch.float64, requires_grad=True)
    prefixed = {f'b.{name}': value for name, value in state.items()}
    assert (block(x) - run_block(prefixed, 'b', 'bn', x)).abs().max() < 1e-12
    assert torch.autograd.gradcheck(lambda x: block(x)[:, :3], x[:1, :, :2, :2])


def tails_of(net):
    """The network's own tail and the others, by the same names."""
    others = [tail.state_dict() for tail in net.tails]
    own = {name: net.state_dict()[name] for name in others[0]}
    return [own, *others]


@pytest.mark.parametrize('kind', ['bn', 'ain'])
def test_tails_start_alike_and_have_their_own_weights(kind):
    net = OSNet(0.25, kind, last_stage_copies=3).double().eval()
    first, *others = tails_of(net)
    assert not any(name.startswith(('conv3.0', 'conv2', 'conv1.')) for name in first)
    for other in others:
        for name, value in first.items():
            assert torch.equal(other[name], value), name
            assert other[name].data_ptr() != value.data_ptr(), name
    maps = net(draw_pictures())
    assert len(maps) == 3
    assert net.out_channels == (128, 128, 128)
    assert torch.equal(maps[0], maps[2])
    (maps[0].sum() + 2 * maps[1].square().sum()).backward()
    own, (second, third) = net.conv4[0].conv1.conv.weight, net.tails
    assert not torch.allclose(own.grad, second.conv4[0].conv1.conv.weight.grad)
    assert third.conv4[0].conv1.conv.weight.grad is None
    assert net.conv3[0].conv1.conv.weight.grad.abs().sum() > 0


@pytest.mark.parametrize('kind', ['bn', 'ain'])
def test_each_tail_is_that_of_a_network(kind):
    net = OSNet(0.25, kind, last_stage_copies=2).double().eval()
    for parameter in net.tails.parameters():
        nn.init.uniform_(parameter, 0.05, 0.1)
    state = net.state_dict()
    other = {
        name: state.get(f'tails.0.{name}', value)
        for name, value in state.items()
        if not name.startswith('tails.')
    }
    x = draw_pictures()
    own, copied = net(x)
    wanted = run_maps(other, kind, x)[3]
    assert (copied - wanted).abs().max() < 1e-9 * wanted.abs().max()
    assert not torch.allclose(own, copied)


@pytest.mark.parametrize('how', ['torch', 'assign', 'file'])
def test_a_plain_checkpoint_fills_the_tails(tmp_path, how):
    plain = {
        name: value.float() if value.is_floating_point() else value
        for name, value in make_trunk('ain').items()
    }
    given = list(plain)
    init_cfg = dict(type='Pretrained', checkpoint=str(tmp_path / 'theirs.pth'))
    net = OSNet(0.25, 'ain', last_stage_copies=3, init_cfg=init_cfg)
    if how == 'file':
        torch.save({'state_dict': plain}, tmp_path / 'theirs.pth')
        net.init_weights()
    else:
        net.load_state_dict(plain, assign=how == 'assign')
    assert list(plain) == given
    for tail in tails_of(net):
        for name, value in tail.items():
            assert torch.equal(value, plain[name]), name
    assert net.tails[0].conv5.bn.weight is not net.conv5.bn.weight


def test_a_checkpoint_with_tails_keeps_them():
    old = OSNet(0.25, last_stage_copies=2)
    nn.init.normal_(old.tails[0].conv5.conv.weight)
    net = OSNet(0.25, last_stage_copies=2)
    net.load_state_dict(old.state_dict())
    for name, value in old.state_dict().items():
        assert torch.equal(net.state_dict()[name], value), name


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(width=0.3), r'width must be .* got 0\.3'),
        (dict(width=0.125), r'at least 0\.25'),
        (dict(norm='in'), 'norm must be one of'),
        (dict(out_indices=(4,)), 'from 0 to 3'),
        (dict(out_indices=()), 'from 0 to 3'),
        (dict(last_stage_copies=0), 'at least 1, got 0'),
        (
            dict(last_stage_copies=2, out_indices=(1,)),
            r'add 3 to out_indices, got \(1,\)',
        ),
    ],
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        OSNet(**kwargs)


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(out_channels=32), 'at least 64'),
        (dict(instance_norm='all'), 'instance_norm must be one of'),
        (dict(streams='numbers'), 'streams must be one of'),
    ],
)
def test_errors_of_the_block(kwargs, message):
    with pytest.raises(ValueError, match=message):
        OSBlock(64, **kwargs)


def test_a_stage_that_is_named_twice_is_one_map():
    net = OSNet(0.25, out_indices=(3, 1, 3))
    assert tuple(x.shape[1] for x in net(torch.randn(1, 3, 32, 16))) == (96, 128)
    assert net.out_channels == (96, 128)
