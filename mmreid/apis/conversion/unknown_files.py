"""What is said of a file that is of no known program."""

from collections.abc import Mapping
from os import PathLike

from torch import Tensor

from mmreid.engine.checkpoints import FAMILIES

_MOST_GROUPS = 8
_OWN = 'head.branches.'


def explain_unknown(tensors: Mapping[str, Tensor], source: str | PathLike) -> str:
    """Say what the weights of a file look like, and whose files are known.

    Args:
        tensors (Mapping[str, Tensor]): Its weights by name.
        source (str | PathLike): The file.

    Returns:
        str: Sentences.
    """
    if any(name.startswith(_OWN) for name in tensors):
        return (
            f'{source} has the names of mmreid itself and needs no conversion: give it '
            'as the checkpoint.'
        )
    known: dict[str, list[str]] = {}
    for family in FAMILIES:
        known.setdefault(family.layout, []).append(family.owner)
    owners = ', '.join(
        f'{name} ({"; ".join(dict.fromkeys(own))})' for name, own in known.items()
    )
    return (
        f'{source} has the names of no program that mmreid converts. It holds '
        f'{describe_groups(tensors)}. Known are {owners}. Where it is one of these, '
        'give --layout, and the error says what differs.'
    )


def describe_groups(tensors: Mapping[str, Tensor]) -> str:
    """Count weights by the beginning of their names, with an example each.

    Args:
        tensors (Mapping[str, Tensor]): Weights by name.

    Returns:
        str: A list with commas.
    """
    groups: dict[str, list[str]] = {}
    for name in tensors:
        groups.setdefault(name.partition('.')[0], []).append(name)
    shown = []
    for names in [*groups.values()][:_MOST_GROUPS]:
        size = ' x '.join(map(str, tensors[names[0]].shape)) or 'a number'
        more = f' and {len(names) - 1} alike' if names[1:] else ''
        shown.append(f'{names[0][:80]} ({size}){more}')
    if len(groups) > _MOST_GROUPS:
        shown.append(f'{len(groups) - _MOST_GROUPS} further beginnings')
    return ', '.join(shown)
