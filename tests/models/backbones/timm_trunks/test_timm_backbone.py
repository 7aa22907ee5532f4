"""TimmBackbone: maps of every kind of output, weights by timm's names, refusals."""

import sys

import pytest
import timm
import torch

from mmreid.models import PersonReID
from mmreid.models.backbones import TimmBackbone
from mmreid.models.backbones.timm_trunks import timm_weights
from mmreid.registry import MODELS

# What each returns: name, format, maps of a picture of 64 x 32, maps in all.
KINDS = [
    ('test_resnet', 'NCHW', 1),
    ('test_convnext', 'NCHW', 1),
    ('swinv2_cr_tiny_224', 'NCHW', 1),
    ('test_vit', 'tokens', 2),
    ('test_vit2', 'tokens', 1),  # without class token
    ('pit_ti_224', 'intermediate', 1),
]


def build(name, **options):
    return TimmBackbone(name, **{'img_size': (64, 32), **options})


@pytest.mark.parametrize(('name', 'kind', 'count'), KINDS)
def test_maps_of_pictures_that_are_no_squares(name, kind, count):
    net = build(name)
    assert net.output.format == kind
    maps = net(torch.rand(2, 3, 64, 32))
    assert len(maps) == count == len(net.out_channels)
    assert tuple(m.shape[1] for m in maps) == net.out_channels
    assert maps[0].shape[2:] == net.output.grid
    if count == 2:
        assert maps[1].shape[2:] == (1, 1)
    sum(m.sum() for m in maps).backward()
    assert all(p.grad is not None for p in net.parameters() if p.requires_grad)


def test_channels_last_become_channels_first():
    options = dict(embed_dim=12, depths=(1, 1), num_heads=(2, 2), window_size=4)
    net = build('swin_tiny_patch4_window7_224', **options).double().eval()
    x = torch.rand(2, 3, 64, 32, dtype=torch.float64)
    (found,) = net(x)
    assert net.output.format == 'NHWC'
    assert found.shape == (2, 24, 8, 4)
    expected = net.timm_model.forward_features(x)
    torch.testing.assert_close(found.flatten(2).mT, expected.flatten(1, 2))


@pytest.mark.parametrize(
    ('registers', 'class_token'), [(0, True), (3, True), (3, False)]
)
def test_registers_are_left_out(registers, class_token):
    options = dict(class_token=class_token, reg_tokens=registers, global_pool='avg')
    net = build('test_vit', **options).double().eval()
    x = torch.rand(2, 3, 64, 32, dtype=torch.float64)
    expected = net.timm_model.forward_features(x)
    maps = net(x)
    assert len(maps) == 1 + class_token
    patches = expected[:, registers + class_token :]
    torch.testing.assert_close(maps[0].flatten(2).mT, patches)
    if class_token:
        torch.testing.assert_close(maps[1].flatten(1), expected[:, 0])


def test_loads_weights_by_timms_names(tmp_path):
    twin = timm.create_model('test_vit', img_size=(64, 32)).eval()
    torch.save(twin.state_dict(), tmp_path / 'twin.pth')
    net = build(
        'test_vit',
        init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'twin.pth')),
    )
    net.init_weights()
    x = torch.rand(1, 3, 64, 32)
    expected = twin.forward_features(x)[:, 0]
    torch.testing.assert_close(net.eval()(x)[1].flatten(1), expected)
    # Ours, of a whole model, begin otherwise.
    other = build('test_vit')
    other.load_state_dict(net.state_dict())
    torch.testing.assert_close(other.eval()(x)[1].flatten(1), expected)


def test_positions_of_another_grid_are_resized():
    square = timm.create_model('test_vit', num_classes=0)
    missing, surplus = build('test_vit').load_state_dict(square.state_dict())
    assert not missing
    assert not surplus


def test_asked_for_weights_come_as_safetensors_alone(monkeypatch):
    asked = []
    twin = timm.create_model('test_resnet', num_classes=0)

    class Hub:
        @staticmethod
        def hf_hub_download(repo_id, filename):
            asked.append((repo_id, filename))
            raise OSError('no network here')

    monkeypatch.setitem(sys.modules, 'huggingface_hub', Hub)
    net = build('test_resnet', pretrained=True)
    assert not asked  # building a network fetches nothing
    with pytest.raises(ValueError, match=r'could not fetch .* init_cfg'):
        net.init_weights()
    assert asked[0][1].endswith('.safetensors')
    weights = twin.state_dict()
    monkeypatch.setattr(
        'mmreid.models.backbones.timm_trunks.timm_backbone.fetch', lambda _: weights
    )
    net.init_weights()
    for name, value in net.timm_model.state_dict().items():
        torch.testing.assert_close(value, weights[name])
    with pytest.raises(ValueError, match='publishes on its page'):
        timm_weights.fetch('efficientnet_b0_gn')


def test_last_stride():
    assert build('test_resnet').output.grid == (2, 1)
    assert build('test_resnet', output_stride=16).output.grid == (4, 2)
    with pytest.raises(ValueError, match='output_stride'):
        build('test_vit', output_stride=16)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(model_name='resnet5'), r"got 'resnet5'; the nearest are \['resnet50'"),
        (dict(model_name='hf-hub:BVRA/MegaDescriptor-L-384'), 'would fetch'),
        (dict(model_name='test_vit', img_size=(60, 32)), 'img_size=.*divide'),
        (dict(model_name='test_vit', img_size=(64, 32, 3)), 'img_size must be'),
        (dict(model_name='test_vit', wide=3), 'wide'),
        (dict(model_name='test_resnet', features_only=True), 'features_only is no'),
        (dict(model_name='test_resnet', output_stride=7), 'timm says "Assert'),
        (
            dict(model_name='test_vit', pretrained=True, init_cfg=dict(type='X')),
            'one of them',
        ),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ValueError, match=message):
        build(options.pop('model_name'), **options)


def test_a_trunk_without_maps_says_so(monkeypatch):
    monkeypatch.setattr(
        'timm.models.resnet.ResNet.forward_features',
        lambda self, x: self.conv1(x).mean((2, 3)),
    )
    monkeypatch.delattr('timm.models.resnet.ResNet.forward_intermediates')
    with pytest.raises(ValueError, match=r'returns no map.*convnext_tiny'):
        build('test_resnet')


def test_another_size_of_pictures():
    assert build('test_resnet')(torch.rand(1, 3, 96, 64))[0].shape[2:] == (3, 2)
    with pytest.raises(ValueError, match='must have the size img_size'):
        build('test_vit', dynamic_img_size=False)(torch.rand(1, 3, 96, 64))
    net = build('test_vit', dynamic_img_size=True)
    grid = net(torch.rand(1, 3, 128, 32))[0].shape[2:]
    assert grid == (2 * net.output.grid[0], net.output.grid[1])


def test_a_head_is_told_the_channels():
    model = PersonReID(
        dict(type='TimmBackbone', model_name='test_vit', img_size=(64, 32)),
        dict(
            type='MultiBranchHead',
            num_classes=5,
            branches=dict(whole=dict(in_index=1, pool=dict(type='GlobalPool'))),
        ),
    )
    width = model.backbone.out_channels[1]
    assert model.eval()(torch.rand(2, 3, 64, 32)).shape == (2, width)
    assert MODELS.get('TimmBackbone') is TimmBackbone
