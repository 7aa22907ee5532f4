"""Vision transformers by timm's names, as TransReID and its heirs save them.

What they have in common, and ImageNet's and self-supervised trunks. Names were read in
timm, https://github.com/damo-cv/TransReID, https://github.com/damo-cv/TransReID-SSL,
https://github.com/CASIA-IVA-Lab/PASS-reID and https://github.com/hustvl/PersonViT
(``model/backbones/vit_pytorch.py`` of each).
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from mmreid.apis.conversion.entries import Conversion, Entries, UnknownLayoutError
from mmreid.apis.conversion.facts import Facts
from mmreid.apis.conversion.programs.transformers.vit_options import (
    PATCH,
    has_stem,
    options_of_architecture,
)
from mmreid.models.backbones.transformers.timm_names import own_name, take_timm_names

_PROGRAM = 'a vision transformer by the names of timm'
# Of other tasks than embedding: classifiers, what was masked, a mean's exponent.
_OTHER_TASKS = ('fc.', 'head.', 'head_dist.', 'pre_logits.', 'mask_token', 'gem.')
# What torchvision calls otherwise (torchvision/models/vision_transformer.py).
_TORCHVISION = (
    (r'^class_token$', 'cls_token'),
    (r'^encoder\.pos_embedding$', 'pos_embed'),
    (r'^conv_proj\.', 'patch_embed.proj.'),
    (r'^encoder\.ln\.', 'norm.'),
    (r'^heads\.', 'head.'),
    (r'^encoder\.layers\.encoder_layer_(\d+)\.', r'blocks.\1.'),
    (r'(blocks\.\d+)\.ln_([12])\.', r'\1.norm\2.'),
    (r'(blocks\.\d+)\.self_attention\.in_proj_', r'\1.attn.qkv.'),
    (r'(blocks\.\d+)\.self_attention\.out_proj\.', r'\1.attn.proj.'),
    (r'(blocks\.\d+)\.mlp\.(?:0|linear_1)\.', r'\1.mlp.fc1.'),
    (r'(blocks\.\d+)\.mlp\.(?:3|linear_2)\.', r'\1.mlp.fc2.'),
)
# Of timm's first ViT-S.
_OLD_WIDTH, _OLD_HEADS = 768, 8
_PARTS = ('part_token1', 'part_token2', 'part_token3')
_PART_POSITIONS = ('cls_pos', 'part1_pos', 'part2_pos', 'part3_pos')


def convert_vit_trunk(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename a trunk to train from: of ImageNet, or of pictures of persons.

    Args:
        tensors (Mapping[str, Tensor]): State dict of timm, torchvision, DeiT, DINO,
            TransReID-SSL, PASS or PersonViT, without ``backbone.``.
        facts (Facts): None matters.

    Returns:
        Conversion: A trunk for ``model.backbone.init_cfg``, whose positions keep their
        grid.

    Raises:
        UnknownLayoutError: It is another network.
    """
    entries = Entries(tensors, _PROGRAM)
    weights, left_out = take_trunk(entries, '')
    entries.finish()
    config = 'transreid/transreid-baseline_vit-b_market.py'
    if 'part_tokens' in weights:
        config = 'pass/pass_vit-b_market.py'
    elif has_stem(weights):
        config = 'transreid_ssl/transreid-ssl_vit-b-ics_market.py'
    options = options_of_architecture(weights)
    return Conversion(weights, config, tuple(options), True, tuple(left_out))


def take_trunk(entries: Entries, prefix: str) -> tuple[dict[str, Tensor], list[str]]:
    """Take a trunk by our names.

    Args:
        entries (Entries): What the file holds.
        prefix (str): What the trunk's names begin with.

    Returns:
        tuple[dict[str, Tensor], list[str]]: The weights, and the names that no
        embedding needs.

    Raises:
        UnknownLayoutError: Something of the trunk is missing, or it has other patches.
    """
    trunk = entries.take_group(prefix)
    _take_torchvision_names(trunk)
    left_out = [name for name in trunk if name.startswith(_OTHER_TASKS)]
    for name in left_out:
        del trunk[name]
    for name in ('cls_token', 'pos_embed', 'patch_embed.proj.weight', 'norm.weight'):
        if name not in trunk:
            raise UnknownLayoutError(
                f'This is not the layout of {entries.program}: there is no '
                f'{prefix}{name}.'
            )
    if any(name in trunk for name in _PARTS):
        _join_parts(trunk, prefix)
    if 'sie_embed' in trunk:
        trunk['side_embed'] = trunk.pop('sie_embed')
    _shape_patches(trunk)
    if 'dist_token' in trunk:
        left_out.append('dist_token')
    take_timm_names(trunk)
    _fit_old_attention(trunk)
    unknown = [n for n in trunk if own_name(n) == n and not _is_known(n)]
    for name in unknown:
        entries.tensors[f'{prefix}{name}'] = trunk.pop(name)
    return trunk, [f'{prefix}{name}' for name in left_out]


def _take_torchvision_names(trunk: dict[str, Tensor]) -> None:
    """Give a trunk by torchvision's names those of timm, in place."""
    if 'class_token' not in trunk:
        return
    for name in [*trunk]:
        renamed = name
        for pattern, replacement in _TORCHVISION:
            renamed = re.sub(pattern, replacement, renamed)
        trunk[renamed] = trunk.pop(name)


def _is_known(name: str) -> bool:
    """Whether a name, as ours, is one that such a trunk may have."""
    tops = ('cls_token', 'pos_embed', 'part_tokens', 'side_embed')
    return name in tops or name.startswith(
        ('patch_embed.', 'layers.', 'ln1.', 'pre_norm.')
    )


def _join_parts(trunk: dict[str, Tensor], prefix: str) -> None:
    """Join PASS's part tokens, and the positions that each has by itself."""
    lacking = [n for n in (*_PARTS, *_PART_POSITIONS) if n not in trunk]
    if lacking:
        raise UnknownLayoutError(
            f'It has some of the part tokens of PASS, but no {prefix}{lacking[0]}.'
        )
    trunk['part_tokens'] = torch.cat([trunk.pop(name) for name in _PARTS], 1)
    own = [trunk.pop(name) for name in _PART_POSITIONS]
    trunk['pos_embed'] = torch.cat([*own, trunk['pos_embed']], 1)


def _shape_patches(trunk: dict[str, Tensor]) -> None:
    """Give the first convolution its shape, which old files hold as a matrix."""
    name = 'patch_embed.proj.weight'
    weight = trunk[name]
    if weight.ndim == 2 and weight.shape[1] == 3 * PATCH**2:
        trunk[name] = weight.view(len(weight), 3, PATCH, PATCH)
    side = trunk[name].shape[-1] * (2 if has_stem(trunk) else 1)
    if side != PATCH:
        raise UnknownLayoutError(
            f'Its patches have {side} x {side} pixels; those of the networks that '
            f'mmreid has configs for have {PATCH} x {PATCH}.'
        )


def _fit_old_attention(trunk: dict[str, Tensor]) -> None:
    """Fit the attention of timm's first ViT-S to one as all others have, in place.

    Its queries, keys and values have no bias, and its products are divided by the root
    of the whole width instead of a head's, eight times as narrow: its queries are made
    smaller here.
    """
    for name in [n for n in trunk if n.endswith('.attn.qkv.weight')]:
        bias = f'{name.removesuffix("weight")}bias'
        weight = trunk[name]
        if bias not in trunk and weight.shape == (3 * _OLD_WIDTH, _OLD_WIDTH):
            factor = torch.ones(len(weight), 1, dtype=weight.dtype)
            factor[:_OLD_WIDTH] = _OLD_HEADS**-0.5
            trunk[name] = weight * factor
            trunk[bias] = torch.zeros(len(weight), dtype=weight.dtype)
