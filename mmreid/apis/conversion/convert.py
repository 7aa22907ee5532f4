"""From a file of another program to weights by our names."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from mmreid.apis.conversion.entries import Conversion, UnknownLayoutError
from mmreid.apis.conversion.facts import Facts
from mmreid.apis.conversion.programs.animals import (
    convert_megadescriptor,
    convert_miewid,
)
from mmreid.apis.conversion.programs.fast_reid import convert_fast_reid
from mmreid.apis.conversion.programs.ianet import convert_ianet
from mmreid.apis.conversion.programs.lightmbn import convert_lightmbn
from mmreid.apis.conversion.programs.resnets import convert_trunk
from mmreid.apis.conversion.programs.rrid import convert_rrid
from mmreid.apis.conversion.programs.strong_baseline import convert_strong_baseline
from mmreid.apis.conversion.programs.torchreid import convert_torchreid
from mmreid.apis.conversion.programs.transformers.clip_reid import (
    convert_clip,
    convert_clip_reid,
)
from mmreid.apis.conversion.programs.transformers.solider import convert_solider
from mmreid.apis.conversion.programs.transformers.transreid import convert_transreid
from mmreid.apis.conversion.programs.transformers.vision_transformers import (
    convert_vit_trunk,
)
from mmreid.apis.conversion.unknown_files import describe_groups, explain_unknown
from mmreid.arguments import check_choice
from mmreid.engine import ForeignWeights, family_of, read_weights, recognise

LAYOUTS: dict[str, Callable[[Mapping[str, Tensor], Facts], Conversion]] = {
    'rrid': convert_rrid,
    'ianet': convert_ianet,
    'lightmbn': convert_lightmbn,
    'solider': convert_solider,
    'megadescriptor': convert_megadescriptor,
    'miewid': convert_miewid,
    'torchvision': convert_trunk,
    'timm': convert_trunk,
    'ibn-a': convert_trunk,
    'torchreid': convert_torchreid,
    'fast-reid': convert_fast_reid,
    'clip-reid': convert_clip_reid,
    'clip': convert_clip,
    'strong-baseline': convert_strong_baseline,
    'luperson': convert_trunk,
    'transreid': convert_transreid,
    'vit': convert_vit_trunk,
}


class Converted(NamedTuple):
    """A file by our names, and what is known of it.

    Attributes:
        layout (str): Whose it was, one of :data:`LAYOUTS`.
        conversion (Conversion): Its weights and the config they are for.
        file (ForeignWeights): What was read and refused.
        facts (Facts): What was given and assumed.
        owner (str): Whose it was, in words; empty where its names do not tell.
    """

    layout: str
    conversion: Conversion
    file: ForeignWeights
    facts: Facts
    owner: str


def convert_file(
    source: str | Path, layout: str | None = None, facts: Mapping[str, str] = {}
) -> Converted:
    """Read a file of another program, and rename its weights.

    Args:
        source (str | Path): The file; nothing in it is run, see
            :func:`mmreid.engine.read_weights`.
        layout (str | None): Whose it is, one of :data:`LAYOUTS`. Defaults to None: the
            names of its weights tell.
        facts (Mapping[str, str]): What the file cannot tell, by the names of
            :data:`FACTS`. Defaults to nothing.

    Returns:
        Converted: The renamed weights.

    Raises:
        UnknownLayoutError: The file is of another network, or of no known program.
        CheckpointError: The file cannot be read.
        ValueError: There is no such layout or fact.
    """
    if layout is not None:
        check_choice('layout', layout, LAYOUTS)
    known = Facts(facts, str(source))
    file = read_weights(source)
    found = recognise(file.tensors, layout)
    if layout is None:
        if found is None:
            raise UnknownLayoutError(explain_unknown(file.tensors, source))
        layout = found.family.layout
    prefix = '' if found is None else found.prefix
    inner = {
        name.removeprefix(prefix): value
        for name, value in file.tensors.items()
        if name.startswith(prefix)
    }
    conversion = _apply(layout, inner, known)
    outside = [name for name in file.tensors if not name.startswith(prefix)]
    left_out = (*(f'{prefix}{name}' for name in conversion.left_out), *outside)
    owner = '' if found is None else found.family.owner
    conversion = conversion._replace(left_out=left_out)
    return Converted(layout, conversion, file, known, owner)


def _apply(layout: str, tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Convert by a layout; of a wrong one say which is meant, or what the file is.

    Raises:
        UnknownLayoutError: The file is of another network.
    """
    try:
        conversion = LAYOUTS[layout](tensors, facts)
    except UnknownLayoutError as error:
        family = family_of(tensors)
        if family is None:
            raise UnknownLayoutError(
                f'{error} The file holds {describe_groups(tensors)}.'
            ) from None
        if LAYOUTS[family.layout] is LAYOUTS[layout]:
            raise
        raise UnknownLayoutError(
            f'{error} Its weights have the names of {family.owner}: use '
            f'--layout {family.layout}.'
        ) from None
    facts.finish()
    return conversion
