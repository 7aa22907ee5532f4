"""Text files that list the pictures of a folder."""

import os
import re
from collections.abc import Collection, Mapping, Sequence

from mmengine.logging import MMLogger

from mmreid.datasets.file_names import few, parse_name
from mmreid.datasets.folders import list_pictures
from mmreid.datasets.labels import read_label
from mmreid.datasets.rows import Row


def read_list(path: str, folder: str, pattern: re.Pattern[str]) -> list[Row]:
    """Read a list of pictures.

    Args:
        path: A text file with a picture's path below ``folder``, a space and the
            number of its person in every line.
        folder: Where the pictures are.
        pattern: Expression of such a path without its suffix.

    Returns:
        list[Row]: A row for each line.

    Raises:
        FileNotFoundError: There is no such list.
        ValueError: A line does not fit the pattern or names another person than its
            picture's path, or a picture is listed twice.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(f'no list {path!r}')
    rows: dict[str, Row] = {}
    wrong = []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, start=1):
            name, _, person = line.strip().rpartition(' ')
            found = parse_name(pattern, name)
            if not found or read_label(found['person']) != read_label(person):
                wrong.append(f'line {number}: {line.strip()}')
            elif name in rows:
                wrong.append(f'line {number}, once more: {name}')
            else:
                rows[name] = Row(os.path.join(folder, name), **found)
    if wrong:
        raise ValueError(
            f"{len(wrong)} lines of {path!r} are not a new picture's path and the "
            f'person in it: {few(wrong)}'
        )
    return [*rows.values()]


def keep_present(rows: Sequence[Row], folder: str) -> list[Row]:
    """Leave out the pictures that are not in their folder, and log how many.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It has none of them.
    """
    there = _pictures_of(folder)
    kept = [row for row in rows if row.path in there]
    if not kept:
        raise ValueError(f'none of the {len(rows)} listed pictures is in {folder!r}')
    if len(kept) < len(rows):
        MMLogger.get_current_instance().info(
            f'left out {len(rows) - len(kept)} of {len(rows)} listed pictures, which '
            f'are not in {folder!r}'
        )
    return kept


def compare(
    lists: Mapping[str, Sequence[Row]], folder: str, needed: Collection[str]
) -> None:
    """Compare the lists of a folder with the pictures in it.

    Args:
        lists: All lists of pictures in the folder, by name.
        folder: The folder.
        needed: Names of the lists whose pictures must be there.

    Raises:
        FileNotFoundError: There is no such folder, or listed pictures are missing.
        ValueError: Pictures are in two lists, or in none.
    """
    there = _pictures_of(folder)
    listed: dict[str, str] = {}
    for name, rows in lists.items():
        paths = [row.path for row in rows]
        if twice := [path for path in paths if path in listed]:
            raise ValueError(
                f'{len(twice)} pictures are in the lists {listed[twice[0]]!r} and '
                f'{name!r}: {few(twice)}'
            )
        missing = [path for path in paths if path not in there]
        if missing and name in needed:
            raise FileNotFoundError(
                f'{len(missing)} of the {len(rows)} pictures of the list {name!r} are '
                f'missing: {few(missing)}; to use a partial copy: check=False'
            )
        listed |= dict.fromkeys(paths, name)
    if surplus := sorted(there - listed.keys()):
        raise ValueError(
            f'{len(surplus)} of {len(there)} pictures in {folder!r} are in no list: '
            f'{few(surplus)}; to go by the lists alone: check=False'
        )


def _pictures_of(folder: str) -> set[str]:
    if not os.path.isdir(folder):
        raise FileNotFoundError(f'no folder {folder!r}')
    names = list_pictures(folder, recursive=True)
    return {os.path.join(folder, name) for name in names}
