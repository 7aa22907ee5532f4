"""Arguments that tell where pictures are and what tells their labels."""

import os
import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from mmreid.datasets.reading.file_names import compile_pattern, require_utf8

Table = str | os.PathLike | Mapping[str, str]


class Sources(NamedTuple):
    """What tells the labels of pictures: a table, lists, or their names in folders.

    Attributes:
        table: A table of all parts.
        lists: A list for each part.
        pattern: How to read the names of pictures in folders.
        list_pattern: How to read the names of pictures in lists.
    """

    table: str | None
    lists: dict[str, str]
    pattern: re.Pattern[str] | None
    list_pattern: re.Pattern[str] | None


def find_sources(
    parts: Collection[str],
    pattern: str | None,
    default: str,
    folders: Mapping[str, str] | None,
    table: Table | None,
) -> Sources:
    """Return what tells the labels, one place alone; ``~`` is the user's home.

    Args:
        parts (Collection[str]): The parts of the data set.
        pattern (str | None): How to read file names, as it was given.
        default (str): The pattern of the data set's class; '' where it has none.
        folders (Mapping[str, str] | None): Folders of parts.
        table (Table | None): A table, or a list for each part.

    Raises:
        ValueError: None does, or two, or there is a folder or list of no part.
    """
    if unknown := set(folders or {}) - set(parts):
        raise ValueError(f'folders may name {[*parts]}, got {sorted(unknown)}.')
    if table is None and not (pattern or default):
        raise ValueError(
            'Either pattern (how to read file names) or table (a CSV or JSON file) '
            'must be given, got neither.'
        )
    lists = table if isinstance(table, Mapping) else {}
    if table == {} or set(lists) - set(parts):
        raise ValueError(f'table may be a dict of lists of {[*parts]}, got {table}.')
    if table is not None and pattern is not None and not lists:
        raise ValueError(
            f'Give a pattern or a table, not both, got {pattern!r} and {table}.'
        )
    names = pattern or default
    return Sources(
        None if isinstance(table, Mapping | None) else os.path.expanduser(table),
        {part: os.path.expanduser(path) for part, path in lists.items()},
        compile_pattern(names) if table is None else None,
        compile_pattern(names) if lists and names else None,
    )


def check_offset(offset: int) -> None:
    """Raise unless an offset of persons is a whole number.

    Args:
        offset (int): What is added to the number of every person.

    Raises:
        ValueError: It is something else.
    """
    if not isinstance(offset, int) or offset < 0:
        raise ValueError(
            f'person_offset must be a whole number from 0 on, got {offset!r}.'
        )


def find_root(data_root: str | os.PathLike | None, files: Sequence[str]) -> str:
    """Return the folder that paths belong to.

    Args:
        data_root (str | os.PathLike | None): As it was given; ``~`` is the user's home.
        files (Sequence[str]): The tables or lists, whose folder it is where none was
            given.

    Raises:
        ValueError: Nothing tells it, or it is not UTF-8.
    """
    if data_root is not None:
        root = os.path.expanduser(os.fspath(data_root))
    elif files:
        root = os.path.dirname(os.path.abspath(files[0]))
    else:
        raise ValueError('data_root, the folder of the pictures, must be given.')
    require_utf8([root])
    return root
