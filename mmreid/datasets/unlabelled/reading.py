"""Rows of pictures of which nobody is named: a folder, or a table without splits."""

import os
import re
from typing import Any

from mmreid.datasets.reading.file_names import (
    LABELS,
    compile_expression,
    locate_picture,
    match_name,
    quote_first,
)
from mmreid.datasets.reading.folders import list_contents
from mmreid.datasets.reading.labels import read_label
from mmreid.datasets.reading.rows import Row, parse_all, take_pictures
from mmreid.datasets.reading.tables import read_cells, read_known
from mmreid.datasets.reading.times import CLOCKS, read_clock

#: The label of a person whom nothing names; it reads as missing.
UNNAMED = ''
# Clothes are apart for every person, and mean nothing where nobody is named.
_LABELS = tuple(name for name in LABELS if name != 'clothes')
#: What a name or a line of a table may tell.
TOLD = (*_LABELS, *CLOCKS)
_NO_PERSON: dict[str, Any] = dict(person=UNNAMED)


def compile_unlabelled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of names that may tell camera, tracklet, time and person.

    Args:
        pattern (str): A regular expression.

    Raises:
        ValueError: It is none, or none of its groups is read.
    """
    compiled = compile_expression(pattern)
    groups = ', '.join(f'(?P<{name}>...)' for name in TOLD)
    if not compiled.groupindex.keys() & {*TOLD}:
        raise ValueError(
            f'pattern must have at least one of the groups {groups}, got "{pattern}"; '
            'leave it out where names tell nothing.'
        )
    return compiled


def read_unlabelled_folder(
    folder: str,
    pattern: re.Pattern[str] | None = None,
    strict: bool = True,
    top_folders: bool = False,
) -> list[Row]:
    """Read all pictures of a folder and of those below it, in the order of the names.

    Args:
        folder (str): The folder.
        pattern (re.Pattern[str], optional): What a whole file name without its suffix
            tells; with a ``/`` in it, the path below ``folder``. Defaults to None:
            names tell nothing.
        strict (bool): Raise where links with the name of a picture lead to nothing.
            Defaults to True.
        top_folders (bool): The first folder of a picture's path is its camera.
            Defaults to False.

    Returns:
        list[Row]: The person is ``UNNAMED`` where the name does not tell it.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: As :func:`mmreid.datasets.reading.rows.read_folder`; or a picture
            is in no folder that could be its camera.
    """
    if not os.path.isdir(folder):
        raise FileNotFoundError(f'No folder {folder!r}.')
    names = take_pictures(folder, list_contents(folder, recursive=True), strict)
    labels = [_NO_PERSON] * len(names)
    if pattern is not None:
        labels = parse_all(folder, pattern, names, parse_unlabelled)
    if top_folders:
        if bare := [name for name in names if '/' not in name]:
            raise ValueError(
                f"Folders tell the cameras (camera_from='folder'), but {len(bare)} of "
                f'{len(names)} pictures lie directly in {folder!r}: '
                f'{quote_first(bare)}; move them into the folder of their camera.'
            )
        cameras = [name.partition('/')[0] for name in names]
        labels = [dict(t, camera=c) for t, c in zip(labels, cameras, strict=True)]
    return [
        Row(os.path.join(folder, name), **told)
        for name, told in zip(names, labels, strict=True)
    ]


def parse_unlabelled(pattern: re.Pattern[str], name: str) -> dict[str, Any] | None:
    """Read what a name tells; None where it does not fit the pattern.

    Args:
        pattern (re.Pattern[str]): Expression of the name without its suffix, or of the
            path without it where it has a ``/``.
        name (str): The path below the folder.

    Raises:
        ValueError: What should be a time is none.
    """
    match = match_name(pattern, name if '/' in pattern.pattern else name.split('/')[-1])
    if match is None:
        return None
    told = {n: match[n] for n in _LABELS if n in pattern.groupindex and match[n]}
    try:
        return _NO_PERSON | told | read_clock(match.groupdict())
    except ValueError as error:
        raise ValueError(f'{name!r}: {error}') from error


def read_unlabelled_table(
    path: str, root: str | None = None, strict: bool = True
) -> list[Row]:
    """Read a table of pictures that need no person and no split.

    Args:
        path (str): As of :func:`mmreid.datasets.reading.tables.read_table`; only the
            column ``path`` is needed, and ``split`` is not heeded.
        root (str, optional): Folder to which the paths belong. Defaults to None: the
            table's own.
        strict (bool): Raise when a column that is not read would change what the
            others mean. Defaults to True.

    Returns:
        list[Row]: In the order of the table; the person is ``UNNAMED`` where there is
        none.

    Raises:
        FileNotFoundError: There is no such table.
        ValueError: It is broken, empty, or names a picture twice.
    """
    root = os.path.dirname(os.path.abspath(path)) if root is None else root
    entries = read_known(path, ('path',), TOLD, strict)
    rows: list[Row] = []
    seen: dict[str, Any] = {}
    for entry in entries:
        cells = read_cells(path, entry, _LABELS)
        name = entry.text('path')
        if not name:
            raise ValueError(f'{path!r}, {entry.where}: no value for path.')
        person = cells.pop('person')
        person = UNNAMED if read_label(person) is None else person
        row = Row(locate_picture(root, name), person, **cells)
        place = os.path.normpath(row.path)
        if place in seen:
            raise ValueError(
                f'{path!r}, {entry.where}: {name!r} is there twice, first in '
                f'{seen[place]}; remove one of the two.'
            )
        seen[place] = entry.where
        rows.append(row)
    if not rows:
        raise ValueError(f'{path!r} has no row.')
    return rows
