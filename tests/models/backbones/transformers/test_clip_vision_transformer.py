"""CLIP's image tower against a stand-in with OpenAI's names."""

import pytest
import torch
import torch.nn.functional as F
from clip_tower import hugging_face, make_tower

from mmreid.models.backbones import CLIPVisionTransformer

ARCH = dict(embed_dims=16, num_layers=3, num_heads=4, feedforward_channels=64)
SIZE = dict(arch=ARCH, img_size=(24, 12), patch_size=4, projection=6)


def timm(weights: dict) -> dict:
    """Names of timm's vit_base_patch16_clip_quickgelu_224 (vision_transformer.py)."""
    renamed = {
        'head.weight': weights.pop('proj').T,
        'head.bias': torch.zeros(6),
        'cls_token': weights.pop('class_embedding')[None, None],
        'pos_embed': weights.pop('positional_embedding')[None],
    }
    table = {
        'conv1': 'patch_embed.proj',
        'ln_pre': 'norm_pre',
        'ln_post': 'norm',
        'transformer.resblocks': 'blocks',
        'attn.in_proj_': 'attn.qkv.',
        'attn.out_proj': 'attn.proj',
        'ln_': 'norm',
        'mlp.c_fc': 'mlp.fc1',
        'mlp.c_proj': 'mlp.fc2',
    }
    for name, value in weights.items():
        for there, here in table.items():
            name = name.replace(there, here)
        renamed[name] = value
    return renamed


FORMS = {
    'openai': lambda weights: weights,
    'whole clip': lambda weights: {
        **{f'visual.{name}': value for name, value in weights.items()},
        # The text tower has names of the image tower's.
        'positional_embedding': torch.zeros(77, 8),
        'transformer.resblocks.0.ln_1.weight': torch.zeros(8),
        'logit_scale': torch.zeros(()),
    },
    'hugging face': hugging_face,
    'timm': timm,
}


@pytest.mark.parametrize('form', FORMS)
def test_is_the_stand_in_with_weights_of_any_names(form):
    tower = make_tower()
    network = CLIPVisionTransformer(**SIZE).double().eval()
    weights = FORMS[form](dict(tower.state_dict()))
    missing, _ = network.load_state_dict(weights, strict=False)
    assert not missing
    pictures = torch.randn(2, 3, 24, 12, dtype=torch.float64)
    found, expected = network(pictures), tower(pictures)
    assert tuple(map_.shape[1] for map_ in found) == network.out_channels
    assert found[0].shape == (2, 16, 6, 3)
    for one, other in zip(found, expected, strict=False):
        torch.testing.assert_close(one.flatten(2).squeeze(2), other, rtol=0, atol=1e-12)
    joined = torch.cat([found[1], found[3]], 1)
    assert torch.equal(found[4], joined)


def test_side_information_is_added_to_the_class_token_alone():
    tower = make_tower()
    network = CLIPVisionTransformer(
        **SIZE, side_information=dict(num_cameras=3, scale=1.0)
    )
    network.double().load_state_dict(tower.state_dict(), strict=False)
    table = torch.randn(3, 1, 16, dtype=torch.float64)
    network.side_embed.data = table
    pictures = torch.randn(2, 3, 24, 12, dtype=torch.float64)
    rows = torch.tensor([2, 0])
    found, expected = network(pictures, rows), tower(pictures, table[rows, 0])
    torch.testing.assert_close(found[3].flatten(1), expected[3], rtol=0, atol=1e-12)
    without = network(pictures)[3].flatten(1)
    torch.testing.assert_close(without, tower(pictures)[3], rtol=0, atol=1e-12)


def test_own_names_load_and_save():
    network, other = (CLIPVisionTransformer(**SIZE) for _ in range(2))
    other.load_state_dict(network.state_dict())
    assert all(map(torch.equal, network.parameters(), other.parameters()))


def test_positions_of_half_precision_are_resized_as_clip_reid_does():
    square = make_tower(grid=(4, 4)).half()
    network = CLIPVisionTransformer(**SIZE, stride=3)
    network.load_state_dict(square.state_dict())
    table = square.positional_embedding.detach().float()
    grid = table[1:].reshape(1, 4, 4, 16).permute(0, 3, 1, 2)
    grid = F.interpolate(grid, size=(7, 3), mode='bilinear').flatten(2)[0].T
    assert torch.equal(network.pos_embed[0], torch.cat([table[:1], grid]))
    assert network.pos_embed.dtype == torch.float32


def test_patches_can_be_frozen_and_the_projection_left_out():
    network = CLIPVisionTransformer(**{**SIZE, 'projection': None}, freeze_patches=True)
    network.init_weights()
    maps = network(torch.randn(2, 3, 24, 12))
    assert [map_.shape[1] for map_ in maps] == [*network.out_channels] == [16] * 3
    sum(map_.square().sum() for map_ in maps).backward()
    silent = {n for n, p in network.named_parameters() if p.grad is None}
    assert silent == {'patch_embed.projection.weight'}


def test_bad_projection():
    with pytest.raises(ValueError, match='projection must be a positive width'):
        CLIPVisionTransformer(**{**SIZE, 'projection': 0})


def test_options_of_other_transformers():
    with pytest.raises(ValueError, match='jigsaw is no option'):
        CLIPVisionTransformer(**SIZE, jigsaw=dict(num_groups=2))
