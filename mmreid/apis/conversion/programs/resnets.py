"""ResNets and their IBN-a kind: ImageNet's weights, and torchreid's models.

Names were read in torchvision, https://github.com/XingangPan/IBN-Net and
https://github.com/KaiyangZhou/deep-person-reid; timm's are torchvision's.
"""

import re
from collections.abc import Mapping

from torch import Tensor

from mmreid.apis.conversion.architecture import (
    depth_of,
    is_ibn_a,
    options_of,
    parts_of_trunk,
)
from mmreid.apis.conversion.entries import (
    Conversion,
    Entries,
    UnknownLayoutError,
    fixed_exponent,
)
from mmreid.apis.conversion.facts import Facts

_CONFIG = 'bot/bot_r50_market.py'
# How timm names networks whose weights have a plain ResNet's names.
_FILTERED = {'resnetblur': 'blur', 'resnetaa': 'average'}


def convert_trunk(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Take the trunk of ImageNet's ResNets, plain or IBN-a.

    Their names are ours; what training for re-identification does not start from is
    left out.

    Args:
        tensors (Mapping[str, Tensor]): State dict of torchvision, timm or IBN-Net.
        facts (Facts): ``anti_aliasing``.

    Returns:
        Conversion: A trunk for ``model.backbone.init_cfg``.

    Raises:
        UnknownLayoutError: It is another network.
    """
    program = 'torchvision, timm or IBN-Net'
    depth = depth_of(tensors, program)
    _refuse_filters(facts)
    entries = Entries(tensors, program)
    classifier = entries.take_group('fc.')
    weights = _take_trunk(entries)
    entries.finish()
    return Conversion(
        weights,
        _CONFIG,
        tuple(options_of(tensors, depth)),
        trunk=True,
        left_out=tuple(f'fc.{name}' for name in classifier),
    )


def _refuse_filters(facts: Facts) -> None:
    """Refuse networks that filter maps before they take every second position.

    A filter has no weights: timm's resnetblur50 and resnetaa50 hold the same names and
    shapes as its resnet50.
    """
    named = re.search('|'.join(_FILTERED), facts.source.lower())
    guess = _FILTERED[named[0]] if named else 'none'
    if facts.settle('anti_aliasing', guess) != 'none':
        why = f'its name says {named[0]}' if named else '--anti-aliasing was given'
        raise UnknownLayoutError(
            f'This network filters its maps before strides ({why}), which mmreid has '
            'no place for: other vectors would come out. Where it is a plain ResNet, '
            'give --anti-aliasing none.'
        )


def convert_torchreid(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename torchreid's ResNets: plain, ``fc512`` or IBN-a.

    Args:
        tensors (Mapping[str, Tensor]): Their state dict.
        facts (Facts): ``last_stride``, ``pool``.

    Returns:
        Conversion: For the strong baseline's config, with torchreid's test vector: the
        pooled map, or ``fc512``'s reduction of it, without BN neck.

    Raises:
        UnknownLayoutError: It is another network, such as OSNet, which is not here.
    """
    depth = depth_of(tensors, 'torchreid')
    entries = Entries(tensors, "torchreid's ResNets")
    branch = 'head.branches.whole'
    options = ['model.head.bn_neck=False', 'model.head.test=feat']
    options += options_of(tensors, depth)
    weights = {}
    is_reduced = 'fc.0.weight' in tensors
    if is_reduced:
        width = len(entries.tensors['fc.0.weight'])
        options.append(f'model.head.channels={width}')
        weights[f'{branch}.reduction.0.weight'] = entries.take('fc.0.weight')[None]
        weights[f'{branch}.reduction.0.bias'] = entries.take('fc.0.bias')[None]
        for name, value in entries.take_batch_norm('fc.1.').items():
            weights[f'{branch}.reduction.2.{name}'] = value
    # Of its models, only fc512 keeps the last map at 1/16.
    guess = '1' if is_reduced and not is_ibn_a(tensors) else '2'
    options.append(f'model.backbone.strides=1,2,2,{facts.settle("last_stride", guess)}')
    pool = facts.settle('pool', 'avg')
    options.append(f'model.head.branches.whole.pool.mode={pool}')
    weights.update({f'{branch}.{k}': v for k, v in fixed_exponent(pool).items()})
    for name, value in entries.take_group('classifier.').items():
        weights[f'{branch}.classifier.{name}'] = value[None]
    weights.update({f'backbone.{k}': v for k, v in _take_trunk(entries).items()})
    entries.finish()
    # torchreid compares unscaled vectors.
    options.append('test_evaluator.distance=euclidean')
    return Conversion(weights, _CONFIG, tuple(options))


def _take_trunk(entries: Entries) -> dict[str, Tensor]:
    """Take the trunk from the top of a file."""
    groups = {name: entries.take_group(f'{name}.') for name in parts_of_trunk()}
    return {f'{p}.{k}': v for p, group in groups.items() for k, v in group.items()}
