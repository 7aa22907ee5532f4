"""ResNet-50 and ResNet-50-IBN-a: ImageNet's weights, and torchreid's models.

Names were read in torchvision, https://github.com/XingangPan/IBN-Net and
https://github.com/KaiyangZhou/deep-person-reid; timm's are torchvision's.
"""

import re
from collections.abc import Mapping

from torch import Tensor

from mmreid.apis.conversion.layout import Conversion, Entries, UnknownLayoutError

_BLOCKS = (3, 4, 6, 3)
_CONFIG = 'bot/bot_r50_market.py'


def is_ibn_a(names: Mapping[str, Tensor], prefix: str = '') -> bool:
    """Tell whether the blocks' first normalisation is half instance norm."""
    return f'{prefix}layer1.0.bn1.IN.weight' in names


def check_depth(names: Mapping[str, Tensor], program: str, prefix: str = '') -> None:
    """Refuse what is no ResNet-50.

    Args:
        names (Mapping[str, Tensor]): Weights.
        program (str): Whose they are, for the message.
        prefix (str): What the trunk's names begin with. Defaults to ''.

    Raises:
        UnknownLayoutError: It has other blocks or another stem.
    """
    counts = [0] * len(_BLOCKS)
    pattern = re.compile(rf'{re.escape(prefix)}layer(\d)\.(\d+)\.conv3\.weight')
    for match in filter(None, map(pattern.fullmatch, names)):
        counts[int(match[1]) - 1] += 1
    if tuple(counts) != _BLOCKS or f'{prefix}conv1.weight' not in names:
        hint = (
            ' mmreid has no OSNet; only its ResNet-50 models are converted.'
            if any('conv2a' in name or 'conv2c' in name for name in names)
            else ''
        )
        raise UnknownLayoutError(
            f'expected a ResNet-50 of {program}, with {_BLOCKS} bottleneck blocks and '
            f'a stem {prefix}conv1, but found {tuple(counts)}.{hint}'
        )


def convert_trunk(tensors: Mapping[str, Tensor]) -> Conversion:
    """Take the trunk of ImageNet's ResNet-50 or ResNet-50-IBN-a.

    Their names are ours; what training for re-identification does not start from is
    left out.

    Args:
        tensors (Mapping[str, Tensor]): State dict of torchvision, timm or IBN-Net.

    Returns:
        Conversion: A trunk for ``model.backbone.init_cfg``.

    Raises:
        UnknownLayoutError: It is another network.
    """
    program = 'torchvision, timm or IBN-Net'
    check_depth(tensors, program)
    entries = Entries(tensors, program)
    classifier = entries.take_group('fc.')
    return Conversion(
        entries.tensors,
        _CONFIG,
        ('model.backbone.ibn=a',) if is_ibn_a(tensors) else (),
        trunk=True,
        left_out=tuple(f'fc.{name}' for name in classifier),
    )


def convert_torchreid(tensors: Mapping[str, Tensor]) -> Conversion:
    """Rename torchreid's ``resnet50``, ``resnet50_fc512`` or ``resnet50_ibn_a``.

    Args:
        tensors (Mapping[str, Tensor]): Their state dict.

    Returns:
        Conversion: For the strong baseline's config, with torchreid's test vector: the
        pooled map, or ``fc512``'s reduction of it, without BN neck.

    Raises:
        UnknownLayoutError: It is another network, such as OSNet, which is not here.
    """
    check_depth(tensors, 'torchreid')
    entries = Entries(tensors, "torchreid's ResNet-50")
    branch = 'head.branches.whole'
    options = ['model.head.bn_neck=False', 'model.head.test=feat']
    weights = {}
    if 'fc.0.weight' in tensors:
        width = len(entries.tensors['fc.0.weight'])
        options.append(f'model.head.channels={width}')
        weights[f'{branch}.reduction.0.weight'] = entries.take('fc.0.weight')[None]
        weights[f'{branch}.reduction.0.bias'] = entries.take('fc.0.bias')[None]
        for name, value in entries.take_batch_norm('fc.1.').items():
            weights[f'{branch}.reduction.2.{name}'] = value
    else:  # of the three, only fc512 keeps the last map at 1/16
        options.append('model.backbone.strides=1,2,2,2')
    if is_ibn_a(tensors):
        options.append('model.backbone.ibn=a')
    for name, value in entries.take_group('classifier.').items():
        weights[f'{branch}.classifier.{name}'] = value[None]
    trunk = {name: entries.take_group(f'{name}.') for name in _trunk_parts()}
    for part, group in trunk.items():
        weights.update({f'backbone.{part}.{k}': v for k, v in group.items()})
    entries.finish()
    # torchreid compares unscaled vectors.
    options.append('test_evaluator.distance=euclidean')
    return Conversion(weights, _CONFIG, tuple(options))


def _trunk_parts() -> list[str]:
    """Name the parts of a ResNet's trunk."""
    return ['conv1', 'bn1', *(f'layer{stage}' for stage in range(1, 5))]
