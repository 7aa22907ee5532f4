"""torchreid's own models: OSNet of all kinds, PCB, and those that are refused."""

import pytest
import torch
from converting import check, convert
from foreign_models import draw_pictures, shake
from foreign_torchreid import Pcb, make_osnet, refused, run_osnet

from mmreid.apis.conversion import UnknownLayoutError

PICTURES = draw_pictures(height=96)


@pytest.mark.parametrize('kind', ['bn', 'ibn', 'ain'])
@pytest.mark.parametrize('wrapper', ['', 'module.', 'state_dict'])
def test_osnet(tmp_path, kind, wrapper):
    state = make_osnet(kind)
    weights = {f'{wrapper}{k}': v for k, v in state.items()}
    if wrapper == 'state_dict':
        weights = {'state_dict': state, 'epoch': 150, 'rank1': torch.tensor(0.9)}
    network, report = convert('torchreid', weights, tmp_path, thin=())
    wanted = 'osnet_x0_25_market.py' if kind == 'bn' else f'osnet_{kind}_x1_0_market.py'
    assert wanted in report
    assert ('model.backbone.width=0.25' in report) == (kind != 'bn')
    check(network, lambda x: run_osnet(state, kind, x), PICTURES)


def test_osnet_of_other_widths(tmp_path):
    state = make_osnet('bn', 'x0_5', feats=128)
    network, report = convert('torchreid', state, tmp_path, thin=())
    assert 'osnet_x0_5_market.py' in report
    assert 'model.head.channels=128' in report
    check(network, lambda x: run_osnet(state, 'bn', x), PICTURES)


def test_osnet_without_classifier(tmp_path):
    state = make_osnet()
    kept = {k: v for k, v in state.items() if not k.startswith('classifier')}
    network, _ = convert(None, kept, tmp_path, thin=())
    check(network, lambda x: run_osnet(state, 'bn', x), PICTURES)


@pytest.mark.parametrize('parts', [4, 6])
def test_pcb(tmp_path, parts):
    theirs = shake(Pcb(parts))
    network, report = convert(None, theirs.state_dict(), tmp_path)
    assert 'pcb_r50-torchreid_market.py' in report
    assert ('num_parts=4' in report) == (parts == 4)

    # 16 rows, as of pictures of 256 x 128: six stripes share some.
    pictures = draw_pictures(height=256)
    check(lambda x: 10 * network(x), lambda x: 10 * theirs(x).flatten(1), pictures)
    network.head.normalize = 'none'
    branch = network.head.branches.part
    with torch.no_grad():
        feats = network.backbone(pictures)
        stripes = branch(feats)['pooled'].transpose(1, 2)[..., None]
        state = torch.load(tmp_path / 'ours.pth', weights_only=True)['state_dict']
        weight = state['head.branches.part.classifier.weight']
        bias = state['head.branches.part.classifier.bias']
        ours = torch.einsum('npc,pkc->pnk', branch(feats)['feat'], weight)
        for index, scores in enumerate(theirs.scores(stripes)):
            assert torch.allclose(ours[index] + bias[index], scores)


# Told by the names alone; the others' are those of many programs.
RECOGNISED = ('HACNN', 'MLFN', 'MuDeep', 'MobileNetV2', 'resnet50mid')


@pytest.mark.parametrize(
    ('layout', 'name'),
    [
        *((None, name) for name in RECOGNISED),
        *(('torchreid', n) for n in ('HACNN', 'ShuffleNet', 'ShuffleNetV2')),
        ('torchreid', 'DenseNet'),
    ],
)
def test_its_other_models_are_refused_by_name(tmp_path, layout, name):
    with pytest.raises(UnknownLayoutError, match=rf"torchreid's .*{name}\b") as caught:
        convert(layout, refused(name), tmp_path)
    assert 'mmreid converts OSNet' in str(caught.value)
    assert not (tmp_path / 'ours.pth').exists()


def spoiled(**changes):
    state = make_osnet()
    for name, value in changes.items():
        name = name.replace('__', '.')
        state.pop(name) if value is None else state.update({name: value})
    return state


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(fc__0__weight=None), r'there is no fc\.0\.weight'),
        (dict(conv4__0__gate__fc1__weight=None), r'do not fit.*conv4\.0\.gate\.fc1'),
        (dict(fc__3__weight=torch.ones(2, 2)), r'no place for fc\.3\.weight'),
        (dict(conv4__0__gate__norm1__weight=torch.ones(2)), 'do not fit.*norm1'),
        (dict(conv1__conv__weight=torch.ones(20, 3, 7, 7)), 'do not fit'),
    ],
)
def test_other_osnets_are_refused(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        convert('torchreid', spoiled(**changes), tmp_path, thin=())


def test_pcb_without_classifiers(tmp_path):
    state = {k: v for k, v in Pcb().state_dict().items() if 'classifier' not in k}
    with pytest.raises(UnknownLayoutError, match='number of stripes'):
        convert('torchreid', state, tmp_path)
