"""Lists of all pictures in a folder, compared with what is in it."""

import os
import re
from collections.abc import Collection, Mapping, Sequence

from mmengine.logging import MMLogger

from mmreid.datasets.reading.file_names import parse_name, quote_first
from mmreid.datasets.reading.folders import list_pictures
from mmreid.datasets.reading.label_lists import read_label_list
from mmreid.datasets.reading.labels import read_label
from mmreid.datasets.reading.rows import Row


def read_folder_list(path: str, folder: str, pattern: re.Pattern[str]) -> list[Row]:
    """Read a list of pictures whose paths tell the same persons as the list.

    Args:
        path (str): A text file, see
            :func:`mmreid.datasets.reading.label_lists.read_label_list`.
        folder (str): Where the pictures are.
        pattern (re.Pattern[str]): Expression of a path below ``folder`` without its
            suffix.

    Returns:
        list[Row]: A row for each line.

    Raises:
        FileNotFoundError: There is no such list.
        ValueError: As ``read_label_list``; or a line names another person than its
            picture's path.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(f'No list {path!r}.')
    rows = read_label_list(path, folder, pattern)
    wrong = []
    for row in rows:
        name = row.path.removeprefix(os.path.join(folder, ''))
        labels = parse_name(pattern, name) or {}
        if read_label(labels.get('person')) != read_label(row.person):
            wrong.append(f'{name} {row.person}')
    if wrong:
        raise ValueError(
            f'{len(wrong)} lines of {path!r} name another person than the path of the '
            f'picture does: {quote_first(wrong)}.'
        )
    return rows


def keep_present(rows: Sequence[Row], folder: str) -> list[Row]:
    """Leave out the pictures that are not in their folder, and log how many.

    Args:
        rows (Sequence[Row]): The rows of a list.
        folder (str): Where its pictures are.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It has none of them.
    """
    there = _pictures_of(folder)
    kept = [row for row in rows if row.path in there]
    if not kept:
        raise ValueError(f'None of the {len(rows)} listed pictures is in {folder!r}.')
    if len(kept) < len(rows):
        MMLogger.get_current_instance().info(
            f'left out {len(rows) - len(kept)} of {len(rows)} listed pictures, which '
            f'are not in {folder!r}'
        )
    return kept


def compare_with_folder(
    lists: Mapping[str, Sequence[Row]], folder: str, needed: Collection[str]
) -> None:
    """Compare the lists of a folder with the pictures in it.

    Args:
        lists (Mapping[str, Sequence[Row]]): All lists of pictures in the folder, by
            name.
        folder (str): The folder.
        needed (Collection[str]): Names of the lists whose pictures must be there.

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
                f'{name!r}: {quote_first(twice)}.'
            )
        missing = [path for path in paths if path not in there]
        if missing and name in needed:
            raise FileNotFoundError(
                f'{len(missing)} of the {len(rows)} pictures of the list {name!r} are '
                f'missing: {quote_first(missing)}; to use a partial copy: check=False.'
            )
        listed |= dict.fromkeys(paths, name)
    if surplus := sorted(there - listed.keys()):
        raise ValueError(
            f'{len(surplus)} of {len(there)} pictures in {folder!r} are in no list: '
            f'{quote_first(surplus)}; to go by the lists alone: check=False.'
        )


def _pictures_of(folder: str) -> set[str]:
    if not os.path.isdir(folder):
        raise FileNotFoundError(f'No folder {folder!r}.')
    names = list_pictures(folder, recursive=True)
    return {os.path.join(folder, name) for name in names}
