"""fast-reid's MGN: three copies of layer3 and layer4, eight heads."""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from mmreid.apis.conversion.architecture import depth_of, options_of
from mmreid.apis.conversion.entries import Conversion, Entries, UnknownLayoutError
from mmreid.apis.conversion.facts import Facts
from mmreid.apis.conversion.programs.fast_reid.heads import (
    OLD_NECK,
    Head,
    reduction_options,
    take_head,
)
from mmreid.apis.conversion.programs.fast_reid.shared import (
    data_set_of,
    stem_options,
    take_pixels,
)

_PROGRAM = "fast-reid's MGN with a ResNet"
# Our branches and fast-reid's heads, each of one part.
_BRANCHES = {
    'whole1': ('b1',),
    'whole2': ('b2',),
    'whole3': ('b3',),
    'halves': ('b21', 'b22'),
    'thirds': ('b31', 'b32', 'b33'),
}
# Of the shared trunk, a sequence; ReLU and pooling have no weights.
_SHARED = {'0': 'conv1', '1': 'bn1', '4': 'layer1', '5': 'layer2', '6': 'layer3.0'}
_NORM_PARTS = 'num_batches_tracked'


def convert_mgn(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename an MGN of fast-reid.

    Args:
        tensors (Mapping[str, Tensor]): Its state dict.
        facts (Facts): ``data_set``, ``stem_pool``, ``last_stride`` (of the first
            branch); ``pool`` where there is no exponent.

    Returns:
        Conversion: For ``mgn/mgn_r50_*.py``.

    Raises:
        UnknownLayoutError: It is another network.
    """
    trunk = _trunk(tensors)
    depth = depth_of({k: v for k, v in trunk.items() if '_copies' not in k}, 'MGN')
    entries = Entries(
        {k: v for k, v in tensors.items() if not re.match(r'backbone\.|b\d\.', k)},
        _PROGRAM,
    )
    options = [*options_of(trunk, depth), *take_pixels(entries)]
    options += stem_options(facts, f'b1_head.{OLD_NECK}weight' in entries.tensors)
    data_set = data_set_of(entries, facts, 'b1_head.', vehicles=False)
    weights = {f'backbone.{name}': value for name, value in trunk.items()}
    heads = {
        branch: [take_head(entries, f'{b}_head.', f'{b}_pool.') for b in names]
        for branch, names in _BRANCHES.items()
    }
    options += _pool_options(heads, facts)
    first = heads['whole1'][0]
    options += reduction_options(first)
    for branch, parts in heads.items():
        for name, value in _joined(branch, parts, options).items():
            weights[f'head.branches.{branch}.{name}'] = value
    entries.finish()
    return Conversion(weights, f'mgn/mgn_r50_{data_set}.py', tuple(options))


def _trunk(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename the trunk and its copies."""
    trunk = {}
    for name, value in tensors.items():
        if shared := re.match(r'backbone\.(\d+)\.(.+)', name):
            part = _SHARED.get(shared[1])
            if part is None:
                raise UnknownLayoutError(
                    f'This is not the layout of {_PROGRAM}: its trunk has no {name}.'
                )
            trunk[f'{part}.{shared[2]}'] = value
        elif copied := re.match(r'b([123])\.([01])\.(\d+)\.(.+)', name):
            copy, part, block, rest = copied.groups()
            # The first block of layer3 is shared.
            place = f'layer3.{int(block) + 1}' if part == '0' else f'layer4.{block}'
            layer, index = place.split('.')
            if copy != '1':
                layer = f'{layer}_copies.{int(copy) - 2}'
            trunk[f'{layer}.{index}.{rest}'] = value
    return trunk


def _pool_options(heads: Mapping[str, list[Head]], facts: Facts) -> list[str]:
    """Say how the branches pool."""
    has_exponent = heads['whole1'][0].exponent is not None
    if has_exponent:
        pool = facts.see('pool', 'gem', 'b1_head.pool_layer.p or b1_pool.0.p')
    else:
        pool = facts.settle('pool', 'max')
    return [f'model.head.branches.{branch}.pool.mode={pool}' for branch in heads]


def _joined(branch: str, parts: list[Head], options: list[str]) -> dict[str, Tensor]:
    """Put the weights of the parts of a branch together."""
    weights = {}
    for name, first in parts[0].weights.items():
        values = [part.weights[name] for part in parts]
        # A norm over all parts has their channels, one part behind the other.
        weights[name] = first if name.endswith(_NORM_PARTS) else torch.cat(values)
    if f'model.head.branches.{branch}.pool.mode=gem' in options:
        exponents = [
            torch.full((1,), 3.0) if part.exponent is None else part.exponent
            for part in parts
        ]
        weights['pool.gem.p' if len(parts) == 1 else 'pool.p'] = torch.cat(exponents)
    return weights
