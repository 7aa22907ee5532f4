"""A row: what a folder, a table or a list says about one picture."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from mmreid.datasets.reading.file_names import (
    SUFFIXES,
    parse_name,
    quote_first,
    require_utf8,
)
from mmreid.datasets.reading.folders import Contents, list_contents, warn_once
from mmreid.datasets.reading.special_files import find_missing_and_special

Label = str | int | float


class Row(NamedTuple):
    """A picture and its labels as they were read.

    Attributes:
        path: Where the picture is, absolute.
        person: Who it shows; a number or a name.
        camera: Who took it; None where that is unknown.
        clothes: What the person wears, as far as it tells two dresses of one person
            apart; None where that is unknown.
        tracklet: Which frames in a row it is from, as far as it tells two tracklets
            of one person in one camera apart; None where it is a picture by itself.
        time: When it was taken, a number; None where that is unknown.
        clock: Who counts it: ``'shared'``, one clock for all cameras, or ``'camera'``,
            a clock of each camera, as numbers of frames are; None without a time.
    """

    path: str
    person: Label
    camera: Label | None = None
    clothes: Label | None = None
    tracklet: Label | None = None
    time: float | None = None
    clock: str | None = None


def read_folder(
    folder: str, pattern: re.Pattern[str], strict: bool = True
) -> list[Row]:
    """Read what the names of a folder's pictures tell, in the order of the names.

    Args:
        folder (str): The folder. Folders in it are searched as well if ``pattern`` has
            a ``/``; it is then matched against the path below ``folder``.
        pattern (re.Pattern[str]): Expression of a whole name without its suffix, with
            the groups ``person`` and, as far as names tell, ``camera``, ``clothes``,
            ``tracklet`` and ``time`` or ``frame``.
        strict (bool): Raise when pictures would be passed over; without, a warning
            counts them.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It has no picture, a pipe or a name that is not UTF-8, names that do
            not fit the pattern, or pictures that would be passed over.
    """
    if not os.path.isdir(folder):
        raise FileNotFoundError(f'No folder {folder!r}.')
    contents = list_contents(folder, recursive='/' in pattern.pattern)
    _refuse_below(folder, contents, pattern, strict)
    names = take_pictures(folder, contents, strict)
    labels = parse_all(folder, pattern, names, parse_name)
    return [
        Row(os.path.join(folder, name), **own)
        for name, own in zip(names, labels, strict=True)
    ]


def take_pictures(folder: str, contents: Contents, strict: bool = True) -> list[str]:
    """Return the names of a folder's pictures; raise or warn of what is passed over.

    Args:
        folder (str): The folder.
        contents (Contents): What is in it.
        strict (bool): Raise where links lead to nothing. Defaults to True.

    Raises:
        ValueError: There is no picture, a name that is not UTF-8, or such a link.
    """
    _report_unread(folder, contents, strict)
    if not contents.pictures:
        raise ValueError(f'No picture in {folder!r}.')
    require_utf8(contents.pictures)
    return contents.pictures


def parse_all(
    folder: str,
    pattern: re.Pattern[str],
    names: Sequence[str],
    parse: Callable[[re.Pattern[str], str], dict[str, Any] | None],
) -> list[dict[str, Any]]:
    """Read what the names of all pictures of a folder tell.

    Args:
        folder (str): The folder, for the error message.
        pattern (re.Pattern[str]): Expression of the names.
        names (Sequence[str]): The names.
        parse (Callable): Reads one of them by the pattern, None where it does not fit.

    Raises:
        ValueError: Names do not fit.
    """
    labels = [parse(pattern, name) for name in names]
    fitting = [own for own in labels if own is not None]
    if len(fitting) < len(names):
        misfits = [n for n, own in zip(names, labels, strict=True) if own is None]
        raise ValueError(
            f'The names of {len(misfits)} of {len(names)} pictures in {folder!r} do '
            f'not fit the pattern "{pattern.pattern}": {quote_first(misfits)}. If '
            'they belong '
            'to the data, set a pattern (pattern=...) that fits them, too; if not, '
            'move them elsewhere.'
        )
    return fitting


def require_pictures(table: str, parts: Iterable[Sequence[Row]]) -> None:
    """Raise when a table's paths are of another folder or no files; count missing ones.

    Args:
        table (str): The table, or the lists.
        parts (Iterable[Sequence[Row]]): The rows that it has.

    Raises:
        FileNotFoundError: None of the pictures is there.
        ValueError: Some are pipes, sockets or devices.
    """
    paths = [row.path for rows in parts for row in rows]
    missing, special = find_missing_and_special(paths)
    if len(missing) == len({*paths}):
        raise FileNotFoundError(
            f'None of the {len(paths)} pictures of {table!r} is there: '
            f'{quote_first(paths)}; '
            'set data_root to the folder that the paths in the table belong to, or to '
            "None where that is the table's own."
        )
    if special:
        raise ValueError(
            f'{len(special)} of {len(paths)} pictures of {table!r} are pipes, sockets '
            f'or devices: {quote_first(special)}; take them out of the table.'
        )
    if missing:
        warn_once(
            f'{len(missing):,} of {len(paths):,} pictures of {table!r} are missing, '
            f'and reading one of them ends the run: {quote_first(missing)}'
        )


def _refuse_below(
    folder: str, contents: Contents, pattern: re.Pattern[str], strict: bool
) -> None:
    """Raise when pictures in folders below are not read."""
    if strict and contents.below:
        raise ValueError(
            f'{len(contents.below):,} pictures are in folders below {folder!r}: '
            f'{quote_first(contents.below)}. Only a pattern with "/" in it reads '
            'them; it is '
            f'matched with the path below the folder, as in {_searching(pattern)!r}. '
            'To leave them out, move them elsewhere or set check=False.'
        )


def _report_unread(folder: str, contents: Contents, strict: bool) -> None:
    """Raise when pictures of a folder are not read; warn of what may be pictures."""
    if strict and contents.dangling:
        raise ValueError(
            f'{len(contents.dangling):,} links in {folder!r} lead to nothing: '
            f'{quote_first(contents.dangling)}. Bring back what they lead to; to '
            'leave them '
            'out, remove them or set check=False.'
        )
    if description := contents.describe_unread():
        warn_once(
            f'not read in {folder!r}: {description} ({quote_first(contents.unread)}); '
            'pictures '
            f'end in {", ".join(SUFFIXES)}'
        )


def _searching(pattern: re.Pattern[str]) -> str:
    """Return the pattern as it searches folders, too."""
    rest = re.sub(r'^\(\?[aiLmsux]+\)', '', pattern.pattern)
    flags = pattern.pattern.removesuffix(rest)
    return f'{flags}(.*/)?' + (f'(?:{rest})' if '|' in rest else rest)
