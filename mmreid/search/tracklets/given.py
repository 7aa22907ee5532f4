"""What is given about tracklets besides vectors and times, read and checked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

Pairs = Iterable[tuple[int, int]] | np.ndarray


def read_transitions(
    transitions: Mapping[tuple[Any, Any], float] | None, names: Sequence[Any]
) -> np.ndarray:
    """Make a table of the least times between two cameras.

    Args:
        transitions (Mapping | None): Two cameras -> seconds; both directions are meant.
        names (Sequence[Any]): The cameras.

    Returns:
        np.ndarray: ``(C, C)`` seconds, -inf where nothing is said.

    Raises:
        ValueError: A camera is not among the names, both are the same, or a time is no
            number of at least 0, or is given twice and differs.
    """
    table = np.full((len(names), len(names)), -np.inf)
    places = {name: place for place, name in enumerate(names)}
    for pair, seconds in (transitions or {}).items():
        one, other = pair
        for name in pair:
            if name not in places:
                raise ValueError(
                    f'transitions must name cameras of {[*names]}, got {name!r}.'
                )
        if one == other:
            raise ValueError(
                f'transitions must name two cameras, got {one!r} twice; one person in '
                'one camera at once is what overlap is for.'
            )
        if not (np.isfinite(seconds) and seconds >= 0):
            raise ValueError(
                f'transitions must be seconds of at least 0, got {seconds!r} between '
                f'{one!r} and {other!r}.'
            )
        if transitions and transitions.get((other, one), seconds) != seconds:
            raise ValueError(
                f'transitions must give one time between {one!r} and {other!r}, got '
                f'{seconds!r} and {transitions[other, one]!r}.'
            )
        i, j = places[one], places[other]
        table[i, j] = table[j, i] = seconds
    return table


def read_pairs(name: str, pairs: Pairs | None, count: int) -> np.ndarray:
    """Read pairs of tracklets.

    Args:
        name (str): What the argument is called.
        pairs (Iterable[tuple[int, int]] | np.ndarray | None): The pairs.
        count (int): Number of tracklets.

    Returns:
        np.ndarray: ``(M, 2)`` int64.

    Raises:
        ValueError: They are no pairs of two tracklets; the first such is named.
    """
    if pairs is None:
        return np.zeros((0, 2), np.int64)
    array = np.asarray(pairs if isinstance(pairs, np.ndarray) else [*pairs])
    if not array.size:
        return np.zeros((0, 2), np.int64)
    if array.ndim != 2 or array.shape[1] != 2 or array.dtype.kind not in 'iu':
        raise ValueError(
            f'{name} must be pairs of whole numbers, got {array.dtype} {array.shape}.'
        )
    wrong = (array < 0) | (array >= count)
    wrong = wrong.any(1) | (array[:, 0] == array[:, 1])
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f'{name} must be pairs of two of the {count} tracklets, from 0 on, got '
            f'{tuple(array[row].tolist())} as pair {row}.'
        )
    return array.astype(np.int64)
