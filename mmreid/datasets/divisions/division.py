"""Who is for training and who for testing, as published or drawn by lot."""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mmreid.datasets.reading.file_names import quote_first
from mmreid.datasets.reading.labels import Meaning, read_label
from mmreid.datasets.reading.rows import Label, Row


class Division(NamedTuple):
    """One division, by persons or by pictures.

    Attributes:
        persons: The persons of ``train`` and ``test``, as the file has them.
        pictures: The pictures of ``train``, ``query`` and ``gallery``, as the file has
            them; empty where it names persons.
    """

    persons: Mapping[str, Sequence[Any]]
    pictures: Mapping[str, set[str]]


def divide_persons(
    division: Division, persons: Mapping[Label, int], start: int | None = None
) -> dict[str, set[int]]:
    """Return the numbers of the persons for ``train`` and ``test``.

    Args:
        division (Division): One by persons.
        persons (Mapping[Label, int]): The number of each person's label; 0 and below
            are nobody.
        start (int, optional): The number of the first person, where the division's
            numbers count the sorted persons: 0 (open-reid) or 1 (MATLAB). Defaults to
            None: they are the persons' labels.

    Raises:
        ValueError: It names persons that are not there, or one for both.
    """
    known = {read_label(label): n for label, n in persons.items() if n > 0}
    if start is not None:
        known = dict(enumerate(sorted({*known.values()}), start))
    numbers = {part: _find(named, known) for part, named in division.persons.items()}
    if both := sorted(numbers['train'] & numbers['test']):
        raise ValueError(
            f'{len(both)} persons of the division are for training and testing: '
            f'{quote_first([*map(str, both)])}.'
        )
    return numbers


def divide_pictures(division: Division, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the pictures of each part.

    The file was written on another machine: of a path, its name and the folder that it
    is in count, and as many folders above as tell all pictures apart.

    Args:
        division (Division): One by pictures.
        rows (Sequence[Row]): All pictures.

    Raises:
        ValueError: It names pictures that are not there, or one for training and
            testing.
    """
    depth = _count_telling_parts([row.path for row in rows])
    tails = {_last_parts(row.path, depth): row for row in rows}
    parts = {
        part: {_last_parts(path, depth) for path in paths}
        for part, paths in division.pictures.items()
    }
    wanted = set().union(*parts.values())
    if missing := sorted(wanted - tails.keys()):
        raise ValueError(
            f'{len(missing)} of {len(wanted)} pictures of the division are not there: '
            f'{quote_first(missing)}.'
        )
    if both := sorted(parts['train'] & (parts['query'] | parts['gallery'])):
        raise ValueError(
            f'{len(both)} pictures of the division are for training and testing: '
            f'{quote_first(both)}.'
        )
    return {
        part: [row for tail, row in tails.items() if tail in chosen]
        for part, chosen in parts.items()
    }


def draw_persons(persons: Iterable[Label], fraction: float, seed: int) -> set[Label]:
    """Choose a random part of the persons, the same everywhere.

    They are taken in the order of a hash of their label and the seed, because a
    generator's numbers may differ between versions of a library.

    Args:
        persons (Iterable[Label]): Labels.
        fraction (float): Which part of them; at least one is chosen, at least one is
            not.
        seed (int): Another one gives another part.

    Raises:
        ValueError: There are fewer than two persons.
    """

    def key(person: Label) -> str:
        return hashlib.sha256(f'{seed} {person}'.encode()).hexdigest()

    shuffled = sorted(persons, key=key)
    if len(shuffled) < 2:
        raise ValueError(
            f'At least two persons are needed, one to train on and one to test, but '
            f'there are {len(shuffled)}.'
        )
    number = round(len(shuffled) * fraction)
    return set(shuffled[: min(max(number, 1), len(shuffled) - 1)])


def _find(named: Sequence[Any], known: Mapping[Meaning | None, int]) -> set[int]:
    """Return the numbers of the persons that a division names."""
    asked = [read_label(person) for person in named]
    numbers = [known.get(each, known.get(_only_number(each))) for each in asked]
    missing = [each for each, n in zip(asked, numbers, strict=True) if n is None]
    if missing:
        raise ValueError(
            f'{len(missing)} of {len(asked)} persons of the division are not among the '
            f'{len(known)} of the pictures: {quote_first([*map(str, missing)])}; '
            'where its '
            'numbers count the sorted persons: division=dict(file=..., start=0) for '
            "open-reid's splits.json, start=1 for MATLAB's."
        )
    return {number for number in numbers if number is not None}


def _only_number(label: Meaning | None) -> int | None:
    """Return the number in a name that has one only, as in person_0001."""
    numbers = re.findall(r'\d+', label) if isinstance(label, str) else []
    return int(numbers[0]) if len(numbers) == 1 else None


def _count_telling_parts(paths: Sequence[str]) -> int:
    """Return how many last parts, at least two, tell paths apart."""
    depth = 2
    while len({_last_parts(path, depth) for path in paths}) < len({*paths}):
        depth += 1
    return depth


def _last_parts(path: str, depth: int) -> str:
    """Return the last folders and the name of a path, so many parts of it."""
    return '/'.join(re.split(r'[/\\]', os.path.normpath(path))[-depth:])
