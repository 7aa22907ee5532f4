"""fast-reid's MGN, of every version, gives the same vectors."""

import pytest
import torch
from converting import check, convert
from foreign_mgn import ForeignMGN
from foreign_models import shake

from mmreid.apis.conversion import UnknownLayoutError


@pytest.mark.parametrize(
    ('version', 'pool', 'facts'),
    [
        ('0.1', 'gem', {}),
        ('1.0', 'gem', {}),
        ('1.3', 'gem', {}),
        ('1.0', 'max', {}),
        ('0.1', 'max', dict(pool='max')),
    ],
)
def test_versions(tmp_path, version, pool, facts):
    torch.manual_seed(3)
    theirs = shake(ForeignMGN(version, ibn=version == '1.3', pool=pool))
    weights = {f'module.{k}': v for k, v in theirs.state_dict().items()}
    ours, report = convert(None, {'model': weights}, tmp_path, **facts)
    check(ours, theirs)
    assert 'mgn/mgn_r50_market.py' in report
    guess = 'padded' if version == '0.1' else 'ceil'
    assert f'is {guess} (else --stem-pool' in report


def test_the_first_branch_strides(tmp_path):
    torch.manual_seed(3)
    theirs = shake(ForeignMGN('1.0', last_stride=2))
    state = theirs.state_dict()
    ours, _ = convert('fast-reid', state, tmp_path, last_stride='2')
    check(ours, theirs)


def without(name, state):
    return {k: v for k, v in state.items() if not k.startswith(name)}


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda s: without('b32_head.bottleneck', s), r'no b32_head\.bottleneck\.0\.w'),
        (lambda s: without('b2.1.2', s), r'do not fit .*layer4_copies\.0\.2'),
        (lambda s: {**s, 'b4_head.p': torch.ones(1)}, r'no place for b4_head\.p'),
        (lambda s: {**s, 'backbone.9.p': torch.ones(1)}, r'no backbone\.9\.p'),
    ],
)
def test_other_networks_are_refused(tmp_path, change, message):
    weights = change(ForeignMGN('1.3').state_dict())
    with pytest.raises(UnknownLayoutError, match=message):
        convert('fast-reid', weights, tmp_path)
