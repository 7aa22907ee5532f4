"""TransReID and what was made of it: TransReID-SSL, PersonViT and PASS.

Names and networks were read in ``model/make_model.py`` of
https://github.com/damo-cv/TransReID, https://github.com/damo-cv/TransReID-SSL,
https://github.com/hustvl/PersonViT and https://github.com/CASIA-IVA-Lab/PASS-reID. All
compare vectors from before the BN neck, scaled to unit length.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from mmreid.apis.conversion.entries import Conversion, Entries, UnknownLayoutError
from mmreid.apis.conversion.facts import Facts
from mmreid.apis.conversion.programs.transformers.vision_transformers import take_trunk
from mmreid.apis.conversion.programs.transformers.vit_options import (
    has_stem,
    options_of_architecture,
    options_of_grid,
)
from mmreid.models.backbones.transformers.timm_names import own_name

_PROGRAM = 'TransReID, TransReID-SSL, PersonViT or PASS'
_LOCAL = range(1, 5)
# Persons that MSMT17 trains, which has configs of its own.
_OF_MSMT17 = 1041
# Cameras and views of VeRi-776; a table of another length is of cameras alone.
_VERI = (20, 8)
_SIDE = 'model.backbone.side_information'
# A batch norm that changes nothing.
_STILL = dict(weight=1.0, bias=0.0, running_mean=0.0, running_var=1.0)
# Patches of a square, 256 x 256, as vehicles are: they roll further.
_SQUARES = (16 * 16, 21 * 21, 22 * 22)


def convert_transreid(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Rename a network that was trained for re-identification.

    Args:
        tensors (Mapping[str, Tensor]): Its state dict.
        facts (Facts): ``neck``; ``shift`` where there is a jigsaw; ``side_scale``
            where there is side information.

    Returns:
        Conversion: For a config of ``transreid/``, ``transreid_ssl/`` or ``pass/``.

    Raises:
        UnknownLayoutError: It is another network.
    """
    entries = Entries(tensors, _PROGRAM)
    _refuse_others(entries)
    trunk, left_out = take_trunk(entries, 'base.')
    has_jigsaw = 'b1.0.norm1.weight' in entries.tensors
    options = options_of_architecture(trunk)
    options += _options_of_positions(trunk)
    options += _options_of_side(trunk, facts)
    if facts.settle('neck', 'before') == 'after':
        options.append('model.head.test=bn_feat')
    classes = len(entries.tensors.get('classifier.weight', ()))
    if has_jigsaw:
        left_out += _take_last_layers(entries, trunk)
        shift = '8' if trunk['pos_embed'].shape[1] - 1 in _SQUARES else '5'
        options.append(f'model.backbone.jigsaw.shift={facts.settle("shift", shift)}')
        head = {**_take_neck(entries), **_take_local_necks(entries)}
    elif 'part_tokens' in trunk:
        head, unused = _take_neck_of_parts(entries, trunk['cls_token'].shape[2])
        left_out += unused
        if unused and facts.given.get('neck') == 'after':
            raise UnknownLayoutError(
                'It has a BN neck for each token (MULTI_NECK), behind which mmreid has '
                f'no vector like its own ({unused[0]}); leave --neck after out.'
            )
    else:
        head = _take_neck(entries)
    entries.finish()
    weights = {f'backbone.{name}': value for name, value in trunk.items()}
    weights.update({f'head.branches.{name}': value for name, value in head.items()})
    config = _config_of(trunk, has_jigsaw, classes)
    return Conversion(weights, config, tuple(options), left_out=tuple(left_out))


def _refuse_others(entries: Entries) -> None:
    """Refuse the programs' other networks by name."""
    others = {
        'base.layers.0.blocks.0.attn.qkv.weight': 'a Swin transformer',
        'base.layer1.0.conv1.weight': 'a ResNet',
        'fcneck.weight': 'a ViT whose vector a linear layer (fcneck) reduces',
    }
    for name, network in others.items():
        if name in entries.tensors:
            raise UnknownLayoutError(
                f'Its network is {network}, which mmreid does not convert from '
                f'{_PROGRAM} ({name}).'
            )


def _config_of(trunk: Mapping[str, Tensor], has_jigsaw: bool, classes: int) -> str:
    """Name the config of a network."""
    name = 'transreid/transreid-baseline_vit-b'
    if has_jigsaw:
        name = 'transreid/transreid-jpm_vit-b'
    elif 'part_tokens' in trunk:
        name = 'pass/pass_vit-b'
    elif has_stem(trunk):
        name = 'transreid_ssl/transreid-ssl_vit-b-ics'
    return f'{name}_{"msmt17" if classes == _OF_MSMT17 else "market"}.py'


def _options_of_positions(trunk: Mapping[str, Tensor]) -> list[str]:
    """Tell the grid from the position table."""
    extra = 1
    if 'part_tokens' in trunk:
        extra += trunk['part_tokens'].shape[1]
    return options_of_grid(trunk['pos_embed'].shape[1] - extra)


def _options_of_side(trunk: Mapping[str, Tensor], facts: Facts) -> list[str]:
    """Tell what the table of side information numbers."""
    table = trunk.get('side_embed')
    if table is None:
        return []
    counts = [f'{_SIDE}.num_cameras={len(table)}']
    if len(table) == _VERI[0] * _VERI[1]:
        counts = [f'{_SIDE}.num_cameras={_VERI[0]}', f'{_SIDE}.num_views={_VERI[1]}']
    return [*counts, f'{_SIDE}.scale={facts.settle("side_scale", "3.0")}']


def _take_last_layers(entries: Entries, trunk: dict[str, Tensor]) -> list[str]:
    """Take the jigsaw's two last layers in place of the trunk's, which is not run.

    Returns:
        list[str]: What names of the trunk's own begin with.
    """
    last = max(int(name.split('.')[1]) for name in trunk if name.startswith('layers.'))
    for branch, layer, norm in (
        ('b1', f'layers.{last}', 'ln1'),
        ('b2', 'jigsaw.layer', 'jigsaw.norm'),
    ):
        for name, value in entries.take_group(f'{branch}.0.').items():
            own = own_name(f'blocks.0.{name}').removeprefix('layers.0.')
            trunk[f'{layer}.{own}'] = value
        for name in ('weight', 'bias'):
            trunk[f'{norm}.{name}'] = entries.take(f'{branch}.1.{name}')
    return [f'base.blocks.{last}', 'base.norm']


def _take_neck(entries: Entries) -> dict[str, Tensor]:
    """Take BN neck and classifier of the class token."""
    neck = entries.take_batch_norm('bottleneck.')
    head = {f'whole.bn_neck.{name}': value for name, value in neck.items()}
    if 'classifier.weight' in entries.tensors:
        head['whole.classifier.weight'] = entries.take('classifier.weight')[None]
    return head


def _take_local_necks(entries: Entries) -> dict[str, Tensor]:
    """Join necks and classifiers of the local features, part after part."""
    necks = [entries.take_batch_norm(f'bottleneck_{part}.') for part in _LOCAL]
    head = {
        f'local.bn_neck.{name}': torch.cat([neck[name] for neck in necks])
        if value.ndim
        else value
        for name, value in necks[0].items()
    }
    names = [f'classifier_{part}.weight' for part in _LOCAL]
    if all(name in entries.tensors for name in names):
        classifiers = [entries.take(name) for name in names]
        head['local.classifier.weight'] = torch.stack(classifiers)
    return head


def _take_neck_of_parts(
    entries: Entries, width: int
) -> tuple[dict[str, Tensor], list[str]]:
    """Take PASS's neck, which is one for class token and parts, or one for each.

    Of the latter the parts' have no place here, and none is needed: retrieval compares
    what comes before the necks.
    """
    several = [entries.take_group(f'bottleneck_{part}.') for part in range(1, 4)]
    head = _take_neck(entries)
    neck = {name: f'whole.bn_neck.{name}' for name in _STILL}
    if any(several):
        for name, value in _STILL.items():
            own = head[neck[name]]
            head[neck[name]] = torch.cat([own, torch.full_like(own, value)])
    classifier = head.get('whole.classifier.weight')
    widths = [len(head[neck['weight']])]
    if classifier is not None:
        widths.append(classifier.shape[2])
    if any(found != 2 * width for found in widths):
        raise UnknownLayoutError(
            'It averages class token and parts (FEAT_FUSION "mean"): its neck or '
            f'classifier reads {min(widths)} numbers. mmreid has their concatenation '
            f'("cat"), {2 * width}.'
        )
    unused = [f'bottleneck_{part}' for part in range(1, 4)] if any(several) else []
    return head, unused
