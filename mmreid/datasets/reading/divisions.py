"""Published divisions: files that say who is for training and who for testing."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mmreid.datasets.conversion.mat_file import open_mat
from mmreid.datasets.reading.file_names import SUFFIXES, few
from mmreid.datasets.reading.labels import Meaning, read_label
from mmreid.datasets.reading.rows import Label, Row
from mmreid.datasets.reading.text_files import read_text

HALVES = ('first', 'second')


class Division(NamedTuple):
    """One division, by persons or by pictures.

    Attributes:
        persons: The persons of ``train`` and ``test``, as the file has them.
        pictures: The pictures of ``train``, ``query`` and ``gallery``, as the file has
            them; empty where it names persons.
    """

    persons: Mapping[str, Sequence[Any]]
    pictures: Mapping[str, set[str]]


def read_divisions(path: str, train_half: str | None = None) -> list[Division]:
    """Read all divisions that a file holds.

    Args:
        path: A JSON file as open-reid (``trainval``, ``query`` and ``gallery`` with
            persons), PRID 2011 (``train`` and ``test`` with names of persons) or
            torchreid (``train``, ``query`` and ``gallery`` with pictures) have it; or
            a MATLAB file with a row a division (a column, where there are more rows):
            matrices named ``...train...`` and ``...test...``, or one of permutations.
        train_half: Which half of a permutation is for training, ``'first'`` or
            ``'second'``. Defaults to None: none is expected.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It holds no divisions.
    """
    if path.lower().endswith('.mat'):
        return _read_mat(path, train_half)
    text = read_text(path)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError(f'{path!r} is no JSON: {error}') from error
    found = found if isinstance(found, list) else [found]
    if not found or not all(isinstance(each, dict) for each in found):
        raise ValueError(f'{path!r} must hold a list of divisions, each an object')
    return [_read_object(path, each) for each in found]


def divide_persons(
    division: Division, persons: Mapping[Label, int], start: int | None = None
) -> dict[str, set[int]]:
    """Return the numbers of the persons for ``train`` and ``test``.

    Args:
        division: One by persons.
        persons: The number of each person's label; 0 and below are nobody.
        start: The number of the first person, where the division's numbers count the
            sorted persons: 0 (open-reid) or 1 (MATLAB). Defaults to None: they are the
            persons' labels.

    Raises:
        ValueError: It names persons that are not there, or one for both.
    """
    known = {read_label(label): n for label, n in persons.items() if n > 0}
    if start is not None:
        known = dict(enumerate(sorted({*known.values()}), start))
    found = {part: _find(named, known) for part, named in division.persons.items()}
    if both := sorted(found['train'] & found['test']):
        raise ValueError(
            f'{len(both)} persons of the division are for training and testing: '
            f'{few([*map(str, both)])}'
        )
    return found


def divide_pictures(division: Division, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the pictures of each part.

    The file was written on another machine: of a path, its name and the folder that it
    is in count, and as many folders above as tell all pictures apart.

    Args:
        division: One by pictures.
        rows: All pictures.

    Raises:
        ValueError: It names pictures that are not there, or one for training and
            testing.
    """
    depth = _depth([row.path for row in rows])
    tails = {_tail(row.path, depth): row for row in rows}
    parts = {
        part: {_tail(path, depth) for path in paths}
        for part, paths in division.pictures.items()
    }
    wanted = set().union(*parts.values())
    if missing := sorted(wanted - tails.keys()):
        raise ValueError(
            f'{len(missing)} of {len(wanted)} pictures of the division are not there: '
            f'{few(missing)}'
        )
    if both := sorted(parts['train'] & (parts['query'] | parts['gallery'])):
        raise ValueError(
            f'{len(both)} pictures of the division are for training and testing: '
            f'{few(both)}'
        )
    return {
        part: [row for tail, row in tails.items() if tail in chosen]
        for part, chosen in parts.items()
    }


def _read_object(path: str, found: Mapping[str, Any]) -> Division:
    train = found.get('trainval', found.get('train'))
    test = {part: found[part] for part in ('test', 'query', 'gallery') if part in found}
    lists = [train, *test.values()]
    if not test or not all(isinstance(each, list) and each for each in lists):
        raise ValueError(
            f'a division of {path!r} must list train (or trainval) and test (or query '
            f'and gallery), but has {sorted(found)}'
        )
    named = {
        part: {_name_picture(entry) for entry in entries}
        for part, entries in {'train': train, **test}.items()
    }
    pictures = {part: names - {''} for part, names in named.items()}
    if pictures == named and {'query', 'gallery'} <= named.keys():
        return Division({}, pictures)
    if any(pictures.values()):
        raise ValueError(
            f'a division of {path!r} names pictures, so that it must have train, query '
            f'and gallery and name nothing else, but it has {sorted(found)}'
        )
    persons = [person for each in test.values() for person in each]
    return Division(dict(train=train, test=persons), {})


def _read_mat(path: str, train_half: str | None) -> list[Division]:
    with open_mat(path) as file:
        found = {name: file.read(name) for name in file.names()}
    train, test = _find_matrices(path, found, train_half)
    if len(train) != len(test):
        raise ValueError(
            f'{path!r} has {len(train)} divisions for training and {len(test)} for '
            'testing; it must have as many rows for both'
        )
    divisions = [
        dict(train=a.tolist(), test=b.tolist())
        for a, b in zip(train, test, strict=True)
    ]
    for number, division in enumerate(divisions):
        named = [person for persons in division.values() for person in persons]
        if len({*named}) < len(named):
            raise ValueError(
                f'{path!r} names a person twice in division {number} of '
                f'{len(divisions)}; every row must be one division'
            )
    return [Division(division, {}) for division in divisions]


def _find_matrices(
    path: str, found: Mapping[str, Any], train_half: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a MATLAB file has for training and testing, a row a division."""
    tables = {
        name: value.T if value.shape[0] > value.shape[1] else value
        for name, value in found.items()
        if isinstance(value, np.ndarray)
        and (value.dtype.kind in 'iuf' and value.size and value.ndim == 2)
    }
    train, test = (
        [table for name, table in tables.items() if part in name.lower()]
        for part in ('train', 'test')
    )
    if len(train) == len(test) == 1:
        return train[0], test[0]
    if len(tables) == 1 and train_half in HALVES:
        (table,) = tables.values()
        first, second = np.split(table, [table.shape[1] // 2], axis=1)
        return (first, second) if train_half == 'first' else (second, first)
    raise ValueError(
        f'{path!r} must hold a matrix for training and one for testing, or one '
        "matrix of permutations, for which train_half='first' or 'second' says "
        f'which half is for training; it holds {sorted(found)}'
    )


def _find(named: Sequence[Any], known: Mapping[Meaning | None, int]) -> set[int]:
    """Return the numbers of the persons that a division names."""
    asked = [read_label(person) for person in named]
    found = [known.get(each, known.get(_only_number(each))) for each in asked]
    missing = [each for each, n in zip(asked, found, strict=True) if n is None]
    if missing:
        raise ValueError(
            f'{len(missing)} of {len(asked)} persons of the division are not among the '
            f'{len(known)} of the pictures: {few([*map(str, missing)])}; where its '
            'numbers count the sorted persons: division=dict(file=..., start=0) for '
            "open-reid's splits.json, start=1 for MATLAB's"
        )
    return {number for number in found if number is not None}


def _only_number(label: Meaning | None) -> int | None:
    """Return the number in a name that has one only, as in person_0001."""
    numbers = re.findall(r'\d+', label) if isinstance(label, str) else []
    return int(numbers[0]) if len(numbers) == 1 else None


def _name_picture(entry: Any) -> str:
    """Return the picture that an entry names; nothing where it names a person."""
    path = entry[0] if isinstance(entry, list) and entry else entry
    return path if str(path).lower().endswith(SUFFIXES) else ''


def _depth(paths: Sequence[str]) -> int:
    """Return how many last parts, at least two, tell paths apart."""
    depth = 2
    while len({_tail(path, depth) for path in paths}) < len({*paths}):
        depth += 1
    return depth


def _tail(path: str, depth: int) -> str:
    """Return the last folders and the name of a path, so many parts of it."""
    return '/'.join(re.split(r'[/\\]', os.path.normpath(path))[-depth:])
