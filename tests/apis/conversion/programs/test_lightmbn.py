"""LightMBN of its authors, by the names that its versions have."""

from functools import partial

import pytest
import torch
from converting import check, convert
from foreign_lightmbn import FEATS, compared, make_lightmbn, run_lightmbn
from foreign_models import draw_pictures

from mmreid.apis.conversion import UnknownLayoutError

PICTURES = draw_pictures(height=128)


@pytest.mark.parametrize(
    ('trunk', 'wrapper'),
    [('backone', 'model.'), ('backbone', 'module.'), ('backone', 'state_dict')],
)
def test_lightmbn(tmp_path, trunk, wrapper):
    state = make_lightmbn(trunk)
    weights = {f'{wrapper}{name}': value for name, value in state.items()}
    if wrapper == 'state_dict':
        weights = {'state_dict': state, 'epoch': 130, 'log': torch.zeros(2, 6)}
    layout = None if trunk == 'backone' else 'lightmbn'
    network, report = convert(layout, weights, tmp_path, thin=())
    assert 'configs/lightmbn/lightmbn_osnet_market.py' in report
    assert 'model.backbone.width=0.25' in report
    assert f'model.head.channels={FEATS}' in report

    def theirs(x):
        return 100 * compared(state, x, trunk).flatten(1)

    check(lambda x: 100 * network(x), theirs, PICTURES)
    # What the authors' program compares.
    network.flip_test = True
    mirrored = partial(compared, state, trunk=trunk, flip=True)
    check(lambda x: 100 * network(x), lambda x: 100 * mirrored(x).flatten(1), PICTURES)


def test_classifiers_keep_their_vectors(tmp_path):
    state = make_lightmbn()
    network, _ = convert('lightmbn', state, tmp_path, thin=())
    ours = torch.load(tmp_path / 'ours.pth', weights_only=True)['state_dict']
    with torch.no_grad():
        theirs = run_lightmbn(state, PICTURES)
        feats = network.backbone(PICTURES)
        found = [
            (parts[:, index], ours[f'head.branches.{name}.classifier.weight'][index])
            for name, branch in network.head.branches.items()
            for parts in [branch(feats)['bn_feat']]
            for index in range(parts.shape[1])
        ]
    names = ['0', '4', '1', '2', '3', 'ch_0', 'ch_1']
    assert len(found) == len(names)
    for index, (name, (vector, layer)) in enumerate(zip(names, found, strict=True)):
        assert (vector - theirs[:, :, index]).abs().max() < 1e-9
        assert torch.equal(layer, state[f'reduction_{name}.classifier.weight'])


def test_without_classifiers(tmp_path):
    state = {k: v for k, v in make_lightmbn().items() if 'classifier' not in k}
    network, _ = convert('lightmbn', state, tmp_path, thin=())
    with torch.no_grad():
        assert network(PICTURES).shape == (2, 7 * FEATS)


def on_resnet():
    state = make_lightmbn()
    state['backone.0.weight'] = torch.ones(64, 3, 7, 7)
    del state['backone.0.conv.weight']
    return state


def on_ain():
    name = 'backone.2.0.conv2.0.layers.0.conv1.weight'
    return {**make_lightmbn(), name: torch.ones(16, 16, 1, 1)}


def without(name):
    return {k: v for k, v in make_lightmbn().items() if k != name}


@pytest.mark.parametrize(
    ('make', 'message'),
    [
        (on_resnet, 'it is on another trunk, such as ResNet-50'),
        (on_ain, 'is on OSNet-AIN'),
        (lambda: without('reduction_3.bn.weight'), r'no reduction_3\.bn\.weight'),
        (lambda: without('global_branch.1.0.conv1.bn.bias'), 'do not fit'),
        (lambda: {**make_lightmbn(), 'extra': torch.ones(1)}, 'no place for extra'),
    ],
)
def test_others_are_refused(tmp_path, make, message):
    with pytest.raises(UnknownLayoutError, match=message):
        convert('lightmbn', make(), tmp_path, thin=())
    assert not (tmp_path / 'ours.pth').exists()
