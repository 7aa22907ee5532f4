"""Files of other programs are recognised, and errors name their converter."""

import argparse
import re

import pytest
import torch
from torchvision.models import resnet18

from mmreid.engine import (
    CheckpointError,
    MismatchedCheckpointError,
    UnsafeCheckpointError,
    converter_hint,
    family_of,
    load_safely,
    load_weights,
    recognise,
)
from mmreid.engine.checkpoints import FAMILIES
from mmreid.engine.checkpoints.training.starting_weights import take_weights

TRUNK = [name for name in resnet18().state_dict() if not name.startswith('fc.')]
# Names as the programs' models have them, shortened to what tells them apart.
NAMES = {
    'torchvision': [*TRUNK, 'fc.weight', 'fc.bias'],
    'ibn-a': [*TRUNK, 'layer1.0.bn1.IN.weight', 'layer1.0.bn1.BN.weight', 'fc.bias'],
    'torchreid': [*TRUNK, 'classifier.weight', 'classifier.bias'],
    'fast-reid': [
        'pixel_mean',
        *(f'backbone.{name}' for name in TRUNK),
        'heads.bottleneck.0.weight',
    ],
    'strong-baseline': [
        *(f'base.{name}' for name in TRUNK),
        *('bottleneck.running_mean', 'classifier.weight', 'global_pool.p'),
    ],
    'luperson': [*TRUNK, 'fc1.weight', 'fc2.weight', 'classifier.weight'],
    'ianet': [*TRUNK, 'layer2.4.W1.weight', 'layer2.4.W2.weight', 'classifier.weight'],
    'lightmbn': [
        'backone.0.conv.weight',
        'global_branch.0.1.conv1.conv.weight',
        'reduction_ch_0.bn.weight',
    ],
    'transreid': [
        *('base.cls_token', 'base.pos_embed', 'base.blocks.0.attn.qkv.weight'),
        *('base.patch_embed.proj.weight', 'bottleneck.weight', 'classifier.weight'),
    ],
    'vit': [
        *('cls_token', 'pos_embed', 'blocks.0.attn.qkv.weight'),
        *('patch_embed.proj.weight', 'head.weight'),
    ],
    'clip-reid': [
        *('image_encoder.class_embedding', 'image_encoder.ln_pre.weight'),
        *('image_encoder.transformer.resblocks.0.attn.in_proj_weight',),
        *('bottleneck.weight', 'bottleneck_proj.weight', 'classifier.weight'),
    ],
    'clip': [
        *('visual.conv1.weight', 'visual.class_embedding', 'visual.ln_pre.weight'),
        *('visual.transformer.resblocks.0.attn.in_proj_weight', 'text_projection'),
    ],
    'miewid': [
        *('backbone.conv_stem.weight', 'backbone.bn2.weight', 'pooling.p'),
        *('bn.running_mean', 'bn.weight'),
    ],
    'megadescriptor': [
        *('patch_embed.proj.weight', 'patch_embed.norm.weight', 'norm.weight'),
        *('layers.0.blocks.0.attn.qkv.weight', 'layers.3.blocks.0.norm1.weight'),
    ],
    'solider': [
        'base.patch_embed.projection.weight',
        'base.stages.0.blocks.0.norm1.weight',
        'base.semantic_embed_w.0.weight',
        'bottleneck.weight',
    ],
    'rrid': [
        *(f'base.{name}' for name in TRUNK),
        'local_6_conv_list.0.0.weight',
        'fc_local_6_list.0.weight',
    ],
}
# Further networks of a program.
FURTHER = {
    "SOLIDER's trunk": (
        'solider',
        [
            'patch_embed.projection.weight',
            'stages.0.blocks.0.norm1.weight',
            'semantic_embed_w.0.weight',
        ],
    ),
    'MGN': (
        'fast-reid',
        [
            *('backbone.0.weight', 'b1.0.0.conv1.weight', 'b3.1.0.conv1.weight'),
            'b1_head.bnneck.weight',
        ],
    ),
    'torchvision ViT': (
        'vit',
        [
            *('class_token', 'conv_proj.weight', 'encoder.pos_embedding'),
            'encoder.layers.encoder_layer_0.ln_1.weight',
        ],
    ),
    'OSNet': (
        'torchreid',
        ['conv1.conv.weight', 'conv2.0.conv2a.conv1.weight', 'conv5.conv.weight'],
    ),
    'AIN': (
        'torchreid',
        [
            'conv1.conv.weight',
            'conv2.0.conv2.0.layers.0.conv1.weight',
            'conv5.conv.weight',
        ],
    ),
    'PCB': (
        'torchreid',
        [*TRUNK, 'conv5.layers.0.weight', 'classifier.0.weight', 'classifier.0.bias'],
    ),
    'HACNN': ('torchreid', ['conv.conv.weight', 'ha1.a', 'classifier_global.weight']),
    'MLFN': ('torchreid', ['conv1.weight', 'fc_s.0.weight', 'classifier.weight']),
}


def test_every_family_has_names():
    """Add some to NAMES with a new family: that no other one is taken for it."""
    assert {family.layout for family in FAMILIES} == set(NAMES)


@pytest.mark.parametrize('network', FURTHER)
def test_further_networks(network):
    layout, names = FURTHER[network]
    for prefix in ('', 'module.', 'model.'):
        assert family_of(prefix + name for name in names).layout == layout


@pytest.mark.parametrize('prefix', ['', 'module.', 'module.module.'])
@pytest.mark.parametrize('layout', NAMES)
def test_families(layout, prefix):
    assert family_of(prefix + name for name in NAMES[layout]).layout == layout
    assert family_of(reversed([*NAMES[layout]])).layout == layout


@pytest.mark.parametrize('prefix', ['backbone.', 'model.', 'module.model.backbone.'])
@pytest.mark.parametrize('layout', NAMES)
def test_families_within_others(layout, prefix):
    names = [prefix + name for name in NAMES[layout]]
    found = recognise([*names, 'projector.0.weight'])
    assert found.family.layout == layout
    assert found.prefix == prefix.removeprefix('module.')
    assert recognise(NAMES[layout], layout).prefix == ''
    assert recognise(['a.b.weight'], layout) is None


@pytest.mark.parametrize(
    'names',
    [
        [],
        [f'backbone.{name}' for name in TRUNK] + ['head.branches.whole.bn_neck.bias'],
        ['conv1.conv.weight', 'conv2.0.conv1.conv.weight', 'classifier.weight'],
    ],
    ids=['none', 'mmreid', 'osnet'],
)
def test_others_are_nobodys(names):
    assert family_of(names) is None
    assert converter_hint(dict.fromkeys(names), 'a.pth') == ''


@pytest.mark.parametrize('places', [(), ('state_dict',), ('model', 'state_dict')])
def test_the_hint_is_a_command_to_type(places):
    content = dict.fromkeys(NAMES['fast-reid'])
    for place in places:
        content = {place: content, 'epoch': 1}
    hint = converter_hint(content, 'my weights.pth')
    command = "python tools/model_converters/convert.py 'my weights.pth' OURS.pth"
    assert command in hint
    assert hint.startswith(' ')
    assert hint.endswith('.')


@pytest.mark.parametrize('content', [None, 3, [1], {1: 2}, {'state_dict': [1]}])
def test_no_weights_have_no_converter(content):
    assert converter_hint(content, 'a.pth') == ''


@pytest.mark.parametrize('layout', NAMES)
def test_a_refused_file_names_its_converter(tmp_path, layout):
    path = tmp_path / 'resnet50.pth.tar-60'
    weights = {name: torch.ones(1) for name in NAMES[layout]}
    settings = argparse.Namespace(lr=0.1)
    torch.save({'state_dict': weights, 'epoch': 60, 'args': settings}, path)
    tool = r'model_converters/convert\.py'
    with pytest.raises(UnsafeCheckpointError, match=rf'argparse\.Namespace.*{tool}'):
        load_safely(path)


def test_a_refused_file_of_nobody_is_only_refused(tmp_path):
    path = tmp_path / 'mine.pth'
    torch.save({'state_dict': {'w': torch.ones(1)}, 'args': argparse.Namespace()}, path)
    with pytest.raises(UnsafeCheckpointError, match=r'Namespace') as caught:
        load_safely(path)
    assert 'model_converters' not in str(caught.value)


@pytest.mark.parametrize('place', ['state_dict', 'model'])
@pytest.mark.parametrize('layout', NAMES)
def test_a_file_that_does_not_fit_names_its_converter(tmp_path, layout, place):
    path = tmp_path / 'theirs.pth'
    torch.save({place: {name: torch.ones(1) for name in NAMES[layout]}}, path)
    with pytest.raises(MismatchedCheckpointError) as caught:
        load_weights(torch.nn.Sequential(torch.nn.Linear(2, 2)), path)
    assert isinstance(caught.value, CheckpointError)
    assert re.search(r'model_converters/\w+\.py \S*theirs\.pth OURS', str(caught.value))


@pytest.mark.parametrize('layout', ['torchreid', 'fast-reid', 'rrid', 'ianet'])
def test_a_training_that_starts_from_it_names_its_converter(layout):
    weights = {name: torch.ones(1) for name in NAMES[layout]}
    model = torch.nn.Module()
    model.backbone = torch.nn.Module()
    model.backbone.other = torch.nn.Linear(2, 2)
    with pytest.raises(MismatchedCheckpointError, match='model_converters'):
        take_weights(model, weights, 'theirs.pth')
