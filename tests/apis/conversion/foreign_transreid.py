"""TransReID, TransReID-SSL, PersonViT and PASS as their programs build them, as ViT-T.

Written for the tests from what their files say, at the commits in the comments, which
do not know of mmreid's converter: names, order of tokens, what is added where.
"""

import torch
from torch import Tensor, nn

PICTURES = torch.randn(2, 3, 256, 128, dtype=torch.float64)


class Block(nn.Module):
    """One layer. damo-cv/TransReID 1075dd5e, model/backbones/vit_pytorch.py."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = nn.Module()
        self.attn.qkv = nn.Linear(width, 3 * width)
        self.attn.proj = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Module()
        self.mlp.fc1 = nn.Linear(width, 4 * width)
        self.mlp.fc2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        rows = self.attn.qkv(self.norm1(x)).view(n, length, 3, self.heads, -1)
        q, k, v = rows.permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(2, 3) * (width // self.heads) ** -0.5).softmax(3)
        x = x + self.attn.proj((weights @ v).transpose(1, 2).flatten(2))
        hidden = nn.functional.gelu(self.mlp.fc1(self.norm2(x)))
        return x + self.mlp.fc2(hidden)


class Half(nn.Module):
    """IBN-a. damo-cv/TransReID-SSL fc39e882, model/backbones/vit_pytorch.py: IBN."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.IN = nn.InstanceNorm2d(channels // 2, affine=True)
        self.BN = nn.BatchNorm2d(channels - channels // 2)

    def forward(self, x: Tensor) -> Tensor:
        first, second = x.chunk(2, 1)
        return torch.cat([self.IN(first), self.BN(second)], 1)


class Base(nn.Module):
    """The trunk.

    Args:
        width: Of a token.
        layers: Their number.
        heads: Of the attention.
        size: Height and width of the pictures.
        stride: Step from patch to patch.
        cameras: Rows of the table of side information; 0 for none.
        stem: TransReID-SSL's convolutions before the patches.
        parts: PASS's three part tokens, with positions of their own
            (CASIA-IVA-Lab/PASS-reID b868a699).
        local: Stop before the last layer and its norm.
    """

    def __init__(
        self, width=192, layers=12, heads=3, size=(256, 128), stride=16, cameras=0,
        stem=False, parts=False, local=False,
    ):  # fmt: skip
        super().__init__()
        self.local, self.parts = local, parts
        self.patch_embed = nn.Module()
        if stem:
            self.patch_embed.conv = nn.Sequential(
                nn.Conv2d(3, 64, 7, 2, 3, bias=False), Half(64), nn.ReLU(),
                nn.Conv2d(64, 64, 3, 1, 1, bias=False), Half(64), nn.ReLU(),
                nn.Conv2d(64, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
            )  # fmt: skip
            self.patch_embed.proj = nn.Conv2d(64, width, stride // 2, stride // 2)
        else:
            self.patch_embed.proj = nn.Conv2d(3, width, 16, stride)
        count = ((size[0] - 16) // stride + 1) * ((size[1] - 16) // stride + 1)
        names = ['cls_token']
        if parts:
            names += [f'part_token{i}' for i in (1, 2, 3)]
            names += ['cls_pos', 'part1_pos', 'part2_pos', 'part3_pos']
        for name in names:
            setattr(self, name, nn.Parameter(torch.randn(1, 1, width)))
        self.pos_embed = nn.Parameter(torch.randn(1, count + (not parts), width))
        if cameras:
            self.sie_embed = nn.Parameter(torch.randn(cameras, 1, width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.fc = nn.Linear(width, 10)

    def forward(self, x: Tensor, cameras: Tensor | None = None):
        if hasattr(self.patch_embed, 'conv'):
            x = self.patch_embed.conv(x)
        x = self.patch_embed.proj(x).flatten(2).transpose(1, 2)
        expand = [self.cls_token.expand(len(x), -1, -1)]
        positions = self.pos_embed
        if self.parts:
            tokens = (self.part_token1, self.part_token2, self.part_token3)
            expand += [token.expand(len(x), -1, -1) for token in tokens]
            own = (self.cls_pos, self.part1_pos, self.part2_pos, self.part3_pos)
            positions = torch.cat([*own, positions], 1)
        x = torch.cat([*expand, x], 1) + positions
        if cameras is not None:
            x = x + 3.0 * self.sie_embed[cameras]
        for block in self.blocks[:-1] if self.local else self.blocks:
            x = block(x)
        if self.local:
            return x
        x = self.norm(x)
        return tuple(x[:, i] for i in range(4)) if self.parts else x[:, 0]


class Plain(nn.Module):
    """build_transformer. damo-cv/TransReID 1075dd5e, model/make_model.py."""

    def __init__(self, classes=20, after=False, **trunk):
        super().__init__()
        self.after = after
        self.base = Base(**trunk)
        width = self.base.cls_token.shape[2]
        self.classifier = nn.Linear(width, classes, bias=False)
        self.bottleneck = nn.BatchNorm1d(width)

    def forward(self, x: Tensor, cameras: Tensor | None = None) -> Tensor:
        feat = self.base(x, cameras)
        return self.bottleneck(feat) if self.after else feat


class Local(nn.Module):
    """build_transformer_local, with shuffling. The same file.

    Args:
        classes: Persons.
        shift: SHIFT_NUM of its configs.
        **trunk: Of the trunk.
    """

    def __init__(self, classes=20, shift=5, after=False, **trunk):
        super().__init__()
        self.shift, self.after = shift, after
        self.base = Base(local=True, **trunk)
        width, heads = self.base.cls_token.shape[2], self.base.blocks[0].heads
        for name in ('b1', 'b2'):
            layers = Block(width, heads), nn.LayerNorm(width, eps=1e-6)
            setattr(self, name, nn.Sequential(*layers))
        for end in ('', '_1', '_2', '_3', '_4'):
            setattr(self, f'classifier{end}', nn.Linear(width, classes, bias=False))
            setattr(self, f'bottleneck{end}', nn.BatchNorm1d(width))

    def forward(self, x: Tensor, cameras: Tensor | None = None) -> Tensor:
        tokens = self.base(x, cameras)
        vectors = [self.b1(tokens)[:, 0]]
        length = (tokens.shape[1] - 1) // 4
        # 'begin' of shuffle_unit is 1: the class token is left out.
        rolled = [*range(self.shift, tokens.shape[1]), *range(1, self.shift)]
        if len(rolled) % 2:
            rolled.append(rolled[-2])
        half = len(rolled) // 2
        order = [i for a in range(half) for i in (rolled[a], rolled[half + a])]
        for part in range(4):
            group = tokens[:, order[part * length : (part + 1) * length]]
            vectors.append(self.b2(torch.cat([tokens[:, :1], group], 1))[:, 0])
        if self.after:
            ends = ('', '_1', '_2', '_3', '_4')
            necks = [getattr(self, f'bottleneck{end}') for end in ends]
            vectors = [neck(v) for neck, v in zip(necks, vectors, strict=True)]
        return torch.cat([vectors[0], *(vector / 4 for vector in vectors[1:])], 1)


class Pass(nn.Module):
    """build_transformer_pass. CASIA-IVA-Lab/PASS-reID 2b47aac2, model/make_model.py.

    Args:
        classes: Persons.
        several: MULTI_NECK.
        fusion: FEAT_FUSION.
        **trunk: Of the trunk.
    """

    def __init__(self, classes=20, several=False, fusion='cat', **trunk):
        super().__init__()
        self.fusion = fusion
        self.base = Base(parts=True, **trunk)
        width = self.base.cls_token.shape[2]
        whole = width * (2 if fusion == 'cat' else 1)
        self.classifier = nn.Linear(whole, classes, bias=False)
        self.bottleneck = nn.BatchNorm1d(width if several else whole)
        for part in (1, 2, 3) if several else ():
            setattr(self, f'bottleneck_{part}', nn.BatchNorm1d(width))

    def forward(self, x: Tensor) -> Tensor:
        whole, *parts = self.base(x)
        mean = parts[0] / 3 + parts[1] / 3 + parts[2] / 3
        if self.fusion == 'mean':
            return (whole + mean) / 2
        return torch.cat([whole, mean], 1)


def random(network: nn.Module) -> nn.Module:
    """Give a network random weights and statistics, in float64."""
    network = network.double().eval()
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if not value.is_floating_point():
                continue
            if name.endswith('running_var'):
                value.uniform_(0.5, 2)
            elif value.ndim > 1 and 'embed' not in name and 'token' not in name:
                value.normal_(std=value[0].numel() ** -0.5)
            else:
                value.normal_(1 if name.endswith('weight') else 0, 0.3)
    return network


def unit(vectors: Tensor) -> Tensor:
    """FEAT_NORM, which all their tests use: R1_mAP_eval of utils/metrics.py."""
    return nn.functional.normalize(vectors)
