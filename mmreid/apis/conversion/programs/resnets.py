"""ResNets and their IBN-a kind: ImageNet's weights.

Names were read in torchvision and https://github.com/XingangPan/IBN-Net; timm's are
torchvision's.
"""

import re
from collections.abc import Mapping

from torch import Tensor

from mmreid.apis.conversion.architecture import depth_of, options_of, parts_of_trunk
from mmreid.apis.conversion.entries import Conversion, Entries, UnknownLayoutError
from mmreid.apis.conversion.facts import Facts

_CONFIG = 'bot/bot_r50_market.py'
# What ImageNet's classes (fc) and contrast learning (LUPerson, LUPerson-NL) put on top.
_HEADS = r'(fc[12]?|classifier|embed_fc)\.'
# How timm names networks whose weights have a plain ResNet's names.
_FILTERED = {'resnetblur': 'blur', 'resnetaa': 'average'}


def convert_trunk(tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Take the trunk of ImageNet's ResNets, plain or IBN-a.

    Their names are ours; what training for re-identification does not start from is
    left out.

    Args:
        tensors (Mapping[str, Tensor]): State dict of torchvision, timm or IBN-Net, or
            of persons' trunks: LUPerson, LUPerson-NL, CION.
        facts (Facts): ``anti_aliasing``.

    Returns:
        Conversion: A trunk for ``model.backbone.init_cfg``.

    Raises:
        UnknownLayoutError: It is another network.
    """
    program = 'torchvision, timm or IBN-Net'
    depth = depth_of(tensors, program)
    _refuse_filters(facts)
    entries = Entries(tensors, program)
    left_out = entries.leave_out(_HEADS)
    weights = take_trunk(entries)
    entries.finish()
    return Conversion(
        weights,
        _CONFIG,
        tuple(options_of(tensors, depth)),
        trunk=True,
        left_out=tuple(left_out),
    )


def _refuse_filters(facts: Facts) -> None:
    """Refuse networks that filter maps before they take every second position.

    A filter has no weights: timm's resnetblur50 and resnetaa50 hold the same names and
    shapes as its resnet50.
    """
    named = re.search('|'.join(_FILTERED), facts.source.lower())
    guess = _FILTERED[named[0]] if named else 'none'
    if facts.settle('anti_aliasing', guess) != 'none':
        why = f'its name says {named[0]}' if named else '--anti-aliasing was given'
        raise UnknownLayoutError(
            f'This network filters its maps before strides ({why}), which mmreid has '
            'no place for: other vectors would come out. Where it is a plain ResNet, '
            'give --anti-aliasing none.'
        )


def take_trunk(entries: Entries) -> dict[str, Tensor]:
    """Take the trunk from the top of a file.

    Args:
        entries (Entries): Of the file.

    Returns:
        dict[str, Tensor]: By their names in the file, which are ours.
    """
    groups = {name: entries.take_group(f'{name}.') for name in parts_of_trunk()}
    return {f'{p}.{k}': v for p, group in groups.items() for k, v in group.items()}
