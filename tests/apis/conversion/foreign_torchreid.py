"""torchreid's OSNet and PCB for the tests, with its names.

Written from osnet.py, osnet_ain.py and pcb.py of
https://github.com/KaiyangZhou/deep-person-reid (torchreid 0.2.5), not from mmreid.
"""

import torch
import torch.nn.functional as F
from foreign_models import CHANNELS, run_trunk, trunk
from foreign_osnet import draw, make_trunk, put_norm, run_maps
from torch import Tensor, nn


def make_osnet(kind: str = 'bn', size: str = 'x0_25', feats: int = 512):
    """Draw the weights of a whole OSNet."""
    state = make_trunk(kind, size)
    width = len(state['conv5.bn.weight'])
    state['fc.0.weight'] = draw(feats, width, scale=width**-0.5)
    state['fc.0.bias'] = draw(feats)
    put_norm(state, 'fc.1', feats)
    state['classifier.weight'], state['classifier.bias'] = draw(5, feats), draw(5)
    return state


def run_osnet(state: dict[str, Tensor], kind: str, x: Tensor) -> Tensor:
    """Compute the vectors that torchreid compares."""
    pooled = run_maps(state, kind, x)[3].mean((2, 3))
    v = F.linear(pooled, state['fc.0.weight'], state['fc.0.bias'])
    statistics = state['fc.1.running_mean'], state['fc.1.running_var']
    return F.batch_norm(v, *statistics, state['fc.1.weight'], state['fc.1.bias']).relu()


class Pcb(nn.Module):
    """Stripes of adaptive pooling; one reduction for all of them, in training alone."""

    def __init__(self, parts: int = 6, reduced: int = 256) -> None:
        super().__init__()
        for name, module in trunk(last_stride=1).named_children():
            self.add_module(name, module)
        self.parts = parts
        self.conv5 = nn.Module()
        self.conv5.layers = nn.Sequential(
            nn.Conv2d(CHANNELS, reduced, 1, bias=False),
            nn.BatchNorm2d(reduced),
            nn.ReLU(),
        )
        self.classifier = nn.ModuleList(nn.Linear(reduced, 5) for _ in range(parts))

    def forward(self, x: Tensor) -> Tensor:
        """The compared vectors ``(N, C, P)``, each of length one."""
        stripes = F.adaptive_avg_pool2d(run_trunk(self, x), (self.parts, 1))
        self.scores(stripes)
        return F.normalize(stripes, dim=1).squeeze(3)

    def scores(self, stripes: Tensor) -> list[Tensor]:
        reduced = self.conv5.layers(stripes)
        return [layer(reduced[:, :, i, 0]) for i, layer in enumerate(self.classifier)]


def refused(name: str) -> dict[str, Tensor]:
    """Names of a model that mmreid does not have."""
    names = {
        'HACNN': ('conv.conv.weight', 'ha1.soft_attn.conv1.weight', 'fc_global.0.bias'),
        'MLFN': ('conv1.weight', 'feature.0.fm_conv1.weight', 'fc_s.0.weight'),
        'MuDeep': ('block1.conv1.conv.weight', 'block2.stream1.0.conv.weight'),
        'MobileNetV2': (
            'conv1.conv.weight',
            'conv2.0.conv1.conv.weight',
            'conv9.conv.a',
        ),
        'ShuffleNet': ('conv1.0.weight', 'stage2.0.conv1.weight'),
        'ShuffleNetV2': ('conv1.0.weight', 'stage2.0.branch2.0.weight'),
        'DenseNet': ('features.conv0.weight', 'features.denseblock1.denselayer1.a'),
        'resnet50mid': ('conv1.weight', 'layer1.0.conv1.weight', 'fc_fusion.0.weight'),
    }[name]
    return dict.fromkeys((*names, 'classifier.weight'), torch.ones(1))
