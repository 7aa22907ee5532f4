"""Whose weights a file holds, told by their names, and the tool that converts them."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from typing import Any, NamedTuple

# Where training programs put the weights among other things.
PLACES = ('state_dict', 'model', 'net', 'network', 'model_state_dict')
_TOOLS = 'tools/model_converters/'
_BASELINES = f'{_TOOLS}baseline_to_mmreid.py'


class Family(NamedTuple):
    """Weights with the names that one program gives them.

    Attributes:
        layout (str): What the converters call it.
        owner (str): Whose they are, in words.
        tool (str): The converter, with the option that it needs.
        signs (tuple[str, ...]): Patterns; the beginning of some name must match each.
    """

    layout: str
    owner: str
    tool: str
    signs: tuple[str, ...]


# The first that matches is meant: a family stands before those that have fewer signs.
FAMILIES = (
    Family(
        'rrid',
        "RRID's authors",
        f'{_TOOLS}rrid_to_mmreid.py',
        (r'base\.conv1\.', r'local_\d+_conv_list\.'),
    ),
    Family(
        'ianet',
        "IANet's authors",
        f'{_BASELINES} --layout ianet',
        (r'layer2\.\d+\.W1\.', r'layer2\.\d+\.W2\.'),
    ),
    Family(
        'fast-reid',
        'fast-reid',
        f'{_BASELINES} --layout fast-reid',
        (r'backbone\.conv1\.', r'backbone\.layer1\.', r'heads\.'),
    ),
    Family(
        'torchreid',
        'torchreid',
        f'{_BASELINES} --layout torchreid',
        (r'conv1\.weight', r'layer1\.0\.', r'layer4\.0\.', r'classifier\.weight'),
    ),
    Family(
        'ibn-a',
        'an IBN-a network of ImageNet',
        f'{_BASELINES} --layout ibn-a',
        (r'conv1\.weight', r'layer1\.0\.bn1\.IN\.', r'layer4\.0\.'),
    ),
    Family(
        'torchvision',
        "torchvision's or timm's ResNets",
        f'{_BASELINES} --layout torchvision',
        (r'conv1\.', r'layer1\.0\.', r'layer4\.0\.'),
    ),
)


def family_of(names: Iterable[str]) -> Family | None:
    """Recognise the program that named some weights.

    Args:
        names (Iterable[str]): The weights' names; a wrapper's ``module.`` before them
            does not matter.

    Returns:
        Family | None: The first family of :data:`FAMILIES` whose signs are all there;
        None where there is none, as for mmreid's own weights.
    """
    bare = [name.removeprefix('module.') for name in names]
    for family in FAMILIES:
        if all(any(re.match(sign, name) for name in bare) for sign in family.signs):
            return family
    return None


def converter_hint(content: Any, path: str | PathLike) -> str:
    """Name the converter of a file that mmreid does not take as it is.

    Args:
        content (Any): What was read of it: weights by name, or a dict that has them
            at one of :data:`PLACES`, or at one in one.
        path (str | PathLike): The file, for the command to type.

    Returns:
        str: A sentence that begins with a space; '' where the names are nobody's that
        mmreid converts.
    """
    families = (family_of(map(str, place)) for place in _places_in(content))
    family = next(filter(None, families), None)
    if family is None:
        return ''
    tool, _, options = family.tool.partition(' ')
    words = f'python {tool} {shlex.quote(str(path))} OURS.pth {options}'.rstrip()
    return (
        f' Its weights have the names of {family.owner}: convert them, without running '
        f'anything of the file, by `{words}`.'
    )


def _places_in(content: Any, deeper: int = 2) -> Iterator[Mapping[Any, Any]]:
    """Find the dicts that may be weights by name, the outermost first."""
    if not isinstance(content, Mapping):
        return
    yield content
    for place in PLACES if deeper else ():
        yield from _places_in(content.get(place), deeper - 1)
