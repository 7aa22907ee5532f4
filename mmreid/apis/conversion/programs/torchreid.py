"""torchreid's models: OSNet of all widths and kinds, PCB, ResNets plain or with IBN-a.

Names and networks were read in https://github.com/KaiyangZhou/deep-person-reid, folder
torchreid/models (0.2.5). All are tested by unscaled vectors of pictures of 256 x 128.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from mmreid.apis.conversion.architecture import depth_of, is_ibn_a, options_of
from mmreid.apis.conversion.entries import (
    Conversion,
    Entries,
    UnknownLayoutError,
    fixed_exponent,
)
from mmreid.apis.conversion.facts import Facts
from mmreid.apis.conversion.programs.resnets import take_trunk

_RESNET = 'bot/bot_r50-torchreid_market.py'
_PCB = 'pcb/pcb_r50-torchreid_market.py'
_PCB_POOL = 'model.head.branches.part.pool'
_BRANCH = 'head.branches.whole'
_BRANCH_OPTIONS = f'model.{_BRANCH}'
_OSNET_PARTS = ('conv1', 'conv2', 'pool2', 'conv3', 'pool3', 'conv4', 'conv5')
# Widths of OSNet that have a config, by the channels of the stem.
_OSNET_SIZES = {64: 'x1_0', 48: 'x0_75', 32: 'x0_5', 16: 'x0_25'}
# Its other models, by names that only they have.
_OTHERS = {
    'HACNN': r'ha1\.',
    'MLFN': r'fc_s\.',
    'MuDeep': r'block1\.conv1\.conv\.',
    'MobileNetV2': r'conv9\.conv\.',
    'ShuffleNetV2': r'stage2\.0\.branch2\.',
    'ShuffleNet': r'stage2\.0\.conv1\.',
    'DenseNet': r'features\.denseblock1\.',
    'SqueezeNet': r'features\.\d+\.squeeze\.',
    'Inception-v4': r'features\.0\.conv\.weight',
    'Inception-ResNet-v2': r'conv2d_1a\.',
    'Xception': r'block12\.',
    'NASNet': r'cell_stem_0\.',
    'SE-ResNet or SE-ResNeXt': r'layer0\.conv1\.',
    'ResNet-50 with fused layers (resnet50mid)': r'fc_fusion\.',
}


def convert_torchreid(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename a model of torchreid.

    Args:
        tensors (Mapping[str, Tensor]): Its state dict.
        facts (Facts): Of ResNets ``last_stride`` and ``pool``.

    Returns:
        Conversion: For a config of its own kind, with torchreid's test vector: the
        pooled map, the reduction of it, or the pooled stripes.

    Raises:
        UnknownLayoutError: It is another network.
    """
    for name, sign in _OTHERS.items():
        if any(re.match(sign, key) for key in tensors):
            raise UnknownLayoutError(
                f"This is torchreid's {name}, which mmreid does not have; of all these "
                'models mmreid converts OSNet (plain, IBN, AIN), PCB and ResNets.'
            )
    if any(re.match(r'conv2\.0\.conv2(a|\.0\.layers)\.', key) for key in tensors):
        return _convert_osnet(Entries(tensors, "torchreid's OSNet"))
    if 'conv5.layers.0.weight' in tensors:
        return _convert_pcb(Entries(tensors, "torchreid's PCB"))
    return _convert_resnet(Entries(tensors, "torchreid's ResNets"), facts)


def _convert_osnet(entries: Entries) -> Conversion:
    """Rename OSNet, whose trunk has our names already."""
    kind = 'bn'
    if 'conv2.0.IN.weight' in entries.tensors:
        is_ain = 'conv2.0.conv2.0.layers.0.conv1.weight' in entries.tensors
        kind = 'ain' if is_ain else 'ibn'
    config, options = _osnet_config(kind, entries)
    weights = {}
    for part in _OSNET_PARTS:
        for name, value in entries.take_group(f'{part}.').items():
            weights[f'backbone.{part}.{name}'] = value
    reduction, width = _take_reduction(entries)
    weights.update(reduction)
    weights.update(_take_classifier(entries))
    entries.finish()
    if width != 512:
        options.append(f'model.head.channels={width}')
    return Conversion(weights, config, tuple(options))


def _osnet_config(kind: str, entries: Entries) -> tuple[str, list[str]]:
    """Choose the config of a kind of OSNet and of its width."""
    stem = entries.tensors.get('conv1.conv.weight', torch.empty(0))
    size = _OSNET_SIZES.get(len(stem))
    if kind == 'bn' and size:
        return f'osnet/osnet_{size}_market.py', []
    options = [] if size == 'x1_0' else [f'model.backbone.width={len(stem) / 64:g}']
    name = 'osnet_x1_0' if kind == 'bn' else f'osnet_{kind}_x1_0'
    return f'osnet/{name}_market.py', options


def _convert_pcb(entries: Entries) -> Conversion:
    """Rename PCB.

    Its stripes share one reduction, which serves training alone; here each has its own,
    which starts as that one.
    """
    depth = depth_of(entries.tensors, 'torchreid')
    names = [f'classifier.{i}' for i in range(len(entries.tensors))]
    names = [name for name in names if f'{name}.weight' in entries.tensors]
    if not names:
        raise UnknownLayoutError(
            "torchreid's PCB tells its number of stripes by its classifiers, but there "
            'is no classifier.0.weight; take the file that training has saved.'
        )
    part = 'head.branches.part'
    weight = entries.take('conv5.layers.0.weight').flatten(1)
    norm = entries.take_batch_norm('conv5.layers.1.')
    weights = {
        f'{part}.reduction.0.weight': torch.stack([weight for _ in names]),
        f'{part}.reduction.0.bias': weight.new_zeros(len(names), len(weight)),
    }
    for key, value in norm.items():
        joined = value.repeat(len(names)) if value.ndim else value
        weights[f'{part}.reduction.2.{key}'] = joined
    for key in ('weight', 'bias'):
        classifiers = [entries.take(f'{name}.{key}') for name in names]
        weights[f'{part}.classifier.{key}'] = torch.stack(classifiers)
    options = options_of(entries.tensors, depth)
    weights.update({f'backbone.{k}': v for k, v in take_trunk(entries).items()})
    entries.finish()
    if len(names) != 6:
        options.append(f'{_PCB_POOL}.num_parts={len(names)}')
    return Conversion(weights, _PCB, tuple(options))


def _convert_resnet(entries: Entries, facts: Facts) -> Conversion:
    """Rename a ResNet: plain, ``fc512`` or with IBN-a."""
    depth = depth_of(entries.tensors, 'torchreid')
    is_ibn = is_ibn_a(entries.tensors)
    options = options_of(entries.tensors, depth)
    weights: dict[str, Tensor] = {}
    is_reduced = 'fc.0.weight' in entries.tensors
    if is_reduced:
        weights, width = _take_reduction(entries)
        options.append(f'model.head.channels={width}')
    # Of its models, only fc512 keeps the last map at 1/16.
    guess = '1' if is_reduced and not is_ibn else '2'
    options.append(f'model.backbone.strides=1,2,2,{facts.settle("last_stride", guess)}')
    pool = facts.settle('pool', 'avg')
    options.append(f'{_BRANCH_OPTIONS}.pool.mode={pool}')
    weights.update({f'{_BRANCH}.{k}': v for k, v in fixed_exponent(pool).items()})
    weights.update(_take_classifier(entries))
    weights.update({f'backbone.{k}': v for k, v in take_trunk(entries).items()})
    entries.finish()
    return Conversion(weights, _RESNET, tuple(options))


def _take_reduction(entries: Entries) -> tuple[dict[str, Tensor], int]:
    """Take the linear layer behind the pooling, its batch norm, and its width."""
    weight = entries.take('fc.0.weight')
    weights = {
        f'{_BRANCH}.reduction.0.weight': weight[None],
        f'{_BRANCH}.reduction.0.bias': entries.take('fc.0.bias')[None],
    }
    for name, value in entries.take_batch_norm('fc.1.').items():
        weights[f'{_BRANCH}.reduction.2.{name}'] = value
    return weights, len(weight)


def _take_classifier(entries: Entries) -> dict[str, Tensor]:
    """Take the classifier, which need not be there."""
    layer = entries.take_group('classifier.')
    return {
        f'{_BRANCH}.classifier.{name}': value[None] for name, value in layer.items()
    }
