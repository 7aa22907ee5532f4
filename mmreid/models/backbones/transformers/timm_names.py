"""The names of a vision transformer's weights in timm, which most programs took over.

DeiT, DINO, MAE, TransReID and PASS publish their trunks by these names.
"""

from typing import Any

import torch

# What follows `blocks.{index}.` there, and what follows `layers.{index}.` here.
_IN_A_BLOCK = {
    'norm1.': 'ln1.',
    'norm2.': 'ln2.',
    'mlp.fc1.': 'ffn.layers.0.0.',
    'mlp.fc2.': 'ffn.layers.1.',
    'ls1.gamma': 'attn.gamma1.weight',
    'ls2.gamma': 'ffn.gamma2.weight',
}
_AT_THE_TOP = {
    'patch_embed.proj.': 'patch_embed.projection.',
    'norm_pre.': 'pre_norm.',
    'norm.': 'ln1.',
}


def own_name(name: str) -> str:
    """Translate the name of a weight.

    Args:
        name (str): As in timm, without the prefix of the trunk.

    Returns:
        str: As in :class:`VisionTransformer`; other names are returned as they are.
    """
    if name.startswith('blocks.'):
        _, index, rest = (*name.split('.', 2), '')[:3]
        return f'layers.{index}.{_renamed(rest, _IN_A_BLOCK)}'
    return _renamed(name, _AT_THE_TOP)


def take_timm_names(state_dict: dict[str, Any], prefix: str = '') -> None:
    """Rename what a checkpoint holds by timm's names, in place.

    A second token of a distilled network, and its position, are left out.

    Args:
        state_dict (dict[str, Any]): Weights by name.
        prefix (str): What the trunk's names begin with. Defaults to ``''``.
    """
    if f'{prefix}dist_token' in state_dict:  # DeiT's token of the distillation
        table = state_dict[f'{prefix}pos_embed']
        state_dict[f'{prefix}pos_embed'] = torch.cat([table[:, :1], table[:, 2:]], 1)
        del state_dict[f'{prefix}dist_token']
    for key in [key for key in state_dict if key.startswith(prefix)]:
        own = prefix + own_name(key.removeprefix(prefix))
        if own != key and own not in state_dict:
            state_dict[own] = state_dict.pop(key)


def _renamed(name: str, beginnings: dict[str, str]) -> str:
    """Exchange the beginning of a name."""
    for there, here in beginnings.items():
        if name.startswith(there):
            return here + name.removeprefix(there)
    return name
