"""fast-reid's baselines, of every version, give the same vectors."""

import re

import pytest
import torch
from converting import PICTURES, check, convert
from foreign_fast_reid import VERSIONS, FastReid
from foreign_models import CHANNELS, shake

from mmreid.apis.conversion import UnknownLayoutError

KINDS = ('bot', 'agw', 'sbs')


def converted(tmp_path, facts=None, **network):
    torch.manual_seed(3)
    theirs = shake(FastReid(**network))
    state = {'model': theirs.state_dict(), 'iteration': 9}
    ours, report = convert('fast-reid', state, tmp_path, **(facts or {}))
    return ours, theirs, report


def distance(ours, theirs):
    with torch.no_grad():
        return (ours(PICTURES) - theirs(PICTURES)).abs().max()


@pytest.mark.parametrize(
    ('version', 'kind', 'ibn'),
    [
        *((version, kind, False) for version in VERSIONS for kind in KINDS),
        ('0.1', 'bot', True),
        ('1.3', 'sbs', True),
    ],
)
def test_published_networks(tmp_path, version, kind, ibn):
    ours, theirs, report = converted(tmp_path, kind=kind, version=version, ibn=ibn)
    check(ours, theirs)
    state = torch.load(tmp_path / 'ours.pth', weights_only=True)['state_dict']
    assert state['head.branches.whole.classifier.weight'].shape == (1, 5, CHANNELS)
    assert 'data_preprocessor' not in report
    guess = 'padded' if version == '0.1' else 'ceil'
    assert f'is {guess} (else --stem-pool' in report
    assert 'stride 1 (else --last-stride 2)' in report
    is_seen = kind == 'sbs' or (kind, version) == ('agw', '0.1')
    assert ('--pool' in report) != is_seen


def test_non_local_blocks_of_half_the_channels(tmp_path):
    ours, theirs, report = converted(tmp_path, kind='sbs', half=True)
    check(ours, theirs)
    assert 'plugins.0.cfg.reduction=2' in report


@pytest.mark.parametrize(
    ('network', 'config'),
    [
        (dict(classes=702), 'bot/bot-fastreid_r50_duke.py'),
        (dict(classes=1041, kind='sbs'), 'sbs/sbs_r50_msmt17.py'),
        (dict(classes=576, kind='agw'), 'agw/agw-fastreid_r50_veri776.py'),
        (dict(reduction=16), 'bot/bot-fastreid_r50_market.py'),
        (dict(reduction=16, kind='sbs', version='1.0'), 'sbs/sbs_r50_market.py'),
    ],
)
def test_data_sets_and_reductions(tmp_path, network, config):
    ours, theirs, report = converted(tmp_path, **network)
    check(ours, theirs)
    assert f'configs/{config}' in report


def test_depth_101(tmp_path):
    ours, theirs, report = converted(tmp_path, kind='sbs', depth=101, ibn=True)
    check(ours, theirs)
    assert 'model.backbone.depth=101' in report


@pytest.mark.parametrize('recipe', ['sbs', 'agw'])
def test_recipes_differ_in_the_size_of_pictures(tmp_path, recipe):
    network = dict(kind='agw', version='0.1')  # where both hold an exponent
    ours, theirs, report = converted(tmp_path, dict(recipe=recipe), **network)
    check(ours, theirs)
    config = dict(sbs='sbs/sbs', agw='agw/agw-fastreid')[recipe]
    assert f'{config}_r50_market.py' in report
    assert '--recipe' not in report


@pytest.mark.parametrize(
    ('network', 'facts'),
    [
        (dict(last_stride=2), dict(last_stride='2')),
        (dict(pool='max'), dict(pool='max')),
        (dict(pool='avg+max'), dict(pool='avg+max')),
        (dict(pool='gem'), dict(pool='gem')),
        (dict(pool='avg', kind='agw'), dict(pool='avg')),
        (dict(version='1.0', last_stride=2), dict(last_stride='2')),
    ],
)
def test_what_a_file_cannot_tell_is_told(tmp_path, network, facts):
    ours, theirs, report = converted(tmp_path, **network)
    assert distance(ours, theirs) > 1e-3
    for name in facts:
        assert f'--{name.replace("_", "-")}' in report
    ours, theirs, report = converted(tmp_path, facts, **network)
    check(ours, theirs)
    for name in facts:
        assert f'--{name.replace("_", "-")}' not in report


@pytest.mark.parametrize('version', VERSIONS)
def test_the_stems_pooling_matters(tmp_path, version):
    other = 'ceil' if VERSIONS[version].bnneck else 'padded'
    ours, theirs, _ = converted(tmp_path, dict(stem_pool=other), version=version)
    assert distance(ours, theirs) > 1e-3


def test_other_pixels_are_kept(tmp_path):
    weights = shake(FastReid(version='1.0')).state_dict()
    weights['pixel_mean'] = torch.full((1, 3, 1, 1), 127.5)
    _, report = convert('fast-reid', weights, tmp_path)
    assert 'data_preprocessor.mean=127.5,127.5,127.5' in report
    assert 'data_preprocessor.std' not in report


def without(name, state):
    return {k: v for k, v in state.items() if not k.startswith(name)}


@pytest.mark.parametrize(
    ('change', 'facts', 'message'),
    [
        (lambda s: s, dict(pool='avg'), r'pooled by gem, as heads\.pool_layer\.p'),
        (lambda s: s, dict(anti_aliasing='none'), 'leaves no choice of --anti'),
        (lambda s: without('backbone.NL_3', s), {}, r'no backbone\.NL_3\.0\.g'),
        (
            lambda s: {**s, 'backbone.NL_4.0.g.weight': torch.ones(1)},
            {},
            r'has none: backbone\.NL_4\.0\.g\.weight',
        ),
        (
            lambda s: {**s, 'backbone.layer1.0.se.fc.0.weight': torch.ones(1)},
            {},
            'squeeze-and-excitation.*layer1',
        ),
        (
            lambda s: {
                **s,
                'heads.bottleneck.0.weight': torch.ones(4, 8, 1, 1),
                'heads.bnneck.weight': torch.ones(4),
            },
            {},
            'reduces 8 channels to 4 with a leaky ReLU',
        ),
        (lambda s: without('heads.bottleneck', s), {}, r'no heads\.bottleneck\.0'),
        (lambda s: {**s, 'pixel_other': torch.ones(3)}, {}, 'no place for pixel_other'),
    ],
)
def test_other_networks_are_refused(tmp_path, change, facts, message):
    weights = change(FastReid('sbs').state_dict())
    with pytest.raises(UnknownLayoutError, match=message):
        convert('fast-reid', weights, tmp_path, **facts)
    assert not (tmp_path / 'ours.pth').exists()


@pytest.mark.parametrize('facts', [dict(pool='median'), dict(colour='red')])
def test_unknown_facts(tmp_path, facts):
    with pytest.raises(ValueError, match=re.escape(str(next(iter(facts))))):
        convert('fast-reid', {}, tmp_path, **facts)
