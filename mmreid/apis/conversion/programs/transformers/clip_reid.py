"""CLIP-ReID, its baseline and PCL-CLIP; and CLIP itself, as a trunk.

Names and networks were read in https://github.com/Syliz517/CLIP-ReID (``model/``) and
https://github.com/RikoLi/PCL-CLIP (``pcl/model.py``). Of CLIP-ReID the image tower is
taken, ViT-B-16 or RN50: prompts and text tower serve training alone.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from mmreid.apis.conversion.entries import Conversion, Entries, UnknownLayoutError
from mmreid.apis.conversion.facts import Facts
from mmreid.models.backbones.transformers.clip_names import take_tower

_PROGRAM = 'CLIP-ReID or PCL-CLIP with the tower ViT-B-16 or RN50'
_TOWER = 'image_encoder.'
_TEXT = r'(prompt_learner|text_encoder)\.'
_PATCH = 16
# Of CLIP's ResNet.
_POSITIONS = 'attnpool.positional_embedding'
_HALF = (torch.float16, torch.bfloat16)
# Patches of a picture of 256 x 128, by the step between them.
_STRIDES = {16 * 8: 16, 21 * 10: 12}
_VEHICLES = {16 * 16: 16, 21 * 21: 12}
# Identities that MSMT17 trains, which has configs of its own, and each set's cameras.
_OF_MSMT17 = 1041
_CAMERAS = {'market': 6, 'msmt17': 15}
_HEAD = 'head.branches.'


def convert_clip_reid(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename a network of CLIP-ReID, of its baseline or of PCL-CLIP.

    Args:
        tensors (Mapping[str, Tensor]): Its state dict.
        facts (Facts): None matters: the weights tell all.

    Returns:
        Conversion: For a config of ``clip_reid/`` or ``pcl_clip/``; prompts and text
        tower are left out.

    Raises:
        UnknownLayoutError: It is another network.
    """
    entries = Entries(_wide(tensors), _PROGRAM)
    text = entries.leave_out(_TEXT)
    tower, kind = _take_image_tower(entries)
    weights = {f'backbone.{name}': value for name, value in tower.items()}
    table = tower['pos_embed'][0] if kind == 'vit-b' else tower[_POSITIONS]
    stride = _find_stride(len(table) - 1)
    classifier = entries.take('classifier.weight')
    data = 'msmt17' if len(classifier) == _OF_MSMT17 else 'market'
    if 'classifier_proj.weight' in entries.tensors:
        weights.update(_two_heads(entries, classifier))
        method = 'clip_reid/clip-reid' if text else 'clip_reid/clip-reid-baseline'
    else:
        weights.update(_one_head(entries, classifier))
        method = 'pcl_clip/pcl-clip'
    cameras = 0
    if kind == 'vit-b' and 'cv_embed' in entries.tensors:
        side = entries.take('cv_embed')
        weights['backbone.side_embed'] = side[:, None]
        cameras = len(side)
    entries.finish()
    is_known = cameras == _CAMERAS[data] and stride != _PATCH
    if is_known and method == 'clip_reid/clip-reid':
        config = f'{method}-sie-olp_{kind}_{data}.py'
        return Conversion(weights, config, left_out=tuple(text))
    options = _options(stride, cameras)
    config = f'{method}_{kind}_{data}.py'
    return Conversion(weights, config, options, left_out=tuple(text))


def convert_clip(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename CLIP's image tower, to train from.

    Args:
        tensors (Mapping[str, Tensor]): A state dict of CLIP or of its image tower, by
            the names of OpenAI and open_clip, or of Hugging Face.
        facts (Facts): None matters.

    Returns:
        Conversion: A trunk; the text tower is left out. Positions keep their grid,
        which is resized when they are loaded.

    Raises:
        UnknownLayoutError: It is another tower than ViT-B/16 and RN50.
    """
    if any(name.removeprefix('visual.') == _POSITIONS for name in tensors):
        return _convert_resnet(tensors)
    weights, others = take_tower(_wide(tensors))
    _check_tower(weights, 'CLIP with the image tower ViT-B/16')
    if 'projection.weight' not in weights:
        raise UnknownLayoutError(
            'It is a tower without projection (CLIPVisionModel of Hugging Face), which '
            'CLIP-ReID compares; take a file of the whole of CLIP (CLIPModel).'
        )
    config = 'clip_reid/clip-reid_vit-b_market.py'
    return Conversion(weights, config, trunk=True, left_out=tuple(others))


def _wide(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Turn half precision, in which CLIP is published, into float32."""
    return {
        name: value.float()
        if value.is_floating_point() and value.itemsize < 4
        else value
        for name, value in tensors.items()
    }


def _convert_resnet(tensors: Mapping[str, Tensor]) -> Conversion:
    """Take CLIP's ResNet, to train from."""
    start = '' if _POSITIONS in tensors else 'visual.'
    entries = Entries(_wide(tensors), 'CLIP with the image tower RN50')
    tower = entries.take_group(start)
    _check_resnet(tower)
    config = 'clip_reid/clip-reid_r50_market.py'
    return Conversion(tower, config, trunk=True, left_out=tuple(entries.tensors))


def _take_image_tower(entries: Entries) -> tuple[dict[str, Tensor], str]:
    """Take the image tower by our names, and tell which it is."""
    theirs = entries.take_group(_TOWER)
    if _POSITIONS in theirs:
        _check_resnet(theirs)
        return theirs, 'r50'
    tower, others = take_tower(theirs)
    if others:
        raise UnknownLayoutError(
            f'This is another network than {_PROGRAM}: mmreid has no place for '
            f'{_TOWER}{others[0]}.'
        )
    _check_tower(tower, _PROGRAM)
    return tower, 'vit-b'


def _check_resnet(tower: Mapping[str, Tensor]) -> None:
    """Refuse CLIP's larger ResNets (RN101, RN50x4, ...)."""
    blocks = {name.split('.')[1] for name in tower if name.startswith('layer3.')}
    width = tower['conv3.weight'].shape[0] if 'conv3.weight' in tower else 0
    if len(blocks) != 6 or 'layer4.2.conv3.weight' not in tower:
        raise UnknownLayoutError(
            f'Its image tower is a ResNet of CLIP with {len(blocks)} blocks in stage 3 '
            f'and {width} channels in the stem; mmreid converts RN50, with 6 and 64.'
        )


def _check_tower(tower: Mapping[str, Tensor], program: str) -> None:
    """Refuse what is no vision transformer with patches of 16 x 16."""
    for name in ('patch_embed.projection.weight', 'pos_embed', 'pre_norm.weight'):
        if name not in tower:
            raise UnknownLayoutError(
                f'This is not the layout of {program}: there is nothing for {name}.'
            )
    side = tower['patch_embed.projection.weight'].shape[-1]
    if side != _PATCH:
        raise UnknownLayoutError(
            f'Its patches have {side} x {side} pixels, and mmreid has {program}, whose '
            f'patches have {_PATCH} x {_PATCH}.'
        )


def _find_stride(num_patches: int) -> int:
    """Tell the step between patches from their number."""
    if num_patches in _VEHICLES:
        raise UnknownLayoutError(
            f'It has positions for {num_patches} patches, those of vehicles (256 x 256 '
            'pixels); mmreid converts the networks for persons, 256 x 128.'
        )
    if num_patches not in _STRIDES:
        raise UnknownLayoutError(
            f'It has positions for {num_patches} patches; pictures of 256 x 128 have '
            f'{" or ".join(map(str, _STRIDES))}, and others mmreid does not convert.'
        )
    return _STRIDES[num_patches]


def _options(stride: int, cameras: int) -> tuple[str, ...]:
    """Say what a config without side information and overlap must change."""
    options = []
    if stride != _PATCH:
        options.append(f'model.backbone.stride={stride}')
    if cameras:
        side = 'model.backbone.side_information'
        options += [f'{side}.num_cameras={cameras}', f'{side}.scale=1.0']
    return tuple(options)


def _two_heads(entries: Entries, classifier: Tensor) -> dict[str, Tensor]:
    """Rename norms and classifiers of the class token and of its projection."""
    weights = {f'{_HEAD}whole.classifier.weight': classifier[None]}
    projected = entries.take('classifier_proj.weight')
    weights[f'{_HEAD}projected.classifier.weight'] = projected[None]
    for ours, theirs in (('whole', 'bottleneck.'), ('projected', 'bottleneck_proj.')):
        for name, value in entries.take_batch_norm(theirs).items():
            weights[f'{_HEAD}{ours}.bn_neck.{name}'] = value
    return weights


def _one_head(entries: Entries, classifier: Tensor) -> dict[str, Tensor]:
    """Join PCL-CLIP's two norms, whose vectors one classifier reads."""
    weights = {f'{_HEAD}whole.classifier.weight': classifier[None]}
    first = entries.take_batch_norm('bottleneck.')
    second = entries.take_batch_norm('bottleneck_proj.')
    width = len(first['weight']) + len(second['weight'])
    if classifier.shape[1] != width:
        raise UnknownLayoutError(
            f'There is no classifier_proj.weight, as CLIP-ReID has, and classifier'
            f'.weight reads {classifier.shape[1]} numbers, not the {width} of PCL-CLIP.'
        )
    for name, value in first.items():
        both = torch.cat([value, second[name]]) if value.ndim else value
        weights[f'{_HEAD}whole.bn_neck.{name}'] = both
    return weights
