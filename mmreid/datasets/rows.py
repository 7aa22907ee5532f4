"""What a folder or a table says about each picture, before labels are numbered."""

import csv
import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mmreid.datasets.file_names import (
    LABELS,
    few,
    list_pictures,
    parse_name,
    require_utf8,
)
from mmreid.datasets.labels import read_label

COLUMNS = ('path', 'person', 'camera', 'clothes', 'split')
REQUIRED = ('path', 'person', 'split')
Label = str | int | float


class Row(NamedTuple):
    """A picture and its labels as they were read.

    Attributes:
        path: Where the picture is, absolute.
        person: Who it shows; a number or a name.
        camera: Who took it; None where that is unknown.
        clothes: What the person wears, as far as it tells two dresses of one person
            apart; None where that is unknown.
    """

    path: str
    person: Label
    camera: Label | None = None
    clothes: Label | None = None


def read_folder(folder: str, pattern: re.Pattern[str]) -> list[Row]:
    """Read what the names of a folder's pictures tell, in the order of the names.

    Args:
        folder: The folder. Folders in it are searched as well if ``pattern`` has a
            ``/``; it is then matched against the path below ``folder``.
        pattern: Expression of a whole name without its suffix, with the groups
            ``person`` and, as far as names tell, ``camera`` and ``clothes``.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It has no picture, a pipe or a name that is not UTF-8, or names that
            do not fit the pattern.
    """
    if not os.path.isdir(folder):
        raise FileNotFoundError(f'no folder {folder!r}')
    names = list_pictures(folder, recursive='/' in pattern.pattern)
    if not names:
        raise ValueError(f'no picture in {folder!r}')
    require_utf8(names)
    labels = [parse_name(pattern, name) for name in names]
    misfits = [name for name, found in zip(names, labels, strict=True) if not found]
    if misfits:
        raise ValueError(
            f'the names of {len(misfits)} of {len(names)} pictures in {folder!r} do '
            f'not fit the pattern {pattern.pattern!r}: {few(misfits)}. If they belong '
            'to the data, set a pattern (pattern=...) that fits them, too; if not, '
            'move them elsewhere'
        )
    return [
        Row(os.path.join(folder, name), **found)
        for name, found in zip(names, labels, strict=True)
        if found
    ]


def read_table(path: str, root: str | None = None) -> dict[str, list[Row]]:
    """Read a table of pictures.

    Args:
        path: A CSV file with a header, or a JSON file with a list of objects; UTF-8.
            Columns ``path``, ``person`` and ``split`` (train, query, gallery, ...);
            ``camera`` and ``clothes`` may be missing, others are ignored.
        root: Folder to which the paths in the table belong. Defaults to None: the
            table's own.

    Returns:
        dict[str, list[Row]]: The rows of each value of ``split``, in their order.

    Raises:
        FileNotFoundError: There is no such table.
        ValueError: It is broken, a column or value is missing, or a picture is named
            twice in one split.
    """
    root = os.path.dirname(os.path.abspath(path)) if root is None else root
    parts: dict[str, list[Row]] = {}
    seen: set[tuple[str, str]] = set()
    for number, entry in _entries(path):
        try:
            labels = [_label(entry.get(name)) for name in LABELS]
        except ValueError as error:
            raise ValueError(f'{path!r}, {number}: {error}') from error
        lacking = [name for name in REQUIRED if entry.get(name) in (None, '')]
        if labels[0] is None and not lacking:
            lacking = ['person']
        if lacking:
            raise ValueError(
                f'{path!r}, {number}: no value for {lacking}, but '
                f'{entry.get(lacking[0])!r}; a person whom nobody knows is -1 (ignored '
                'in ranking) or 0 (a wrong answer to every query)'
            )
        part = str(entry['split'])
        row = Row(os.path.join(root, str(entry['path'])), *labels)
        if (part, row.path) in seen:
            raise ValueError(
                f'{path!r}, {number}: {entry["path"]!r} is there twice in split '
                f'{part!r}; remove one of the two'
            )
        seen.add((part, row.path))
        parts.setdefault(part, []).append(row)
    if not parts:
        raise ValueError(f'{path!r} has no row')
    return parts


def write_table(path: str, parts: Mapping[str, Iterable[Row]]) -> None:
    """Write a CSV table that :func:`read_table` reads; whole or not at all.

    Args:
        path: The file; paths below its folder are written relative to it.
        parts: The rows of each value of ``split``.
    """
    root = os.path.dirname(os.path.abspath(path))
    unfinished = f'{path}.{os.getpid()}.unfinished'
    try:
        with open(unfinished, 'w', encoding='utf-8', newline='') as file:
            writer = csv.writer(file, lineterminator='\n')
            writer.writerow(COLUMNS)
            for part, rows in parts.items():
                for row in rows:
                    inside = row.path.startswith(root + os.sep)
                    name = row.path[len(root) + 1 :] if inside else row.path
                    labels = (row.person, row.camera, row.clothes)
                    writer.writerow([name.replace(os.sep, '/'), *labels, part])
        os.replace(unfinished, path)
    finally:
        if os.path.exists(unfinished):
            os.remove(unfinished)


def _entries(path: str) -> list[tuple[str, dict[str, Any]]]:
    """Return where each entry of a table stands, and its values by column."""
    with open(path, encoding='utf-8-sig', newline='') as file:
        if path.lower().endswith('.json'):
            try:
                found = json.load(file)
            except ValueError as error:
                raise ValueError(f'{path!r} is no JSON: {error}') from error
            if not isinstance(found, list) or not all(
                isinstance(entry, dict) for entry in found
            ):
                raise ValueError(f'{path!r} must hold a list of objects')
            return [(f'entry {n}', entry) for n, entry in enumerate(found)]
        reader = csv.DictReader(file)
        if lacking := set(REQUIRED) - set(reader.fieldnames or ()):
            raise ValueError(
                f'{path!r} must have the columns {REQUIRED}, but lacks '
                f'{sorted(lacking)} (its first line is {reader.fieldnames})'
            )
        return [(f'line {reader.line_num}', entry) for entry in reader]


def _label(value: Any) -> Any:
    """Return a label as it is written, None where it is missing."""
    if read_label(value) is None:
        return None
    return value.strip() if isinstance(value, str) else value
