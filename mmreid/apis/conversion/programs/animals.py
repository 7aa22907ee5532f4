"""Animals: MegaDescriptor, a Swin of timm, and MiewID, an EfficientNet of timm.

Sources: https://huggingface.co/BVRA/MegaDescriptor-L-384 (timm's names) and
https://github.com/sei-cabidi/wbia-plugin-miew-id (wbia_miew_id/models/model.py).
"""

import re
from collections.abc import Mapping

from torch import Tensor

from mmreid.apis.conversion.entries import Conversion, Entries, UnknownLayoutError
from mmreid.apis.conversion.facts import Facts

_TRUNK = 'backbone.timm_model.'
_BRANCH = 'head.branches.whole'
# By the width of the embedding and the blocks of the third stage.
_SWINS = {(96, 6): 'tiny', (96, 18): 'small', (128, 18): 'base', (192, 18): 'large'}
# By the rows of a table of relative positions.
_WINDOWS = {169: (7, 224), 529: (12, 384)}
# Computed from the sizes, and the classifier.
_NO_WEIGHTS = r'.*\.(relative_position_index|attn_mask)$|head\.'
_ARCFACE = r'final\.|temperature'


def convert_megadescriptor(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename a Swin of timm whose pooled map is compared.

    Args:
        tensors (Mapping[str, Tensor]): Its state dict, of any version of timm.
        facts (Facts): None is asked for.

    Returns:
        Conversion: The network with the pooled map as its vector.

    Raises:
        UnknownLayoutError: It is another network.
    """
    entries = Entries(tensors, "timm's Swin")
    left_out = tuple(entries.leave_out(_NO_WEIGHTS))
    width = len(entries.tensors.get('patch_embed.norm.weight', ()))
    depth = sum(
        bool(re.fullmatch(r'layers\.2\.blocks\.\d+\.norm1\.bias', name))
        for name in tensors
    )
    table = entries.tensors.get('layers.0.blocks.0.attn.relative_position_bias_table')
    rows = 0 if table is None else len(table)
    if (width, depth) not in _SWINS or rows not in _WINDOWS:
        raise UnknownLayoutError(
            'MegaDescriptor is a Swin-T, -S, -B or -L of windows of 7 or 12, and this '
            f'is another network: its embedding has the width {width}, its third stage '
            f'{depth} blocks, and its windows tables of {rows} rows.'
        )
    size, (window, side) = _SWINS[width, depth], _WINDOWS[rows]
    # Reductions stood behind a stage before timm 0.9, and stand before the next one.
    is_behind = any(name.startswith('layers.0.downsample.') for name in entries.tensors)
    weights = {}
    for name, value in entries.take_group('').items():
        own = _move(name) if is_behind else name
        weights[f'{_TRUNK}{own}'] = value
    name = f'swin_{size}_patch4_window{window}_{side}'
    config = f'animals/megadescriptor-{"l-384" if side == 384 else "t-224"}.py'
    options = (f'model.backbone.model_name={name}',)
    return Conversion(weights, config, options, left_out=left_out)


def convert_miewid(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename MiewID: trunk, generalised mean and BN.

    Args:
        tensors (Mapping[str, Tensor]): Its state dict.
        facts (Facts): None is asked for.

    Returns:
        Conversion: The network with the vector behind the BN neck.

    Raises:
        UnknownLayoutError: It is another network.
    """
    entries = Entries(tensors, 'MiewID')
    left_out = tuple(entries.leave_out(_ARCFACE))
    weights = {f'{_BRANCH}.pool.gem.p': entries.take('pooling.p')}
    for name, value in entries.take_batch_norm('bn.').items():
        weights[f'{_BRANCH}.bn_neck.{name}'] = value
    for name, value in entries.take_group('backbone.').items():
        weights[f'{_TRUNK}{name}'] = value
    entries.finish()
    return Conversion(weights, 'animals/miewid-msv3.py', left_out=left_out)


def _move(name: str) -> str:
    """Give the reduction behind a stage to the next one."""
    found = re.match(r'layers\.(\d+)\.(downsample\..*)', name)
    return f'layers.{int(found[1]) + 1}.{found[2]}' if found else name
