"""The names of a CLIP image tower's weights: OpenAI's, Hugging Face's and timm's.

OpenAI's (https://github.com/openai/CLIP, ``clip/model.py``) are open_clip's and
CLIP-ReID's, too.
"""

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

_OPENAI = {
    r'conv1\.': 'patch_embed.projection.',
    r'class_embedding$': 'cls_token',
    r'positional_embedding$': 'pos_embed',
    r'ln_pre\.': 'pre_norm.',
    r'ln_post\.': 'ln1.',
    r'proj$': 'projection.weight',
    r'transformer\.resblocks\.(\d+)\.ln_(\d)\.': r'layers.\1.ln\2.',
    r'transformer\.resblocks\.(\d+)\.attn\.in_proj_': r'layers.\1.attn.qkv.',
    r'transformer\.resblocks\.(\d+)\.attn\.out_proj\.': r'layers.\1.attn.proj.',
    r'transformer\.resblocks\.(\d+)\.mlp\.c_fc\.': r'layers.\1.ffn.layers.0.0.',
    r'transformer\.resblocks\.(\d+)\.mlp\.c_proj\.': r'layers.\1.ffn.layers.1.',
}
_TOWER = 'vision_model.'
_LAYER = r'vision_model\.encoder\.layers\.(\d+)\.'
_HUGGING_FACE = {
    r'vision_model\.embeddings\.patch_embedding\.': 'patch_embed.projection.',
    r'vision_model\.embeddings\.class_embedding$': 'cls_token',
    r'vision_model\.embeddings\.position_embedding\.weight$': 'pos_embed',
    r'vision_model\.pre_layrnorm\.': 'pre_norm.',  # spelled so there
    r'vision_model\.post_layernorm\.': 'ln1.',
    r'visual_projection\.': 'projection.',
    rf'{_LAYER}layer_norm(\d)\.': r'layers.\1.ln\2.',
    rf'{_LAYER}self_attn\.([qkv])_proj\.': r'layers.\1.attn.\2.',
    rf'{_LAYER}self_attn\.out_proj\.': r'layers.\1.attn.proj.',
    rf'{_LAYER}mlp\.fc1\.': r'layers.\1.ffn.layers.0.0.',
    rf'{_LAYER}mlp\.fc2\.': r'layers.\1.ffn.layers.1.',
}
_QKV = re.compile(r'(layers\.\d+\.attn\.)q\.(weight|bias)$')


def take_tower(tensors: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Rename the image tower that weights hold.

    Args:
        tensors (Mapping[str, Any]): Weights of a tower, or of the whole of CLIP, by
            OpenAI's names, with ``visual.`` before them or without, by Hugging Face's,
            by timm's, or by ours.

    Returns:
        tuple[dict[str, Any], list[str]]: Weights by the names of
        :class:`CLIPVisionTransformer`; the names that belong to no image tower. Names
        that are neither OpenAI's nor Hugging Face's are returned as they are.
    """
    names, start = _OPENAI, ''
    if any(name.startswith('visual.') for name in tensors):
        start = 'visual.'
    elif any(name.startswith(_TOWER) for name in tensors):
        names = _HUGGING_FACE
    elif 'class_embedding' not in tensors:
        return _take_timm_head(tensors)
    weights, others = {}, []
    for name, value in tensors.items():
        own = _own_name(name.removeprefix(start), names)
        if name.startswith(start) and own is not None:
            weights[own] = _shaped(own, value, is_openai=names is _OPENAI)
        else:
            others.append(name)
    return _joined(weights), others


def _own_name(name: str, names: Mapping[str, str]) -> str | None:
    """Exchange the beginning of a name; None where it has none that is known."""
    for pattern, own in names.items():
        renamed, found = re.subn(f'^{pattern}', own, name)
        if found:
            return renamed
    return None


def _shaped(name: str, value: Any, is_openai: bool) -> Any:
    """Give a weight the axes that it has here."""
    if not isinstance(value, Tensor):
        return value
    if name == 'cls_token':
        return value.reshape(1, 1, -1)
    if name == 'pos_embed' and value.ndim == 2:
        return value[None]
    return value.T if name == 'projection.weight' and is_openai else value


def _joined(weights: dict[str, Any]) -> dict[str, Any]:
    """Stack queries, keys and values, which Hugging Face keeps apart."""
    for name in list(weights):
        match = _QKV.fullmatch(name)
        if match:
            parts = [f'{match[1]}{part}.{match[2]}' for part in 'qkv']
            if all(part in weights for part in parts):
                stacked = torch.cat([weights.pop(part) for part in parts])
                weights[f'{match[1]}qkv.{match[2]}'] = stacked
    return weights


def _take_timm_head(tensors: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Take timm's classifier for the projection that it was made of."""
    is_timm = 'norm_pre.weight' in tensors and 'projection.weight' not in tensors
    weights, others = {}, []
    for name, value in tensors.items():
        if is_timm and name == 'head.weight':
            weights['projection.weight'] = value
        elif is_timm and name == 'head.bias':  # zeros, which CLIP does not have
            others.append(name)
        else:
            weights[name] = value
    return weights, others
