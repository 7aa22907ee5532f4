"""Which ResNet a file holds, and what in it is none."""

import re
from collections.abc import Iterator, Mapping

from torch import Tensor

from mmreid.apis.conversion.entries import UnknownLayoutError

_DEPTHS = {
    (2, 2, 2, 2, 'basic'): 18,
    (3, 4, 6, 3, 'basic'): 34,
    (3, 4, 6, 3, 'bottleneck'): 50,
    (3, 4, 23, 3, 'bottleneck'): 101,
    (3, 8, 36, 3, 'bottleneck'): 152,
}
_STAGES = range(1, 5)
_OWN_PARTS = {'conv1', 'bn1', 'conv2', 'bn2', 'conv3', 'bn3', 'downsample'}
# What other residual networks have in their blocks beside.
_FURTHER_PARTS = {
    'se': 'squeeze-and-excitation or another channel attention',
    'IN': 'instance norms behind their shortcuts (IBN-b)',
    'convs': 'several convolutions side by side (Res2Net)',
}


def parts_of_trunk() -> list[str]:
    """Name the parts of a ResNet's trunk."""
    return ['conv1', 'bn1', *(f'layer{stage}' for stage in _STAGES)]


def is_ibn_a(names: Mapping[str, Tensor], prefix: str = '') -> bool:
    """Tell whether the blocks' first normalisation is half instance norm."""
    return f'{prefix}layer1.0.bn1.IN.weight' in names


def depth_of(tensors: Mapping[str, Tensor], program: str, prefix: str = '') -> int:
    """Tell the depth of a plain ResNet.

    Args:
        tensors (Mapping[str, Tensor]): Weights.
        program (str): Whose they are, for the message.
        prefix (str): What the trunk's names begin with. Defaults to ''.

    Returns:
        int: 18, 34, 50, 101 or 152.

    Raises:
        UnknownLayoutError: It is another network; what differs is named.
    """
    trunk = {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
    blocks = _blocks(trunk)
    differences = [*_of_stem(trunk), *_of_blocks(trunk), *_of_widths(trunk)]
    depth = _DEPTHS.get(blocks)
    if depth is None:
        *counts, kind = blocks
        differences.append(
            f'its stages have {", ".join(map(str, counts))} {kind} blocks'
            if any(counts)
            else f'there is no {prefix}layer1.0.conv1.weight'
        )
    if depth is None or differences:
        raise UnknownLayoutError(
            f'This is no ResNet-18, 34, 50, 101 or 152 of {program}, plain or IBN-a, '
            f'which mmreid has: {"; ".join(differences)}.'
        )
    return depth


def options_of(
    tensors: Mapping[str, Tensor], depth: int, prefix: str = ''
) -> list[str]:
    """Say what the strong baseline's config must change for a trunk."""
    options = []
    if depth != 50:
        options.append(f'model.backbone.depth={depth}')
    if is_ibn_a(tensors, prefix):
        options.append('model.backbone.ibn=a')
    return options


def _blocks(trunk: Mapping[str, Tensor]) -> tuple:
    """Count the blocks of each stage, and tell their kind."""
    blocks = {m[0] for m in map(re.compile(r'layer\d\.\d+\.').match, trunk) if m}
    counts = [sum(b.startswith(f'layer{stage}.') for b in blocks) for stage in _STAGES]
    is_deep = any(name.endswith('.conv3.weight') for name in trunk)
    return (*counts, 'bottleneck' if is_deep else 'basic')


def _of_stem(trunk: Mapping[str, Tensor]) -> Iterator[str]:
    """Tell what is odd in front of the first stage."""
    if any('conv2a' in name or 'conv2c' in name for name in trunk):
        yield 'it is an OSNet'
    if 'conv1.0.weight' in trunk:
        yield 'its stem has several convolutions (ResNet-C, -D, -S or -T)'
    elif 'conv1.weight' not in trunk:
        yield 'its stem has no conv1.weight'
    elif tuple(trunk['conv1.weight'].shape[1:]) != (3, 7, 7):
        size = ' x '.join(map(str, trunk['conv1.weight'].shape[1:]))
        yield f'its first convolution is {size} and not 3 x 7 x 7'
    if 'bn1.weight' in trunk and 'bn1.running_mean' not in trunk:
        yield 'its first normalisation is no batch norm'
    if 'conv1.bias' in trunk:
        yield 'its convolutions have biases'


def _of_blocks(trunk: Mapping[str, Tensor]) -> Iterator[str]:
    """Tell what the blocks have beside a ResNet's."""
    pattern = re.compile(r'layer\d\.\d+\.(\w+)\.(.+)')
    parts: dict[str, re.Match] = {}
    for match in filter(None, map(pattern.match, trunk)):
        parts.setdefault(match[1], match)
    for part in sorted(parts.keys() - _OWN_PARTS):
        what = _FURTHER_PARTS.get(part, 'what a ResNet does not have')
        yield f'its blocks hold {what}: {parts[part][0]}'
    for part in ('conv1', 'conv2', 'conv3'):
        if part in parts and parts[part][2] != 'weight':
            yield f'its {part} is no single convolution: {parts[part][0]}'
    shortcut = trunk.get('layer2.0.downsample.1.weight')
    if shortcut is not None and shortcut.ndim == 4:
        yield 'its shortcuts pool before their convolution (ResNet-D)'
    if 'layer1.0.bn2.weight' in trunk and 'layer1.0.bn2.running_mean' not in trunk:
        yield 'its blocks have no batch norms'


def _of_widths(trunk: Mapping[str, Tensor]) -> Iterator[str]:
    """Tell whether its blocks are as wide as a ResNet's."""
    names = ('conv1.weight', 'layer1.0.conv1.weight', 'layer1.0.conv2.weight')
    if not all(name in trunk and trunk[name].ndim == 4 for name in names):
        return
    stem, first, second = (trunk[name].shape for name in names)
    if second[0] != second[1]:
        yield 'the convolutions of its blocks are grouped (ResNeXt)'
    elif first[0] != stem[0]:
        yield 'its blocks are wider inside (Wide ResNet)'
