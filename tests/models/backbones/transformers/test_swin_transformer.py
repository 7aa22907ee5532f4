"""SwinTransformer: SOLIDER's and timm's values, other windows, modulation, refusals."""

import pytest
import timm
import torch
import torch.nn.functional as F
from foreign_solider import Swin
from mmpretrain.models.utils import ShiftWindowMSA

from mmreid.models.backbones import SwinTransformer
from mmreid.models.backbones.transformers.swin_transformer import join_windows

DEPTHS, HEADS = (1, 2, 2, 1), (1, 2, 2, 4)
ARCH = dict(embed_dims=8, depths=DEPTHS, num_heads=HEADS)


def shake(net):
    """A network without a value that could be mistaken for none."""
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return net.double().eval()


def build(**options):
    return shake(SwinTransformer(**{'arch': ARCH, **options}))


def pictures(height=160, width=96):
    return torch.randn(2, 3, height, width, dtype=torch.float64)


@pytest.mark.parametrize('weight', [0.0, 0.2, 1.0, None])
def test_soliders_values(weight):
    theirs = shake(Swin(8, DEPTHS, HEADS, -1 if weight is None else weight))
    net = build(semantic_weight=weight)
    missing, surplus = net.load_state_dict(theirs.state_dict(), strict=False)
    assert not missing
    assert all('norm' in key or '.3.' in key for key in surplus)
    x = pictures()
    whole, average = net(x)
    assert whole.shape == (2, 64, 5, 3)
    assert net.out_channels == (64, 64)
    expected = theirs(x)
    assert (average.flatten(1) - expected).abs().max() < 1e-9
    torch.testing.assert_close(average, whole.mean((2, 3), keepdim=True))


def test_windows_are_joined_as_mmpretrain_does_to_the_last_digit():
    windows = torch.randn(2 * 3 * 2, 4, 4, 5)
    wanted = ShiftWindowMSA.window_reverse(windows, 12, 8, 4)
    assert torch.equal(join_windows(windows, 12, 8, 4), wanted)
    net, x = build(window_size=4), pictures()
    maps = net(x)
    for stage in net.stages:
        for block in stage.blocks:
            block.attn.window_reverse = ShiftWindowMSA.window_reverse
    assert all(map(torch.equal, net(x), maps))


def test_the_weight_counts_and_its_layers_do_not_learn():
    net = build(semantic_weight=0.2).train()
    assert net.train() is net
    names = [n for n, p in net.named_parameters() if not p.requires_grad]
    assert len(names) == 12
    assert all(name.startswith('semantic_embed_') for name in names)
    x = pictures(64, 32)
    net.eval()
    first = net(x)[1]
    net.semantic_weight = 0.9
    assert (net(x)[1] - first).abs().max() > 1e-3
    first.sum().backward()
    learn = [p for p in net.parameters() if p.requires_grad]
    assert all(p.grad is not None and p.grad.isfinite().all() for p in learn)


@pytest.mark.parametrize('is_behind', [False, True])
def test_timms_and_microsofts_names(is_behind):
    twin = timm.models.swin_transformer.SwinTransformer(
        img_size=224,
        embed_dim=8,
        depths=DEPTHS,
        num_heads=HEADS,
        window_size=7,
        num_classes=0,
    )
    state = shake(twin).state_dict()
    if is_behind:  # reductions at the end of a stage, and what Microsoft saves
        for name in [name for name in state if '.downsample.' in name]:
            stage = int(name.split('.')[1])
            moved = name.replace(f'layers.{stage}', f'layers.{stage - 1}')
            state[moved] = state.pop(name)
        state['layers.0.blocks.0.attn.relative_position_index'] = torch.zeros(49, 49)
        state['layers.0.blocks.1.attn_mask'] = torch.zeros(4, 49, 49)
    net = build(out_indices=(0, 3), pad_small_map=False, window_size=7)
    missing, surplus = net.load_state_dict(state, strict=False)
    assert not surplus
    assert {name.split('.')[0] for name in missing} == {'norm0'}
    x = pictures(224, 224)
    expected = twin.forward_features(x).permute(0, 3, 1, 2)
    torch.testing.assert_close(net(x)[2], expected)
    assert net.out_channels == (8, 8, 64, 64)


def test_tables_of_another_window_are_resized():
    net, source = build(window_size=4), build(window_size=7)
    net.load_state_dict(source.state_dict())
    name = 'stages.1.blocks.1.attn.w_msa.relative_position_bias_table'
    table = source.state_dict()[name].T.view(1, 2, 13, 13)
    expected = F.interpolate(table.float(), (7, 7), mode='bicubic')
    found = net.state_dict()[name].T.view(1, 2, 7, 7)
    torch.testing.assert_close(found.float(), expected)
    assert net(pictures())[0].isfinite().all()


def test_random_weights_learn_and_half_precision_runs():
    torch.manual_seed(0)
    net = SwinTransformer(arch=ARCH, semantic_weight=0.2, frozen_stages=0)
    net.init_weights()
    net.train()
    assert any(table.any() for n, table in net.named_parameters() if 'table' in n)
    assert not any(p.requires_grad for p in net.patch_embed.parameters())
    maps = net.bfloat16()(pictures(64, 32).bfloat16())
    assert maps[0].dtype == torch.bfloat16
    assert maps[0].isfinite().all()


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(arch='giant'), 'arch must be one of'),
        (dict(arch=dict(embed_dims=8)), 'arch must be a name or a dict'),
        (dict(semantic_weight=2.0), 'semantic_weight must lie in'),
        (dict(window_size=0), 'window_size must be at least 1'),
        (dict(out_indices=()), r'stages from 0 to 3, got \(\)'),
        (dict(out_indices=(3, 4)), r'stages from 0 to 3, got \(3, 4\)'),
        (dict(frozen_stages=4), 'frozen_stages must be one of'),
        (dict(stage_cfgs={}), 'stage_cfgs is no option'),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ValueError, match=message):
        SwinTransformer(**options)
