"""Files of published divisions: JSON and MATLAB, in the forms that authors chose."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.arguments import check_choice
from mmreid.datasets.conversion.mat_file import open_mat
from mmreid.datasets.divisions.division import Division
from mmreid.datasets.reading.file_names import SUFFIXES
from mmreid.files import parse_json, read_text

HALVES = ('first', 'second')


@dataclass(frozen=True)
class DivisionFile:
    """A file of published divisions, and how to read it.

    Attributes:
        file: Where it is.
        start: The number of the first person, where numbers count the sorted persons:
            0 (open-reid) or 1 (MATLAB); None where they are the persons' labels.
        train_half: Which half of a permutation is for training, ``'first'`` or
            ``'second'``; None where no permutation is expected.
    """

    file: str
    start: int | None = None
    train_half: str | None = None

    def read(self) -> list[Division]:
        """Read all divisions, see :func:`read_divisions`."""
        return read_divisions(self.file, self.train_half)


def parse_division(division: Mapping[str, Any] | str | os.PathLike) -> DivisionFile:
    """Check the argument ``division`` of a data set.

    Args:
        division (Mapping[str, Any] | str | os.PathLike): A file, or ``dict(file=...,
            start=..., train_half=...)``.

    Raises:
        ValueError: It is something else.
    """
    settings = dict(division if isinstance(division, Mapping) else {'file': division})
    if 'file' not in settings or not {*settings} <= {'file', 'start', 'train_half'}:
        raise ValueError(
            'division must be a file or dict(file=..., start=..., train_half=...), '
            f'got {division!r}.'
        )
    check_choice('start', settings.get('start'), (None, 0, 1))
    check_choice('train_half', settings.get('train_half'), (None, *HALVES))
    file = os.path.expanduser(os.fspath(settings.pop('file')))
    return DivisionFile(file, **settings)


def read_divisions(path: str, train_half: str | None = None) -> list[Division]:
    """Read all divisions that a file holds.

    Args:
        path (str): A JSON file as open-reid (``trainval``, ``query`` and ``gallery``
            with persons), PRID 2011 (``train`` and ``test`` with names of persons) or
            torchreid (``train``, ``query`` and ``gallery`` with pictures) have it; or a
            MATLAB file with a row a division (a column, where there are more rows):
            matrices named ``...train...`` and ``...test...``, or one of permutations.
        train_half (str, optional): Which half of a permutation is for training,
            ``'first'`` or ``'second'``. Defaults to None: none is expected.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It holds no divisions.
    """
    if path.lower().endswith('.mat'):
        return _read_mat(path, train_half)
    content = parse_json(read_text(path), repr(path))
    content = content if isinstance(content, list) else [content]
    if not content or not all(isinstance(each, dict) for each in content):
        raise ValueError(f'{path!r} must hold a list of divisions, each an object.')
    return [_read_object(path, each) for each in content]


def _read_object(path: str, content: Mapping[str, Any]) -> Division:
    train = content.get('trainval', content.get('train'))
    test = {
        part: content[part] for part in ('test', 'query', 'gallery') if part in content
    }
    lists = [train, *test.values()]
    if not test or not all(isinstance(each, list) and each for each in lists):
        raise ValueError(
            f'A division of {path!r} must list train (or trainval) and test (or query '
            f'and gallery), but has {sorted(content)}.'
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
            f'A division of {path!r} names pictures, so that it must have train, query '
            f'and gallery and name nothing else, but it has {sorted(content)}.'
        )
    persons = [person for each in test.values() for person in each]
    return Division(dict(train=train, test=persons), {})


def _read_mat(path: str, train_half: str | None) -> list[Division]:
    with open_mat(path) as file:
        content = {name: file.read(name) for name in file.names()}
    train, test = _find_matrices(path, content, train_half)
    if len(train) != len(test):
        raise ValueError(
            f'{path!r} has {len(train)} divisions for training and {len(test)} for '
            'testing; it must have as many rows for both.'
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
                f'{len(divisions)}; every row must be one division.'
            )
    return [Division(division, {}) for division in divisions]


def _find_matrices(
    path: str, content: Mapping[str, Any], train_half: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a MATLAB file has for training and testing, a row a division."""
    tables = {
        name: value.T if value.shape[0] > value.shape[1] else value
        for name, value in content.items()
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
        f'which half is for training; it holds {sorted(content)}.'
    )


def _name_picture(entry: Any) -> str:
    """Return the picture that an entry names; nothing where it names a person."""
    path = entry[0] if isinstance(entry, list) and entry else entry
    return path if str(path).lower().endswith(SUFFIXES) else ''
