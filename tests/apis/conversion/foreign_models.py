"""Networks whose weights have the names of other programs' models.

Written for the tests from the names and the mathematics alone, part by part; the
trunks are of torchvision's blocks, an eighth as wide as ResNet-50.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck

WIDTH = 256
BASE = 8  # channels of the stem, of 64
CHANNELS = 32 * BASE


def make_layer(inner: int, count: int, inputs: int, stride: int) -> nn.Module:
    shortcut = nn.Sequential(
        nn.Conv2d(inputs, 4 * inner, 1, stride, bias=False), nn.BatchNorm2d(4 * inner)
    )
    blocks = [Bottleneck(inputs, inner, stride, shortcut)]
    blocks += [Bottleneck(4 * inner, inner) for _ in range(1, count)]
    return nn.Sequential(*blocks)


def trunk(last_stride: int = 1, ibn: bool = False, ceil: bool = False) -> nn.Module:
    """ResNet-50 of an eighth of the width."""
    net = nn.Sequential(OrderedDict(conv1=nn.Conv2d(3, BASE, 7, 2, 3, bias=False)))
    net.bn1 = nn.BatchNorm2d(BASE)
    inputs = BASE
    for stage, count in enumerate((3, 4, 6, 3)):
        stride = (1, 2, 2, last_stride)[stage]
        inner = BASE * 2**stage
        net.add_module(f'layer{stage + 1}', make_layer(inner, count, inputs, stride))
        inputs = 4 * inner
    net.maxpool = (
        nn.MaxPool2d(3, 2, ceil_mode=True) if ceil else nn.MaxPool2d(3, 2, padding=1)
    )
    if ibn:
        for layer in (net.layer1, net.layer2, net.layer3):
            for block in layer:
                block.bn1 = HalfInstance(block.bn1.num_features)
    return net


def stem(net: nn.Module, x: Tensor) -> Tensor:
    return net.maxpool(net.bn1(net.conv1(x)).relu())


def run_trunk(net: nn.Module, x: Tensor) -> Tensor:
    x = stem(net, x)
    for layer in (net.layer1, net.layer2, net.layer3, net.layer4):
        x = layer(x)
    return x


def shake(model: nn.Module) -> nn.Module:
    """Draw every normalisation's numbers, so that none is the identity."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.InstanceNorm2d):
            nn.init.uniform_(module.weight, 0.3, 0.6)
            nn.init.normal_(module.bias, std=0.1)
            if module.running_mean is not None:
                nn.init.normal_(module.running_mean, std=0.1)
                nn.init.uniform_(module.running_var, 0.5, 1.5)
    return model.double().eval()


class HalfInstance(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.IN = nn.InstanceNorm2d(channels // 2, affine=True)
        self.BN = nn.BatchNorm2d(channels - channels // 2)

    def forward(self, x: Tensor) -> Tensor:
        half = self.IN.num_features
        return torch.cat((self.IN(x[:, :half]), self.BN(x[:, half:])), 1)


def make_unit(channels: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(channels, WIDTH, 1), nn.BatchNorm2d(WIDTH), nn.ReLU()
    )


class Rrid(nn.Module):
    """RRID's units, each a module of its own, and its 45 classifiers."""

    def __init__(self, num_classes: int = 5, scales: tuple[int, ...] = (6, 4, 2)):
        super().__init__()
        self.base = trunk()
        self.scales = scales
        for n in scales:
            for name, count, channels in (
                (f'local_{n}', n, CHANNELS),
                (f'rest_{n}', n, CHANNELS),
                (f'relation_{n}', n, 2 * WIDTH),
                (f'global_{n}_max', 1, CHANNELS),
                (f'global_{n}_rest', 1, CHANNELS),
                (f'global_{n}_pooling', 1, 2 * WIDTH),
            ):
                units = nn.ModuleList(make_unit(channels) for _ in range(count))
                self.add_module(f'{name}_conv_list', units)
            for name in ('local', 'rest', 'local_rest'):
                self._add_classifiers(f'fc_{name}_{n}_list', n, num_classes)
            for name in ('global', 'global_max', 'global_rest'):
                self._add_classifiers(f'fc_{name}_{n}_list', 1, num_classes)

    def _add_classifiers(self, name: str, count: int, num_classes: int) -> None:
        layers = nn.ModuleList(nn.Linear(WIDTH, num_classes) for _ in range(count))
        self.add_module(name, layers)

    def vectors(self, x: Tensor) -> dict[str, Tensor]:
        """All vectors by the name of their classifier, such as ``local_rest_6.0``."""
        x = run_trunk(self.base, x)
        found = {}
        for n in self.scales:
            stripes = [s.amax((2, 3), keepdim=True) for s in x.chunk(n, 2)]
            apply = lambda kind, i, v: self.get_submodule(f'{kind}_conv_list.{i}')(v)  # noqa: E731
            for i, stripe in enumerate(stripes):
                others = [s for j, s in enumerate(stripes) if j != i]
                own = apply(f'local_{n}', i, stripe)
                rest = apply(f'rest_{n}', i, sum(others) / (n - 1))
                related = apply(f'relation_{n}', i, torch.cat((own, rest), 1))
                found[f'local_{n}.{i}'], found[f'rest_{n}.{i}'] = own, rest
                found[f'local_rest_{n}.{i}'] = own + related
            largest = x.amax((2, 3), keepdim=True)
            whole = apply(f'global_{n}_max', 0, largest)
            gap = apply(f'global_{n}_rest', 0, (sum(stripes) - largest) / (n - 1))
            seen = torch.cat((whole, gap), 1)
            found[f'global_max_{n}.0'], found[f'global_rest_{n}.0'] = whole, gap
            found[f'global_{n}.0'] = whole + apply(f'global_{n}_pooling', 0, seen)
        return {name: vector.flatten(1) for name, vector in found.items()}

    def forward(self, x: Tensor) -> list[Tensor]:
        """The compared vectors: parts of every scale, then the wholes."""
        found = self.vectors(x)
        parts = [f'local_rest_{n}.{i}' for n in self.scales for i in range(n)]
        wholes = [f'global_{n}.0' for n in self.scales]
        return [found[name] for name in parts + wholes]


class Torchreid(nn.Module):
    """torchreid's ResNet-50 family: the trunk's parts at the top."""

    def __init__(self, fc512: bool = False, ibn: bool = False) -> None:
        super().__init__()
        net = trunk(last_stride=1 if fc512 else 2, ibn=ibn)
        for name, module in net.named_children():
            self.add_module(name, module)
        self.fc = None
        if fc512:
            self.fc = nn.Sequential(
                nn.Linear(CHANNELS, 512), nn.BatchNorm1d(512), nn.ReLU()
            )
        self.classifier = nn.Linear(512 if fc512 else CHANNELS, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = run_trunk(self, x).mean((2, 3))
        return x if self.fc is None else self.fc(x)


class NonLocal(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.g = nn.Conv2d(channels, half, 1)
        self.W = nn.Sequential(nn.Conv2d(half, channels, 1), nn.BatchNorm2d(channels))
        self.theta = nn.Conv2d(channels, half, 1)
        self.phi = nn.Conv2d(channels, half, 1)

    def forward(self, x: Tensor) -> Tensor:
        g, theta, phi = (f(x).flatten(2) for f in (self.g, self.theta, self.phi))
        weights = torch.einsum('nci,ncj->nij', theta, phi) / g.shape[2]
        y = torch.einsum('nij,ncj->nci', weights, g)
        return x + self.W(y.view(*y.shape[:2], *x.shape[2:]))


class FastReid(nn.Module):
    """fast-reid's BoT (average pooling) or SBS (non-local blocks, generalised mean)."""

    def __init__(self, sbs: bool = False, ibn: bool = False, old: bool = False) -> None:
        super().__init__()
        self.register_buffer('pixel_mean', torch.zeros(1, 3, 1, 1))
        self.register_buffer('pixel_std', torch.ones(1, 3, 1, 1))
        self.backbone = trunk(ibn=ibn, ceil=True)
        self.sbs = sbs
        if sbs:
            self.backbone.NL_1 = nn.ModuleList()
            self.backbone.NL_2 = nn.ModuleList(NonLocal(8 * BASE) for _ in range(2))
            self.backbone.NL_3 = nn.ModuleList(NonLocal(16 * BASE) for _ in range(3))
            self.backbone.NL_4 = nn.ModuleList()
        self.heads = nn.Module()
        self.heads.pool_layer = nn.Module()
        if sbs:
            self.heads.pool_layer.p = nn.Parameter(torch.tensor([2.6]))
        if old:
            self.heads.bnneck = nn.BatchNorm2d(CHANNELS)
            self.heads.classifier = nn.Linear(CHANNELS, 5, bias=False)
        else:
            self.heads.bottleneck = nn.Sequential(nn.BatchNorm2d(CHANNELS))
            self.heads.weight = nn.Parameter(torch.randn(5, CHANNELS))

    def forward(self, x: Tensor) -> Tensor:
        net = self.backbone
        x = stem(net, x)
        behind = {}
        if self.sbs:
            behind = {(2, 2): 0, (2, 3): 1, (3, 3): 0, (3, 4): 1, (3, 5): 2}
        for stage in range(1, 5):
            for index, block in enumerate(net.get_submodule(f'layer{stage}')):
                x = block(x)
                if (stage, index) in behind:
                    number = behind[stage, index]
                    x = net.get_submodule(f'NL_{stage}.{number}')(x)
        p = self.heads.pool_layer.p if self.sbs else 1
        x = (
            x.clamp(min=1e-6).pow(p).mean((2, 3)).pow(1 / p)
            if self.sbs
            else (x.mean((2, 3)))
        )
        is_old = hasattr(self.heads, 'bnneck')
        norm = self.heads.bnneck if is_old else self.heads.bottleneck[0]
        return norm(x[..., None, None]).flatten(1)
