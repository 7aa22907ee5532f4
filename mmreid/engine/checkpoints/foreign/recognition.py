"""Whose weights a file holds, told by their names, and the command to convert them."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from typing import Any, NamedTuple

from mmreid.engine.checkpoints.foreign.known_programs import FAMILIES, PLACES, Family

_TOOL = 'tools/model_converters/convert.py'
# What programs put before the names of a network that is a part of another one.
_WRAPPERS = (
    *('', 'backbone.', 'model.', 'model.backbone.', 'encoder.'),
    'encoder_q.',  # of momentum contrast (LUPerson, LUPerson-NL)
)
# What mmreid's own models begin with, which nobody has to convert.
_OWN = 'head.branches.'


class Recognition(NamedTuple):
    """Whose weights some are, and what stands before their names.

    Attributes:
        family (Family): Whose.
        prefix (str): Of a wrapper, such as ``'backbone.'``; ``''`` for none. Names
            without it are no part of the network.
    """

    family: Family
    prefix: str = ''


def recognise(names: Iterable[str], layout: str | None = None) -> Recognition | None:
    """Recognise the program that named some weights.

    Args:
        names (Iterable[str]): The weights' names; a wrapper's ``module.`` before them
            does not matter.
        layout (str | None): Look for this family alone. Defaults to None.

    Returns:
        Recognition | None: The first family of :data:`FAMILIES` whose signs are all
        there, without a wrapper before within one; None where there is none, as for
        mmreid's own weights.
    """
    bare = [without_module(name) for name in names]
    if any(name.startswith(_OWN) for name in bare):
        return None
    known = [f for f in FAMILIES if layout in (None, f.layout)]
    for prefix in _WRAPPERS:
        inner = [n.removeprefix(prefix) for n in bare if n.startswith(prefix)]
        for family in known:
            if all(any(re.match(sign, n) for n in inner) for sign in family.signs):
                return Recognition(family, prefix)
    return None


def family_of(names: Iterable[str]) -> Family | None:
    """Recognise the program that named some weights, see :func:`recognise`.

    Args:
        names (Iterable[str]): The weights' names.

    Returns:
        Family | None: The family; None where it is none that mmreid converts.
    """
    found = recognise(names)
    return None if found is None else found.family


def without_module(name: str) -> str:
    """Leave out what wrappers for several processes put before a name."""
    while name.startswith('module.'):
        name = name.removeprefix('module.')
    return name


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
    return (
        f' Its weights have the names of {family.owner}: convert them, without running '
        f'anything of the file, by `python {_TOOL} {shlex.quote(str(path))} OURS.pth`.'
    )


def _places_in(content: Any, deeper: int = 2) -> Iterator[Mapping[Any, Any]]:
    """Find the dicts that may be weights by name, the outermost first."""
    if not isinstance(content, Mapping):
        return
    yield content
    for place in PLACES if deeper else ():
        yield from _places_in(content.get(place), deeper - 1)
