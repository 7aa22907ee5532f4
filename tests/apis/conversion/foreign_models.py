"""Networks whose weights have the names of other programs' models.

Written for the tests from the names and the mathematics alone, part by part; the
trunks are of torchvision's blocks, an eighth as wide as ResNet-50.
"""

import torch
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck

WIDTH = 256
BASE = 8  # channels of the stem, of 64
CHANNELS = 32 * BASE


# Blocks of the stages, by depth.
COUNTS = {
    18: (2, 2, 2, 2),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
}


def make_layer(
    inner: int, count: int, inputs: int, stride: int, block: type = Bottleneck
) -> nn.Module:
    outputs = block.expansion * inner
    shortcut = None
    if stride != 1 or inputs != outputs:
        shortcut = nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
        )
    blocks = [block(inputs, inner, stride, shortcut)]
    blocks += [block(outputs, inner) for _ in range(1, count)]
    return nn.Sequential(*blocks)


class Trunk(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return run_trunk(self, x)


def trunk(
    last_stride: int = 1, ibn: bool = False, ceil: bool = False, depth: int = 50
) -> nn.Module:
    """ResNet of an eighth of the width."""
    block = BasicBlock if depth == 18 else Bottleneck
    net = Trunk()
    net.conv1 = nn.Conv2d(3, BASE, 7, 2, 3, bias=False)
    net.bn1 = nn.BatchNorm2d(BASE)
    inputs = BASE
    for stage, count in enumerate(COUNTS[depth]):
        stride = (1, 2, 2, last_stride)[stage]
        inner = BASE * 2**stage
        layer = make_layer(inner, count, inputs, stride, block)
        net.add_module(f'layer{stage + 1}', layer)
        inputs = block.expansion * inner
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


def draw_pictures(count: int = 2, height: int = 192) -> Tensor:
    """Draw pictures of coarse colours and some noise, which vectors tell apart."""
    size = (height, height // 3)
    # Of its own, or what else a run has drawn before would decide.
    drawn = torch.Generator().manual_seed(0)
    coarse = torch.randn(count, 3, 6, 2, dtype=torch.float64, generator=drawn)
    fine = torch.randn(count, 3, *size, dtype=torch.float64, generator=drawn)
    return nn.functional.interpolate(coarse, size=size, mode='bicubic') + fine / 4


def shake(model: nn.Module, height: int = 192) -> nn.Module:
    """Draw every normalisation's numbers, and statistics that pictures have.

    With other statistics maps fade to a constant, and any network has those vectors.
    """
    model.double().train()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.InstanceNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.3)
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.momentum = None  # the mean over all batches
    with torch.no_grad():
        model(draw_pictures(4, height))
    return model.eval()


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
    """torchreid's ResNets: the trunk's parts at the top.

    resnet_ibn_a.py strides in the last stage in any case, resnet.py not with fc512.
    """

    def __init__(self, fc512: bool = False, ibn: bool = False, depth: int = 50) -> None:
        super().__init__()
        net = trunk(last_stride=1 if fc512 and not ibn else 2, ibn=ibn, depth=depth)
        for name, module in net.named_children():
            self.add_module(name, module)
        self.fc = None
        if fc512:
            self.fc = nn.Sequential(
                nn.Linear(CHANNELS, 512), nn.BatchNorm1d(512), nn.ReLU()
            )
        width = CHANNELS if depth >= 50 else CHANNELS // 4
        self.classifier = nn.Linear(512 if fc512 else width, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = run_trunk(self, x).mean((2, 3))
        return x if self.fc is None else self.fc(x)
