"""fast-reid's baselines on ResNets: BoT, AGW and SBS, plain or with IBN-a.

Names and networks were read in https://github.com/JDAI-CV/fast-reid, over its versions.
What they do not share and no name tells is a fact (:mod:`.facts`).
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from mmreid.apis.conversion.architecture import depth_of, options_of
from mmreid.apis.conversion.entries import (
    Conversion,
    Entries,
    UnknownLayoutError,
    fixed_exponent,
)
from mmreid.apis.conversion.facts import Facts

_PROGRAM = "fast-reid's BoT, AGW or SBS with a ResNet"
# Stages (of 1 to 4) that have non-local blocks behind their last blocks.
_NON_LOCAL_STAGES = (2, 3)
# What the BN neck was called. As long as it was bnneck, the stem's pooling was padded.
_OLD_NECK = 'heads.bnneck.'
_NECKS = ('heads.bottleneck.0.', 'heads.bottleneck.', _OLD_NECK)
_CLASSIFIERS = ('heads.weight', 'heads.classifier.weight')
_EXPONENT = 'heads.pool_layer.p'
_BRANCH = 'model.head.branches.whole'
# Of ImageNet, in 0 to 255.
_MEAN, _STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


def convert_fast_reid(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename a baseline of fast-reid.

    Args:
        tensors (Mapping[str, Tensor]): Its state dict.
        facts (Facts): ``stem_pool``, ``last_stride``; ``pool`` where there is no
            exponent; ``recipe`` where there are non-local blocks.

    Returns:
        Conversion: For ``bot/bot_r50_market.py``, or, where there are non-local
        blocks, ``bot/bot_r50-sbs_market.py`` or ``bot/bot_r50-agw_market.py``.

    Raises:
        UnknownLayoutError: It is another network.
    """
    depth = depth_of(tensors, 'fast-reid', 'backbone.')
    entries = Entries(tensors, _PROGRAM)
    options = [*options_of(tensors, depth, 'backbone.'), *_pixels(entries)]
    is_old = f'{_OLD_NECK}weight' in tensors
    stem = facts.settle('stem_pool', 'padded' if is_old else 'ceil')
    options.append(f'model.backbone.stem_pool={stem}')
    options.append(f'model.backbone.strides=1,2,2,{facts.settle("last_stride", "1")}')
    is_crossed = any(name.startswith('backbone.NL_') for name in tensors)
    config = 'bot/bot_r50_market.py'
    weights: dict[str, Tensor] = {}
    if is_crossed:
        config = f'bot/bot_r50-{_recipe(entries, facts)}_market.py'
        weights, changes = _non_local(entries, depth)
        options += changes
    head, pool = _head(entries, facts, 'gem' if is_crossed and not is_old else 'avg')
    options.append(f'{_BRANCH}.pool.mode={pool}')
    for name, value in entries.take_group('backbone.').items():
        weights[f'backbone.{name}'] = value
    weights.update({f'head.branches.whole.{k}': v for k, v in head.items()})
    entries.finish()
    return Conversion(weights, config, tuple(options))


def _recipe(entries: Entries, facts: Facts) -> str:
    """Tell SBS from AGW, which are tested on pictures of another size.

    Later versions' AGW has an exponent that is no parameter; else both are alike.
    """
    return facts.settle('recipe', 'sbs' if _EXPONENT in entries.tensors else 'agw')


def _pixels(entries: Entries) -> list[str]:
    """Take the numbers that pixels are normalised by; say which are unusual."""
    constants = entries.take_group('pixel_')
    options = []
    for name, usual in (('mean', _MEAN), ('std', _STD)):
        values = constants.pop(name, torch.tensor(usual)).flatten().double()
        if not torch.allclose(values, torch.tensor(usual).double(), atol=1e-2):
            numbers = ','.join(f'{value:.6g}' for value in values.tolist())
            options.append(f'data_preprocessor.{name}={numbers}')
    for name, value in constants.items():  # nothing that is known
        entries.tensors[f'pixel_{name}'] = value
    return options


def _head(entries: Entries, facts: Facts, guess: str) -> tuple[dict[str, Tensor], str]:
    """Rename pooling, BN neck and classifier; tell how it pools."""
    if _EXPONENT in entries.tensors:
        pool = facts.see('pool', 'gem', _EXPONENT)
        weights = {'pool.gem.p': entries.take(_EXPONENT)}
    else:
        pool = facts.settle('pool', guess)
        weights = fixed_exponent(pool)
    _refuse_reductions(entries.tensors)
    known = entries.tensors
    neck = next((n for n in _NECKS if f'{n}weight' in known), _NECKS[0])
    for key, value in entries.take_batch_norm(neck).items():
        weights[f'bn_neck.{key}'] = value
    for name in _CLASSIFIERS:
        if name in entries.tensors:
            weights['classifier.weight'] = entries.take(name)[None]
    return weights, pool


def _refuse_reductions(tensors: Mapping[str, Tensor]) -> None:
    """Refuse heads with a reduction, whose activation mmreid's does not have."""
    weight = tensors.get('heads.bottleneck.0.weight')
    if weight is not None and weight.ndim > 1:
        raise UnknownLayoutError(
            f'Its head reduces {weight.shape[1]} channels to {weight.shape[0]} without '
            'ReLU (heads.bottleneck.0), which mmreid has no place for.'
        )


def _non_local(entries: Entries, depth: int) -> tuple[dict[str, Tensor], list[str]]:
    """Rename the non-local blocks to mmcv's ``NonLocal2d`` behind residual blocks."""
    weights, options = {}, []
    for index, stage in enumerate(_NON_LOCAL_STAGES):
        behind, reduction = _places(entries, stage)
        plugin = f'model.backbone.plugins.{index}'
        if depth != 50:  # whose places the config has
            options.append(f'{plugin}.blocks=[{",".join(map(str, behind))}]')
        if reduction is not None:
            options.append(f'{plugin}.cfg.reduction={reduction}')
        for number, block in enumerate(behind):
            source = f'backbone.NL_{stage}.{number}'
            target = f'backbone.layer{stage}.{block}.after'
            for name, value in _non_local_block(entries, source).items():
                weights[f'{target}.{name}'] = value
    if extra := entries.take_group('backbone.NL_'):
        raise UnknownLayoutError(
            f'It has a non-local block where {_PROGRAM} has none: '
            f'backbone.NL_{next(iter(extra))}.'
        )
    return weights, options


def _places(entries: Entries, stage: int) -> tuple[range, int | None]:
    """Tell behind which residual blocks of a stage the non-local ones are.

    Their inner width is 1 up to fast-reid 1.3 and half the channels later.

    Returns:
        tuple[range, int | None]: The last blocks; channels by inner width, None for 1.
    """
    count, total = (
        sum(bool(re.fullmatch(rf'backbone\.{p}\.weight', n)) for n in entries.tensors)
        for p in (rf'NL_{stage}\.\d+\.g', rf'layer{stage}\.\d+\.conv1')
    )
    if not count:
        raise UnknownLayoutError(
            f'{_PROGRAM} has non-local blocks in stages 2 and 3, but there is no '
            f'backbone.NL_{stage}.0.g.weight.'
        )
    width, channels = entries.tensors[f'backbone.NL_{stage}.0.g.weight'].shape[:2]
    return range(total - count, total), None if width == 1 else channels // width


def _non_local_block(entries: Entries, source: str) -> dict[str, Tensor]:
    """Rename one non-local block."""
    weights = {}
    for kind in ('g', 'theta', 'phi'):
        for key in ('weight', 'bias'):
            weights[f'{kind}.conv.{key}'] = entries.take(f'{source}.{kind}.{key}')
    weights['conv_out.conv.weight'] = entries.take(f'{source}.W.0.weight')
    norm = entries.take_batch_norm(f'{source}.W.1.')
    # mmcv's convolution has no bias in front of a batch norm, which takes it away
    # again: shift the mean instead.
    norm['running_mean'] = norm['running_mean'] - entries.take(f'{source}.W.0.bias')
    for name, value in norm.items():
        weights[f'conv_out.bn.{name}'] = value
    return weights
