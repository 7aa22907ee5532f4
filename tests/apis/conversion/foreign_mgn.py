"""fast-reid's MGN as its versions build it, an eighth as wide.

Written for the tests from what its files say, at the commits in the comments, which
does not know of mmreid's converter.
"""

import copy

import torch
from foreign_models import CHANNELS, trunk
from torch import Tensor, nn

NAMES = ('b1', 'b2', 'b3', 'b21', 'b22', 'b31', 'b32', 'b33')
REDUCED = 8


class Mean(nn.Module):
    """A generalised mean whose exponent is a parameter."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = nn.Parameter(torch.tensor([p]))

    def forward(self, x: Tensor) -> Tensor:
        x = x.clamp(min=1e-6).pow(self.p).mean((2, 3), keepdim=True)
        return x.pow(1 / self.p)


class EmbeddingHead(nn.Module):
    """Pool, convolution, neck: 15e1729a (classifier), 6300bd75 (weight)."""

    def __init__(self, version: str, pool: nn.Module) -> None:
        super().__init__()
        self.pool_layer = pool
        self.bottleneck = nn.Sequential(
            nn.Conv2d(CHANNELS, REDUCED, 1, bias=False), nn.BatchNorm2d(REDUCED)
        )
        if version == '1.3':
            self.weight = nn.Parameter(torch.randn(5, REDUCED))
        else:
            self.classifier = nn.Linear(REDUCED, 5, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.bottleneck(self.pool_layer(x))[..., 0, 0]


class BNneckHead(nn.Module):
    """A neck alone: eebc71b7 (Base-MGN.yml), whose pooling stands before."""

    def __init__(self) -> None:
        super().__init__()
        self.bnneck = nn.BatchNorm2d(REDUCED)
        self.classifier = nn.Linear(REDUCED, 5, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.bnneck(x)[..., 0, 0]


class ForeignMGN(nn.Module):
    """MGN of a version.

    Args:
        version: '0.1' (pooling, convolution, batch norm and ReLU before the head),
            '1.0' or '1.3'.
        pool: 'gem' or 'max'.
    """

    def __init__(
        self, version: str, ibn: bool = False, pool: str = 'gem', last_stride: int = 1
    ) -> None:
        super().__init__()
        net = trunk(1, ibn, ceil=version != '0.1')
        self.backbone = nn.Sequential(
            *(net.conv1, net.bn1, nn.ReLU(), net.maxpool),
            *(net.layer1, net.layer2, net.layer3[0]),
        )
        rest = nn.Sequential(*net.layer3[1:])
        for name in ('b1', 'b2', 'b3'):
            branch = nn.Sequential(copy.deepcopy(rest), copy.deepcopy(net.layer4))
            for parameter in branch.parameters():  # own weights, as training leaves
                parameter.data += parameter.std() * torch.randn_like(parameter) / 2
            self.add_module(name, branch)
        first = self.b1[1][0]
        first.conv2.stride = first.downsample[0].stride = (last_stride, last_stride)
        self.pooling = [nn.AdaptiveMaxPool2d(1) if pool == 'max' else None]
        shared = Mean(2.7)  # one for all of version 0.1
        for index, name in enumerate(NAMES):
            own = self.pooling[0] or Mean(2.5 + index / 8)
            if version == '0.1':
                self.add_module(f'{name}_pool', unit(self.pooling[0] or shared))
                self.add_module(f'{name}_head', BNneckHead())
            else:
                self.add_module(f'{name}_head', EmbeddingHead(version, own))
        self.is_early = version == '0.1'

    def forward(self, x: Tensor) -> Tensor:
        x = self.backbone(x)
        b1, b2, b3 = self.b1(x), self.b2(x), self.b3(x)
        maps = (b1, b2, b3, *torch.chunk(b2, 2, 2), *torch.chunk(b3, 3, 2))
        vectors = []
        for name, y in zip(NAMES, maps, strict=True):
            if self.is_early:
                y = self.get_submodule(f'{name}_pool')(y)
            vectors.append(self.get_submodule(f'{name}_head')(y))
        return torch.cat(vectors, 1)


def unit(pool: nn.Module) -> nn.Module:
    return nn.Sequential(
        pool,
        nn.Conv2d(CHANNELS, REDUCED, 1, bias=False),
        nn.BatchNorm2d(REDUCED),
        nn.ReLU(),
    )
