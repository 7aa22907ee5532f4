"""Trunks that persons without labels made: LUPerson, LUPerson-NL, CION."""

import pytest
import torch
from converting import PICTURES, convert
from foreign_models import shake, trunk


def wrapped(prefix, trunk_state, **others):
    state = {f'{prefix}{name}': value for name, value in trunk_state.items()}
    return {**state, **{k.replace('__', '.'): v for k, v in others.items()}}


def moco(state):
    """MoCo's: DengpanFu/LUPerson-NL, PNL/libs/moco_builder.py, 9c612e6d."""
    one = torch.ones(2, 2)
    keys = {f'module.encoder_k.{name}': value + 1 for name, value in state.items()}
    heads = dict(module__encoder_q__fc__weight=one, module__queue=one)
    return {'state_dict': {**keys, **wrapped('module.encoder_q.', state, **heads)}}


def pnl(state):
    """LUPerson-NL's: PNL/libs/encoder.py and pnl_builder.py, 9c612e6d."""
    one = torch.ones(2, 2)
    heads = {
        f'module__encoder_q__{name}__weight': one
        for name in ('fc1', 'fc2', 'classifier', 'embed_fc')
    }
    others = dict(module__queue=one, module__prototypes=one)
    return {'state_dict': wrapped('module.encoder_q.', state, **heads, **others)}


def bare(state):
    """The same encoder without wrapper."""
    one = torch.ones(2, 2)
    return wrapped('', state, fc1__weight=one, fc2__weight=one, classifier__weight=one)


def cion(state):
    """CION's: Zplusdragon/CION_ReIDZoo, CION_Pretrain/run.py, f6fa2e3d."""
    heads = dict(module__head__mlp__0__weight=torch.ones(2, 2))
    teacher = wrapped('module.backbone.', state, **heads)
    student = {name: value + 1 for name, value in teacher.items()}
    return {'student': student, 'teacher': teacher, 'epoch': 100}


@pytest.mark.parametrize('wrap', [moco, pnl, bare, cion])
@pytest.mark.parametrize('ibn', [False, True])
def test_the_trunk_is_found(tmp_path, monkeypatch, wrap, ibn):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    theirs = shake(trunk(last_stride=1, ibn=ibn)).float().double()  # as trunks load
    ours, report = convert(None, wrap(theirs.state_dict()), tmp_path)
    with torch.no_grad():
        expected, found = theirs(PICTURES), ours(PICTURES)[0]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-9)
    assert 'tools/train.py configs/bot/bot_r50_market.py' in report
    assert ('model.backbone.ibn=a' in report) == ibn
