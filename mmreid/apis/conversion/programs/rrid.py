"""Weights of RRID's authors.

Names and their meaning were read in https://github.com/cvlab-yonsei/projects, folder
RRID. There every unit is a module of its own; here units of one kind are one tensor.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from mmreid.apis.conversion.entries import Conversion, Entries, UnknownLayoutError
from mmreid.apis.conversion.facts import Facts

# Kind of unit in the file, and in RelationPool; the whole has one unit of each.
_PART_UNITS = {'local_{}': 'part', 'rest_{}': 'rest', 'relation_{}': 'part_relation'}
_WHOLE_UNITS = {
    'global_{}_max': 'whole',
    'global_{}_rest': 'contrasted',
    'global_{}_pooling': 'whole_relation',
}
# Classifiers in the order of RelationPool's vectors, and whether they are the parts'.
_CLASSIFIERS = (
    ('fc_local_rest_{}_list', True),
    ('fc_global_{}_list', False),
    ('fc_local_{}_list', True),
    ('fc_rest_{}_list', True),
    ('fc_global_max_{}_list', False),
    ('fc_global_rest_{}_list', False),
)
_SCALES = (2, 4, 6)


def convert_rrid(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename the weights of RRID's authors.

    Args:
        tensors (Mapping[str, Tensor]): Their state dict.
        facts (Facts): None matters: their code has one network.

    Returns:
        Conversion: For ``rrid/rrid-released_r50_market.py``. Branches whose number of
        parts the file does not have are switched off.

    Raises:
        UnknownLayoutError: The names are others.
    """
    entries = Entries(tensors, 'RRID')
    pattern = re.compile(r'local_(\d+)_conv_list\.')
    scales = {int(m[1]) for m in map(pattern.match, tensors) if m}
    if not scales or not scales <= {*_SCALES}:
        raise UnknownLayoutError(
            f'RRID has local_N_conv_list with N among {_SCALES}, but the file has '
            f'{sorted(scales) or "none"}.'
        )
    trunk = entries.take_group('base.')
    weights = {f'backbone.{name}': value for name, value in trunk.items()}
    for scale in sorted(scales):
        prefix = f'head.branches.p{scale}'
        for kinds, count in ((_PART_UNITS, scale), (_WHOLE_UNITS, 1)):
            for theirs, ours in kinds.items():
                lists = f'{theirs.format(scale)}_conv_list'
                for name, value in _units(entries, lists, count).items():
                    weights[f'{prefix}.pool.{ours}.{name}'] = value
        for name, value in _classifiers(entries, scale).items():
            weights[f'{prefix}.classifier.{name}'] = value
    entries.finish()
    missing = [scale for scale in _SCALES if scale not in scales]
    options = tuple(f'model.head.branches.p{scale}=None' for scale in missing)
    return Conversion(weights, 'rrid/rrid-released_r50_market.py', options)


def _units(entries: Entries, name: str, count: int) -> dict[str, Tensor]:
    """Join convolutions and batch norms of parts to a PartUnit."""
    convs, norms = [], []
    for index in range(count):
        weight = entries.take(f'{name}.{index}.0.weight')
        convs.append((weight.flatten(1), entries.take(f'{name}.{index}.0.bias')))
        norms.append(entries.take_batch_norm(f'{name}.{index}.1.'))
    joined = {
        '0.weight': torch.stack([weight for weight, _ in convs]),
        '0.bias': torch.stack([bias for _, bias in convs]),
    }
    for key in norms[0]:
        values = [norm[key] for norm in norms]
        # All parts have seen the same number of batches.
        joined[f'2.{key}'] = torch.cat(values) if values[0].ndim else values[0]
    return joined


def _classifiers(entries: Entries, scale: int) -> dict[str, Tensor]:
    """Join the classifiers of all vectors; a file without any gives none."""
    names = [
        f'{name.format(scale)}.{index}'
        for name, of_parts in _CLASSIFIERS
        for index in range(scale if of_parts else 1)
    ]
    if not any(f'{name}.weight' in entries.tensors for name in names):
        return {}
    return {
        key: torch.stack([entries.take(f'{name}.{key}') for name in names])
        for key in ('weight', 'bias')
    }
