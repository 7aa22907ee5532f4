"""Converted weights give the vectors of the network that they were taken from."""

import re

import pytest
import torch
from converting import PICTURES, check, convert
from foreign_models import CHANNELS, Rrid, Torchreid, run_trunk, shake, trunk

from mmreid.apis import convert_checkpoint
from mmreid.apis.conversion import UnknownLayoutError


@pytest.fixture(scope='module')
def rrid():
    torch.manual_seed(0)
    return shake(Rrid())


def in_our_order(vectors, scales=(6, 4, 2)):
    """Reorder the released list: each scale's parts and whole, small scales first."""
    parts, wholes = vectors[: sum(scales)], vectors[sum(scales) :]
    ours = []
    for scale in sorted(scales):
        at = scales.index(scale)
        start = sum(scales[:at])
        ours += [*parts[start : start + scale], wholes[at]]
    return torch.cat(ours, 1)


@pytest.mark.parametrize('prefix', ['', 'module.'])
@pytest.mark.parametrize('whole', [False, True])
def test_rrid(rrid, tmp_path, prefix, whole):
    content = torch.nn.DataParallel(rrid) if prefix else rrid
    weights = content if whole else {'state_dict': content.state_dict()}
    network, report = convert('rrid', weights, tmp_path)
    assert ('foreign_models.Rrid' in report) == whole
    with torch.no_grad():
        expected = in_our_order(rrid(PICTURES))
        network.head.normalize = 'none'
        feats = network.backbone(PICTURES)
        found = network.head(feats)
        assert found.shape == (2, 3840)
        assert (found - expected).abs().max() < 1e-10
        # Mirror image averaged first, then scaled once, as the authors test.
        network.head.normalize = 'whole'
        mirrored = in_our_order(rrid(PICTURES.flip(3)))
        both = torch.nn.functional.normalize((expected + mirrored) / 2)
        assert (network(PICTURES) - both).abs().max() < 1e-10


def test_rrid_classifiers_keep_their_vectors(rrid, tmp_path):
    network, _ = convert('rrid', rrid.state_dict(), tmp_path)
    with torch.no_grad():
        vectors = rrid.vectors(PICTURES)
        feats = network.backbone(PICTURES)
        for scale in (2, 4, 6):
            branch = network.head.branches[f'p{scale}']
            branch.pool.training = True  # gives the inner vectors; the units stay
            found = branch(feats)['bn_feat']
            names = [
                *(f'local_rest_{scale}.{i}' for i in range(scale)),
                f'global_{scale}.0',
                *(f'local_{scale}.{i}' for i in range(scale)),
                *(f'rest_{scale}.{i}' for i in range(scale)),
                f'global_max_{scale}.0',
                f'global_rest_{scale}.0',
            ]
            assert found.shape[1] == len(names) == 3 * scale + 3
            state = torch.load(tmp_path / 'ours.pth', weights_only=True)['state_dict']
            weight = state[f'head.branches.p{scale}.classifier.weight']
            bias = state[f'head.branches.p{scale}.classifier.bias']
            for k, name in enumerate(names):
                assert (found[:, k] - vectors[name]).abs().max() < 1e-10
                kind, index = name.split('.')
                layer = rrid.get_submodule(f'fc_{kind}_list.{index}')
                ours = found[:, k] @ weight[k].T + bias[k]
                assert torch.allclose(ours, layer(vectors[name]))


def test_rrid_of_one_scale(tmp_path):
    small = shake(Rrid(scales=(6,)))
    network, report = convert('rrid', small.state_dict(), tmp_path)
    assert 'branches.p2=None' in report
    network.head.normalize, network.flip_test = 'none', False
    check(network, lambda x: in_our_order(small(x), (6,)))


@pytest.mark.parametrize('layout', ['torchvision', 'timm', 'ibn-a'])
def test_trunks(tmp_path, layout):
    net = shake(trunk(last_stride=1, ibn=layout == 'ibn-a'))
    weights = {**net.state_dict(), 'fc.weight': torch.ones(3, CHANNELS)}
    if layout == 'ibn-a':
        weights = {f'module.{name}': value for name, value in weights.items()}
    network, report = convert(layout, {'state_dict': weights}, tmp_path)
    assert 'Left out: fc.weight' in report
    own = network.state_dict()
    for name, value in net.state_dict().items():
        assert torch.equal(own[name], value), name
    check(lambda x: network(x)[0], lambda x: run_trunk(net, x))


@pytest.mark.parametrize(
    'options',
    [
        {},
        dict(fc512=True),
        dict(ibn=True),
        dict(ibn=True, fc512=True),
        dict(depth=18),
    ],
    ids=str,
)
def test_torchreid(tmp_path, options):
    theirs = shake(Torchreid(**options))
    content = {'state_dict': theirs.state_dict(), 'rank1': torch.tensor(0.9)}
    width = theirs.layer4[-1].bn2.num_features * (1 if 'depth' in options else 4)
    network, report = convert('torchreid', content, tmp_path, width=width)
    assert 'bot_r50-torchreid_market.py' in report
    assert 'the last stage has stride' in report
    check(network, theirs)
    check(
        lambda x: network.head.branches['whole'](network.backbone(x))['bn_feat'][:, 0],
        theirs,
    )


def test_a_stride_and_a_pooling_that_were_changed(tmp_path):
    theirs = shake(Torchreid())
    theirs.layer4[0].conv2.stride = theirs.layer4[0].downsample[0].stride = (1, 1)
    state = theirs.state_dict()
    facts = dict(last_stride='1', pool='max')
    network, report = convert('torchreid', state, tmp_path, **facts)
    assert 'cannot tell' not in report
    check(network, lambda x: run_trunk(theirs, x).amax((2, 3)))


def spoiled(change):
    weights = dict(Torchreid().state_dict())
    change(weights)
    return weights


@pytest.mark.parametrize(
    ('layout', 'weights', 'message'),
    [
        ('rrid', lambda: {'base.conv1.weight': torch.ones(1)}, 'N among'),
        ('rrid', lambda: Torchreid().state_dict(), 'N among'),
        (
            'torchreid',
            lambda: {'conv2.0.conv2a.conv1.weight': torch.ones(1)},
            r"torchreid's OSNet: there is no fc\.0\.weight",
        ),
        (
            'fast-reid',
            lambda: Torchreid().state_dict(),
            'of fast-reid.*--layout torchreid',
        ),
        (
            'torchreid',
            lambda: spoiled(lambda w: w.update(extra=torch.ones(1))),
            'no place for extra',
        ),
        (
            'torchreid',
            lambda: spoiled(lambda w: w.pop('layer1.0.bn1.weight')),
            r'layer1\.0\.bn1\.weight',
        ),
        (
            'torchreid',
            lambda: spoiled(lambda w: w.update({'bn1.bias': torch.ones(3)})),
            r'do not fit.*bn1\.bias',
        ),
    ],
)
def test_other_networks_are_refused(tmp_path, layout, weights, message):
    with pytest.raises(UnknownLayoutError, match=message):
        convert(layout, weights(), tmp_path)
    assert not (tmp_path / 'ours.pth').exists()


def test_a_missing_unit_is_named(rrid, tmp_path):
    weights = rrid.state_dict()
    del weights['rest_4_conv_list.2.0.weight']
    name = re.escape('rest_4_conv_list.2.0.weight')
    with pytest.raises(UnknownLayoutError, match=f'there is no {name}'):
        convert('rrid', weights, tmp_path)


def test_unknown_layout(tmp_path):
    with pytest.raises(ValueError, match='layout must be one of'):
        convert_checkpoint('caffe', tmp_path / 'a.pth', tmp_path / 'b.pth')
