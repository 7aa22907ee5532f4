"""The names of a Swin transformer's weights at Microsoft and in timm.

Source: https://github.com/microsoft/Swin-Transformer, models/swin_transformer.py, and
timm's swin_transformer.py (1.0), which keeps the reduction between two stages with the
second of them.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmreid.models.backbones.transformers.position_grids import resize_grid

_IN_A_BLOCK = {
    'attn.': 'attn.w_msa.',
    'mlp.fc1.': 'ffn.layers.0.0.',
    'mlp.fc2.': 'ffn.layers.1.',
}
# How four neighbours lie one behind the other there; here each channel has its four.
_NEIGHBOURS = (0, 2, 1, 3)


def take_other_names(state_dict: dict[str, Any], prefix: str, last_norm: str) -> None:
    """Rename what a checkpoint holds by Microsoft's or timm's names, in place.

    Args:
        state_dict (dict[str, Any]): Weights by name.
        prefix (str): What the trunk's names begin with.
        last_norm (str): What the norm of the last stage is called here.
    """
    start = f'{prefix}layers.'
    if not any(name.startswith(start) for name in state_dict):
        return
    is_behind = any(name.startswith(f'{start}0.downsample.') for name in state_dict)
    for name in [name for name in state_dict if name.startswith(prefix)]:
        value = state_dict.pop(name)
        own = _own_name(name.removeprefix(prefix), is_behind, last_norm)
        if own is not None:
            if '.downsample.' in own:
                value = _interleave(value)
            state_dict[prefix + own] = value


def _own_name(name: str, is_behind: bool, last_norm: str) -> str | None:
    """Translate a name; None for what is computed here or belongs to a classifier."""
    if name.endswith(('attn_mask', 'relative_position_index')):
        return None
    if name.startswith('norm.'):
        return name.replace('norm', last_norm, 1)
    if not name.startswith('layers.'):
        return name.replace('patch_embed.proj.', 'patch_embed.projection.')
    _, stage, rest = name.split('.', 2)
    if rest.startswith('downsample.') and not is_behind:
        stage = str(int(stage) - 1)
    for there, here in _IN_A_BLOCK.items():
        rest = rest.replace(f'.{there}', f'.{here}', 1)
    return f'stages.{stage}.{rest}'


def _interleave(value: Tensor) -> Tensor:
    """Order the inputs of a reduction by channel instead of by neighbour."""
    by_neighbour = value.unflatten(-1, (4, -1))[..., [*_NEIGHBOURS], :]
    return by_neighbour.transpose(-1, -2).flatten(-2)


def fit_tables(
    state_dict: dict[str, Any], prefix: str, own: Mapping[str, Tensor]
) -> None:
    """Resize tables of relative positions of another window, in place.

    A table has a row for each of ``(2 * window - 1) ** 2`` offsets.

    Args:
        state_dict (dict[str, Any]): Weights by name.
        prefix (str): What the trunk's names begin with.
        own (Mapping[str, Tensor]): The trunk's own weights.
    """
    for name, table in own.items():
        if name.endswith('relative_position_index'):
            state_dict[prefix + name] = table
        other = state_dict.get(prefix + name)
        if not name.endswith('relative_position_bias_table') or other is None:
            continue
        if other.shape != table.shape and other.shape[1:] == table.shape[1:]:
            sides = [round(len(rows) ** 0.5) for rows in (other, table)]
            source, target = ((side, side) for side in sides)
            fitted = resize_grid(other[None], source, target, 'bicubic')
            state_dict[prefix + name] = fitted[0]
