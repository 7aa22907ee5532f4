"""CLIP's image tower against a stand-in with OpenAI's names."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmreid.models.backbones import CLIPVisionTransformer

ARCH = dict(embed_dims=16, num_layers=3, num_heads=4, feedforward_channels=64)
SIZE = dict(arch=ARCH, img_size=(24, 12), patch_size=4, projection=6)


class Tower(nn.Module):
    """Layers by the names and in the order of openai/CLIP, clip/model.py, as
    Syliz517/CLIP-ReID changed it (4c0eb20, model/clip/model.py)."""

    def __init__(self, grid=(6, 3), stride=4, width=16, layers=3, out=6) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 4, stride, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(width))
        rows = grid[0] * grid[1] + 1
        self.positional_embedding = nn.Parameter(torch.randn(rows, width))
        self.ln_pre = nn.LayerNorm(width)
        blocks = []
        for _ in range(layers):
            block = nn.Module()
            block.attn = nn.MultiheadAttention(width, 4)
            block.ln_1, block.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
            block.mlp = nn.ModuleDict(
                dict(c_fc=nn.Linear(width, 64), c_proj=nn.Linear(64, width))
            )
            blocks.append(block)
        self.transformer = nn.ModuleDict(dict(resblocks=nn.ModuleList(blocks)))
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(torch.randn(width, out))

    def forward(self, x: Tensor, side: Tensor | None = None) -> list[Tensor]:
        x = self.conv1(x).flatten(2).permute(2, 0, 1)
        token = self.class_embedding.expand(1, x.shape[1], -1)
        x = torch.cat([token if side is None else token + side, x])
        x = self.ln_pre(x + self.positional_embedding[:, None])
        outs = []
        for block in self.transformer.resblocks:
            outs.append(x[0])
            y = block.ln_1(x)
            x = x + block.attn(y, y, y)[0]
            y = block.mlp.c_fc(block.ln_2(x))
            x = x + block.mlp.c_proj(y * torch.sigmoid(1.702 * y))
        x = self.ln_post(x)
        return [x[1:].permute(1, 2, 0), x[0], outs[-1], x[0] @ self.proj]


def make_tower(**options) -> Tower:
    """A stand-in whose norms and biases are no ones and zeros."""
    tower = Tower(**options).double().eval()
    for parameter in tower.parameters():
        nn.init.normal_(parameter, 0.1, 0.3)
    return tower


def hugging_face(weights: dict) -> dict:
    """Names of transformers' CLIPVisionModelWithProjection (modeling_clip.py)."""
    table = {
        'conv1': 'vision_model.embeddings.patch_embedding',
        'class_embedding': 'vision_model.embeddings.class_embedding',
        'positional_embedding': 'vision_model.embeddings.position_embedding.weight',
        'ln_pre': 'vision_model.pre_layrnorm',
        'ln_post': 'vision_model.post_layernorm',
        'transformer.resblocks': 'vision_model.encoder.layers',
        'attn.out_proj': 'self_attn.out_proj',
        'ln_': 'layer_norm',
        'mlp.c_fc': 'mlp.fc1',
        'mlp.c_proj': 'mlp.fc2',
    }
    renamed = {'visual_projection.weight': weights.pop('proj').T}
    for name, value in weights.items():
        new = name
        for there, here in table.items():
            new = new.replace(there, here)
        if 'in_proj' in new:
            for letter, part in zip('qkv', value.chunk(3), strict=True):
                own = new.replace('attn.in_proj_', f'self_attn.{letter}_proj.')
                renamed[own] = part
        else:
            renamed[new] = value
    return {**renamed, 'text_model.final_layer_norm.weight': torch.ones(6)}


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
