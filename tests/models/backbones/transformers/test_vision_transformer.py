"""VisionTransformer: timm's values, grids of any stride, and what it loads."""

import pytest
import timm
import torch
from mmpretrain.models import VisionTransformer as PretrainedVisionTransformer

from mmreid.engine.checkpoints.model_weights import MismatchedCheckpointError
from mmreid.engine.checkpoints.training.starting_weights import take_weights
from mmreid.models import PersonReID
from mmreid.models.backbones import VisionTransformer
from mmreid.models.backbones.transformers.position_grids import fit_positions
from mmreid.registry import MODELS

TINY = dict(embed_dims=12, num_layers=3, num_heads=3, feedforward_channels=20)
SMALL = dict(arch=TINY, img_size=(64, 32), patch_size=8)


def build(**options):
    """A network without a value that could be mistaken for none."""
    net = VisionTransformer(**{**SMALL, **options})
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return net.double()


def timm_twin(img_size=(64, 32)):
    """timm's network of the same widths, with random weights."""
    twin = timm.models.vision_transformer.VisionTransformer(
        img_size=img_size,
        patch_size=8,
        embed_dim=12,
        depth=3,
        num_heads=3,
        mlp_ratio=20 / 12,
        num_classes=0,
    )
    for parameter in twin.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return twin.double().eval()


def pictures(height=64, width=32, num=2):
    return torch.randn(num, 3, height, width, dtype=torch.float64)


def test_layers_are_dropped_at_mmpretrains_rates_as_plain_numbers():
    """NumPy's numbers break a network into several graphs."""
    options = dict(SMALL, drop_path_rate=0.1)
    twin = PretrainedVisionTransformer(**options, out_type='raw')
    rates = [
        [part.drop_prob for part in net.modules() if hasattr(part, 'drop_prob')]
        for net in (build(drop_path_rate=0.1), twin)
    ]
    assert rates[0] == rates[1]
    assert max(rates[0]) == 0.1
    assert {type(rate) for rate in rates[0]} == {float}


def test_two_maps_with_timms_values():
    twin, net = timm_twin(), build().eval()
    assert not any(net.load_state_dict(twin.state_dict()))
    x = pictures()
    expected = twin.forward_features(x)
    tokens, class_token = net(x)
    assert tokens.shape == (2, 12, 8, 4)
    assert class_token.shape == (2, 12, 1, 1)
    assert net.out_channels == (12, 12)
    torch.testing.assert_close(class_token.flatten(1), expected[:, 0])
    torch.testing.assert_close(tokens.flatten(2).transpose(1, 2), expected[:, 1:])


@pytest.mark.parametrize(
    ('options', 'shape'),
    [
        (dict(stride=12), (21, 10)),
        (dict(stride=11), (22, 11)),
        (dict(), (16, 8)),
        (dict(img_size=(384, 128)), (24, 8)),
        (dict(img_size=224), (14, 14)),
    ],
)
def test_grids_of_the_papers(options, shape):
    arch = dict(TINY, num_layers=1)
    net = MODELS.build(dict(type='VisionTransformer', arch=arch, **options)).eval()
    with torch.no_grad():
        tokens, _ = net(torch.randn(1, 3, *net.img_size))
    assert tokens.shape[2:] == shape
    assert net.grid == shape
    assert net.pos_embed.shape == (1, shape[0] * shape[1] + 1, 12)


def test_overlapping_patches_one_by_one():
    net = build(stride=6).eval()
    x = pictures()
    tokens = net.embed_patches(x)[:, 1:] - net.pos_embed[:, 1:]
    tokens = tokens.unflatten(1, net.grid)
    assert net.grid == (10, 5)
    for row in range(10):
        for column in range(5):
            patch = x[:, :, 6 * row : 6 * row + 8, 6 * column : 6 * column + 8]
            torch.testing.assert_close(
                tokens[:, row, column, :, None, None],
                net.patch_embed.projection(patch),
            )


def test_mmpretrains_names_and_defaults():
    net = VisionTransformer('deit-tiny', img_size=224)
    plain = PretrainedVisionTransformer('deit-tiny')
    assert list(net.state_dict()) == list(plain.state_dict())
    assert net.ln1.eps == net.layers[0].ln1.eps == 1e-6
    net.load_state_dict(plain.state_dict())
    x = torch.randn(1, 3, 224, 224)
    assert torch.equal(net.eval()(x)[1].flatten(1), (plain.eval(), plain(x))[1][0])


def test_outputs_of_earlier_layers():
    net = build(out_indices=[1, 2]).eval()
    x = pictures()
    early_tokens, early_class, *last = net(x)
    tokens = net.layers[1](net.layers[0](net.embed_patches(x)))
    assert torch.equal(early_class.flatten(1), tokens[:, 0])
    assert torch.equal(early_tokens.flatten(2).mT, tokens[:, 1:])
    assert net.out_channels == (12,) * 4
    assert len(last) == 2


@pytest.mark.parametrize('mode', ['bilinear', 'bicubic'])
@pytest.mark.parametrize('source', [(112, 112), (128, 64), (64, 32)])
def test_tables_are_resized_when_loaded(mode, source):
    twin, net = timm_twin(source), build(stride=6, interpolate_mode=mode)
    before = {k: v.clone() for k, v in twin.state_dict().items()}
    net.load_state_dict(twin.state_dict())
    table = before['pos_embed']
    assert torch.equal(net.pos_embed, fit_positions(table, (10, 5), mode=mode))
    assert all(torch.equal(v, before[k]) for k, v in twin.state_dict().items())


def test_a_distilled_network_without_its_second_token():
    source, net = build(), build()
    state = {k: v.clone() for k, v in source.state_dict().items()}
    table, second = state['pos_embed'], torch.randn(1, 1, 12, dtype=torch.float64)
    state['pos_embed'] = torch.cat([table[:, :1], second, table[:, 1:]], 1)
    state['dist_token'] = second
    assert not any(net.load_state_dict(state))
    assert torch.equal(net.pos_embed, table)


def test_own_checkpoint_is_loaded_bit_by_bit():
    net, other = build(stride=5), build(stride=5)
    other.load_state_dict(net.state_dict())
    for key, value in net.state_dict().items():
        assert torch.equal(other.state_dict()[key], value), key


def test_a_table_that_is_no_grid():
    state = dict(build().state_dict(), pos_embed=torch.zeros(1, 202, 12))
    with pytest.raises(ValueError, match=r'202 rows .*source_grid'):
        build().load_state_dict(state)
    net = build(source_grid=(201, 1))
    net.load_state_dict(state)
    assert not net.pos_embed.any()


def model(**backbone):
    return PersonReID(
        backbone=dict(type='VisionTransformer', **{**SMALL, **backbone}),
        head=dict(
            type='MultiBranchHead',
            in_channels=12,
            branches=dict(
                whole=dict(in_index=1, pool=dict(type='GlobalPool'), metric_loss=None)
            ),
        ),
    )


@pytest.mark.parametrize('wrapper', [None, 'state_dict', 'model'])
def test_a_pretrained_trunk_of_timm_by_init_cfg(tmp_path, wrapper):
    twin = timm_twin((112, 112))
    state = dict(twin.float().state_dict(), **{'head.weight': torch.zeros(3, 12)})
    torch.save({wrapper: state} if wrapper else state, tmp_path / 'vit.pth')
    init_cfg = dict(type='Pretrained', checkpoint=str(tmp_path / 'vit.pth'))
    net = model(init_cfg=init_cfg)
    net.init_weights()
    table = fit_positions(state['pos_embed'], (8, 4))
    assert torch.equal(net.backbone.pos_embed, table)
    assert torch.equal(net.backbone.cls_token, state['cls_token'])
    own = net.backbone.layers[2].ffn.layers[1].weight
    assert torch.equal(own, state['blocks.2.mlp.fc2.weight'])
    listed = model(init_cfg=[init_cfg])
    listed.init_weights()
    assert torch.equal(listed.backbone.pos_embed, table)
    state['pos_embed'] = torch.zeros(1, 202, 12)
    torch.save(state, tmp_path / 'vit.pth')
    with pytest.raises(MismatchedCheckpointError, match=r'202 rows .*source_grid'):
        model(init_cfg=init_cfg).init_weights()


def test_a_whole_model_of_another_grid_by_load_from():
    source, net = model(img_size=(80, 40)), model(jigsaw=dict(num_groups=2))
    source.init_weights()
    take_weights(net, source.state_dict(), 'epoch_1.pth')
    table = fit_positions(source.backbone.pos_embed, (8, 4), source_grid=(10, 5))
    assert torch.equal(net.backbone.pos_embed, table)
    copied = net.backbone.jigsaw.layer.attn.qkv.weight
    assert torch.equal(copied, source.backbone.layers[-1].attn.qkv.weight)


def test_class_token_and_positions_start_at_random():
    net = model().backbone
    net.init_weights()
    for parameter in (net.cls_token, net.pos_embed):
        assert 0.01 < parameter.std() < 0.03


def test_frozen_stages_stay_frozen():
    net = build(frozen_stages=2, drop_rate=0.5)
    assert net.train() is net
    frozen = {k for k, v in net.named_parameters() if not v.requires_grad}
    assert {k.split('.')[0] for k in frozen} == {
        *('cls_token', 'pos_embed', 'patch_embed', 'layers')
    }
    assert {k.split('.')[1] for k in frozen if k.startswith('layers')} == {'0', '1'}
    assert [layer.training for layer in net.layers] == [False, False, True]
    assert not net.eval().layers[2].training


def test_gradients_are_the_same_when_recomputed():
    kept, recomputed = build(), build(with_cp=True)
    recomputed.load_state_dict(kept.state_dict())
    x, weight = pictures(), torch.randn(2, 12, 8, 4, dtype=torch.float64)
    for net in (kept, recomputed):
        tokens, class_token = net(x)
        ((tokens * weight).sum() + class_token.square().sum()).backward()
    other = dict(recomputed.named_parameters())
    for name, parameter in kept.named_parameters():
        assert parameter.grad.abs().sum() > 0, name
        torch.testing.assert_close(parameter.grad, other[name].grad)


def test_pictures_of_another_size_are_an_error():
    with pytest.raises(ValueError, match=r'img_size=\(64, 32\).* got \(32, 64\)'):
        build()(pictures(32, 64))


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(arch='huger'), "arch must be one of .* got 'huger'"),
        (dict(arch=dict(embed_dims=8)), 'arch must be a name or a dict of embed_dims'),
        (dict(img_size=(4, 32)), r'neither below patch_size=8, got \(4, 32\)'),
        (dict(img_size=(64, 32, 3)), 'img_size must be'),
        (dict(stride=9), r'stride must lie in \[1, patch_size=8\].* got 9'),
        (dict(stride=0), 'stride must lie'),
        (dict(with_cls_token=False), 'with_cls_token must be True'),
        (dict(final_norm=False), 'final_norm must be True'),
        (dict(interpolate_mode='nearest'), 'interpolate_mode must be one of'),
        (dict(out_type='cls_token'), "out_type is no option .* got 'cls_token'"),
        (dict(patch_cfg=dict(stride=4)), 'patch_cfg must not have stride'),
        (dict(out_indices=()), 'out_indices must name at least one layer'),
        (dict(out_indices=(7,)), r'all from 0 to 2, .* got \(7,\)'),
        (dict(out_indices=3), 'all from 0 to 2, .* got 3'),
        (dict(out_indices='last'), "out_indices must name .* got 'last'"),
        (dict(frozen_stages=9), r'frozen_stages must be one of .* got 9'),
    ],
)
def test_wrong_options_are_explained(options, message):
    with pytest.raises(ValueError, match=message):
        VisionTransformer(**{**SMALL, **options})
