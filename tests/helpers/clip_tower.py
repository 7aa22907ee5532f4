"""A stand-in of CLIP's image tower, small, by OpenAI's and Hugging Face's names."""

import torch
from torch import Tensor, nn


class Tower(nn.Module):
    """Layers by the names and in the order of openai/CLIP, clip/model.py, as
    Syliz517/CLIP-ReID changed it (4c0eb20, model/clip/model.py)."""

    def __init__(self, grid=(6, 3), patch=4, stride=4, width=16, layers=3) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, patch, stride, bias=False)
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
        self.proj = nn.Parameter(torch.randn(width, 6))

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
