"""SOLIDER's Swin and the network of SOLIDER-REID around it, of any size.

Written for the tests from what the program's files say (tinyvision/SOLIDER-REID,
6509a44d: model/backbones/swin_transformer.py; 5916fc34: model/make_model.py), which do
not know of mmreid: names, order, what is padded, what is shifted, what is modulated.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def module(**parts: nn.Module) -> nn.Module:
    """A module with these parts and no forward."""
    found = nn.Module()
    for name, part in parts.items():
        found.add_module(name, part)
    return found


class Attention(nn.Module):
    """Windows of 7 x 7 tokens attend within themselves."""

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads, self.window = heads, window
        offsets = (2 * window - 1) ** 2
        self.relative_position_bias_table = nn.Parameter(torch.zeros(offsets, heads))
        rows = torch.arange(window)
        y, x = (m.flatten() for m in torch.meshgrid(rows, rows, indexing='ij'))
        # What is asked minus what answers, counted from the smallest offset.
        down = y[:, None] - y[None] + window - 1
        across = x[:, None] - x[None] + window - 1
        index = down * (2 * window - 1) + across
        self.register_buffer('relative_position_index', index)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: Tensor, blocked: Tensor) -> Tensor:
        """``(N, windows, L, C)``; pairs that are ``blocked`` lose 100."""
        n, windows, length, channels = x.shape
        qkv = self.qkv(x).view(n, windows, length, 3, self.heads, -1)
        q, k, v = qkv.permute(3, 0, 1, 4, 2, 5)
        logits = (channels // self.heads) ** -0.5 * q @ k.transpose(-2, -1)
        bias = self.relative_position_bias_table[self.relative_position_index]
        logits = logits + bias.permute(2, 0, 1) - 100.0 * blocked[None, :, None]
        y = logits.softmax(-1) @ v
        return self.proj(y.transpose(2, 3).flatten(3))


class Block(nn.Module):
    """Attention and two layers, each behind a norm and beside a shortcut."""

    def __init__(self, channels: int, heads: int, shift: bool, window: int = 7) -> None:
        super().__init__()
        self.window, self.shift = window, window // 2 if shift else 0
        self.norm1 = nn.LayerNorm(channels)
        self.attn = module(w_msa=Attention(channels, heads, window))
        self.norm2 = nn.LayerNorm(channels)
        first = nn.Sequential(nn.Linear(channels, 4 * channels), nn.GELU())
        layers = nn.Sequential(first, nn.Linear(4 * channels, channels))
        self.ffn = module(layers=layers)

    def cut(self, x: Tensor) -> Tensor:
        """``(N, H, W, C)`` to ``(N, windows, L, C)``."""
        n, height, width, channels = x.shape
        side = self.window
        x = x.view(n, height // side, side, width // side, side, channels)
        return x.transpose(2, 3).reshape(n, -1, side * side, channels)

    def attend(self, x: Tensor) -> Tensor:
        n, height, width, channels = x.shape
        side, shift = self.window, self.shift
        x = F.pad(x, (0, 0, 0, -width % side, 0, -height % side))
        rows, columns = x.shape[1:3]
        regions = x.new_zeros(1, rows, columns, 1)
        if shift:
            x = x.roll((-shift, -shift), (1, 2))
            cuts = (slice(0, -side), slice(-side, -shift), slice(-shift, None))
            for i, down in enumerate(cuts):
                for j, across in enumerate(cuts):
                    regions[:, down, across] = 3 * i + j
        labels = self.cut(regions)[0, :, :, 0]
        blocked = (labels[:, None] != labels[:, :, None]).to(x)
        y = self.attn.w_msa(self.cut(x), blocked)
        y = y.view(n, rows // side, columns // side, side, side, channels)
        y = y.transpose(2, 3).reshape(n, rows, columns, channels)
        return y.roll((shift, shift), (1, 2))[:, :height, :width]

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attend(self.norm1(x))
        return x + self.ffn.layers(self.norm2(x))


class Swin(nn.Module):
    """The trunk: maps of four stages, of which the last one counts."""

    def __init__(self, width: int, depths, heads, weight: float = 0.2) -> None:
        super().__init__()
        self.weight = weight
        projection = nn.Conv2d(3, width, 4, stride=4)
        self.patch_embed = module(projection=projection, norm=nn.LayerNorm(width))
        widths = [width * 2**i for i in range(4)]
        self.stages = nn.ModuleList()
        for i, (depth, count) in enumerate(zip(depths, heads, strict=True)):
            blocks = [Block(widths[i], count, shift=bool(j % 2)) for j in range(depth)]
            stage = module(blocks=nn.ModuleList(blocks))
            if i < 3:
                four, two = 4 * widths[i], 2 * widths[i]
                reduction = nn.Linear(four, two, bias=False)
                stage.downsample = module(norm=nn.LayerNorm(four), reduction=reduction)
            self.stages.append(stage)
        for i, channels in enumerate(widths):
            self.add_module(f'norm{i}', nn.LayerNorm(channels))
        after = [*widths[1:], widths[3]]
        if weight >= 0:
            self.semantic_embed_w = nn.ModuleList(nn.Linear(2, c) for c in after)
            self.semantic_embed_b = nn.ModuleList(nn.Linear(2, c) for c in after)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch_embed.projection(x).permute(0, 2, 3, 1)
        x = self.patch_embed.norm(x)
        pair = x.new_tensor([self.weight, 1 - self.weight])
        for i, stage in enumerate(self.stages):
            for block in stage.blocks:
                x = block(x)
            if i == 3:
                return self.norm3(x).mean((1, 2))
            # Unfold: the four neighbours of each channel lie together.
            n, height, width, _ = x.shape
            x = F.pad(x, (0, 0, 0, width % 2, 0, height % 2)).permute(0, 3, 1, 2)
            x = F.unfold(x, 2, stride=2).transpose(1, 2)
            x = stage.downsample.reduction(stage.downsample.norm(x))
            if self.weight >= 0:
                x = x * F.softplus(self.semantic_embed_w[i](pair))
                x = x + self.semantic_embed_b[i](pair)
            x = x.view(n, -(-height // 2), -(-width // 2), -1)
        raise AssertionError


class SoliderReid(nn.Module):
    """The network that is fine-tuned, with its vector before or after the BN neck."""

    def __init__(self, base: Swin, channels: int, reduced: int | None = None) -> None:
        super().__init__()
        self.base = base
        if reduced:
            self.fcneck = nn.Linear(channels, reduced, bias=False)
        self.classifier = nn.Linear(reduced or channels, 5, bias=False)
        self.bottleneck = nn.BatchNorm1d(reduced or channels)

    def forward(self, x: Tensor) -> Tensor:
        feat = self.base(x)
        return self.fcneck(feat) if hasattr(self, 'fcneck') else feat
