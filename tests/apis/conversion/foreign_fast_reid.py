"""fast-reid's baselines as its versions build them, an eighth as wide.

Written for the tests from what its files say, at the commits in the comments, which
does not know of mmreid's converter: names, strides, what is padded, what is a
parameter.
"""

from typing import NamedTuple

import torch
from foreign_models import BASE, CHANNELS, stem, trunk
from torch import Tensor, nn


class Version(NamedTuple):
    """What changed from version to version."""

    ceil: bool  # the stem's pooling; else padded
    bnneck: bool  # the neck's name; else bottleneck.0
    linear: bool  # the classifier is a layer; else a parameter
    agw_learns: bool  # AGW's exponent is a parameter
    pixels: bool  # mean and deviation of pixels are saved


VERSIONS = {
    # 16655448: resnet.py, bnneck_head.py; eebc71b7: Base-AGW.yml with gempool, which
    # was GeneralizedMeanPoolingP.
    '0.1': Version(False, True, True, True, True),
    # 15e1729a: resnet.py, embedding_head.py, Base-AGW.yml with gempool, by now without
    # parameter.
    '1.0': Version(True, False, True, False, True),
    # 4f901973: resnet.py; 6300bd75: embedding_head.py.
    '1.3': Version(True, False, False, False, False),
}
# In stages 2 and 3, as nl_layers_per_stage has them.
NUM_NON_LOCAL = {50: (2, 3), 101: (2, 9)}


class NonLocal(nn.Module):
    """A sum over all positions, weighted by products and their number."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.g = nn.Conv2d(channels, width, 1)
        self.W = nn.Sequential(nn.Conv2d(width, channels, 1), nn.BatchNorm2d(channels))
        self.theta = nn.Conv2d(channels, width, 1)
        self.phi = nn.Conv2d(channels, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        g, theta, phi = (f(x).flatten(2) for f in (self.g, self.theta, self.phi))
        y = torch.einsum('nci,ncj,ndj->ndi', theta, phi, g) / g.shape[2]
        return x + self.W(y.view(*y.shape[:2], *x.shape[2:]))


class FastReid(nn.Module):
    """BoT, AGW or SBS of a version.

    Args:
        kind: 'bot' (average pooling), 'agw' or 'sbs' (non-local blocks, GeM).
        version: One of VERSIONS.
        half: Non-local blocks of half the channels (c9824be7: non_local.py), and not
            of one (0ae5c488).
        pool: 'avg', 'max', 'avg+max' or 'gem' without parameter, instead of the kind's.
        reduction: Channels that a convolution without bias leaves in front of the neck
            (15e1729a, 6300bd75: embedding_head.py, EMBEDDING_DIM).
        classes: Identities.
    """

    def __init__(
        self,
        kind: str = 'bot',
        version: str = '1.3',
        ibn: bool = False,
        half: bool = False,
        depth: int = 50,
        last_stride: int = 1,
        pool: str | None = None,
        reduction: int | None = None,
        classes: int = 5,
    ) -> None:
        super().__init__()
        facts = VERSIONS[version]
        if facts.pixels:
            for name, values in (
                ('pixel_mean', (0.485, 0.456, 0.406)),
                ('pixel_std', (0.229, 0.224, 0.225)),
            ):
                self.register_buffer(name, 255 * torch.tensor(values).view(1, 3, 1, 1))
        self.backbone = trunk(last_stride, ibn, facts.ceil, depth)
        self.depth = depth
        self.counts = (0, 0)
        if kind != 'bot':
            self.counts = NUM_NON_LOCAL[depth]
            for stage, count in enumerate((0, *self.counts, 0)):
                channels = BASE * 4 * 2**stage
                width = channels // 2 if half else 1
                blocks = nn.ModuleList(NonLocal(channels, width) for _ in range(count))
                self.backbone.add_module(f'NL_{stage + 1}', blocks)
        self.pool = pool or ('avg' if kind == 'bot' else 'gem')
        self.heads = nn.Module()
        self.heads.pool_layer = nn.Module()
        if pool is None and (kind == 'sbs' or (kind == 'agw' and facts.agw_learns)):
            self.heads.pool_layer.p = nn.Parameter(torch.tensor([2.6]))
        width = reduction or CHANNELS
        neck = [nn.BatchNorm2d(width)]
        if reduction:
            neck.insert(0, nn.Conv2d(CHANNELS, reduction, 1, bias=False))
        if facts.bnneck:
            self.heads.bnneck = neck[0]
        else:
            self.heads.bottleneck = nn.Sequential(*neck)
        self.neck = [nn.Sequential(*neck)]  # not a second name of its weights
        if facts.linear:
            self.heads.classifier = nn.Linear(width, classes, bias=False)
        else:
            self.heads.weight = nn.Parameter(torch.randn(classes, width))

    def forward(self, x: Tensor) -> Tensor:
        x = stem(self.backbone, x)
        for stage, count in zip(range(1, 5), (0, *self.counts, 0), strict=True):
            layer = self.backbone.get_submodule(f'layer{stage}')
            for index, block in enumerate(layer):
                x = block(x)
                number = index - (len(layer) - count)
                if number >= 0:
                    x = self.backbone.get_submodule(f'NL_{stage}.{number}')(x)
        return self.neck[0](self.pooled(x)[..., None, None]).flatten(1)

    def pooled(self, x: Tensor) -> Tensor:
        x = x.flatten(2)
        if self.pool == 'gem':
            p = getattr(self.heads.pool_layer, 'p', 3)
            return x.clamp(min=1e-6).pow(p).mean(2).pow(1 / p)
        largest, mean = x.amax(2), x.mean(2)
        return {'avg': mean, 'max': largest, 'avg+max': largest + mean}[self.pool]
