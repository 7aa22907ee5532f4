"""SOLIDER's trunks and the networks of SOLIDER-REID, by their own names."""

import pytest
import torch
import torch.nn.functional as F
from converting import check, convert
from foreign_models import draw_pictures, shake
from foreign_solider import SoliderReid, Swin

from mmreid.apis.conversion import UnknownLayoutError
from mmreid.apis.conversion.facts import Facts
from mmreid.apis.conversion.programs.transformers.solider import convert_solider

PICTURES = draw_pictures(height=192)
DEPTHS, HEADS = (1, 2, 2, 1), (1, 2, 2, 4)
THIN = (
    'model.backbone.arch._delete_=True',
    'model.backbone.arch.embed_dims=8',
    'model.backbone.arch.depths=(1,2,2,1)',
    'model.backbone.arch.num_heads=(1,2,2,4)',
)


def build(weight=0.2):
    return Swin(8, DEPTHS, HEADS, weight)


@pytest.mark.parametrize('wrapper', ['', 'module.', 'teacher', 'base', 'model'])
@pytest.mark.parametrize('weight', [0.2, -1])
def test_trained_networks(tmp_path, wrapper, weight):
    theirs = shake(SoliderReid(build(weight), 64))
    state = theirs.state_dict()
    if wrapper == 'module.':
        state = {f'module.{k}': v for k, v in state.items()}
    elif wrapper in ('teacher', 'model'):
        state = {wrapper: state}
    network, report = convert(None, state, tmp_path, thin=THIN)
    assert 'solider_swin-t_market.py' in report
    assert ('semantic_weight=None' in report) == (weight < 0)
    check(lambda x: 10 * network(x), lambda x: 10 * F.normalize(theirs(x)), PICTURES)


def test_a_reduction(tmp_path):
    theirs = shake(SoliderReid(build(), 64, reduced=32))
    network, report = convert('solider', theirs.state_dict(), tmp_path, thin=THIN)
    assert 'model.head.channels=32' in report
    check(lambda x: 10 * network(x), lambda x: 10 * F.normalize(theirs(x)), PICTURES)


@pytest.mark.parametrize('prefix', ['', 'backbone.', 'module.backbone.'])
def test_pretrained_trunks(tmp_path, prefix):
    theirs = shake(build())
    state = {f'{prefix}{k}': v for k, v in theirs.state_dict().items()}
    head = prefix.replace('backbone.', '')
    state[f'{head}head.mlp.0.weight'] = torch.zeros(3, 3)
    network, report = convert(None, {'teacher': state, 'epoch': 9}, tmp_path, thin=THIN)
    assert 'tools/train.py configs/solider/solider_swin-t_market.py' in report
    assert 'Left out: ' in report
    check(lambda x: network(x)[1].flatten(1), theirs, PICTURES)
    whole, average = network(PICTURES)
    torch.testing.assert_close(whole.mean((2, 3), keepdim=True), average)


def test_what_is_left_out_has_the_names_of_the_file():
    state = {**build().state_dict(), 'head.mlp.0.weight': torch.zeros(3, 3)}
    found = convert_solider(state, Facts()).left_out
    assert {'norm0.weight', 'semantic_embed_b.3.bias', 'head.mlp.0.weight'} <= {*found}


def test_refusals(tmp_path):
    state = shake(SoliderReid(build(), 64)).state_dict()
    less = {k: v for k, v in state.items() if k != 'bottleneck.weight'}
    with pytest.raises(UnknownLayoutError, match=r'no bottleneck\.weight'):
        convert('solider', less, tmp_path, thin=THIN)
    with pytest.raises(UnknownLayoutError, match='jigsaw'):
        convert('solider', {**state, 'b1.0.norm1.weight': torch.ones(3)}, tmp_path)
    with pytest.raises(UnknownLayoutError, match='no place for extra'):
        convert('solider', {**state, 'extra.weight': torch.ones(3)}, tmp_path)
