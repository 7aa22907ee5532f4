"""Whether the pictures that a table or list names are there."""

import os
from collections.abc import Iterable, Sequence

from mmreid.datasets.reading.file_names import few
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.reading.special_files import find_special


def require_pictures(table: str, parts: Iterable[Sequence[Row]]) -> None:
    """Raise when a table's paths are of another folder, or of no files.

    Args:
        table: The table, or the lists.
        parts: The rows that it has.

    Raises:
        FileNotFoundError: None of the pictures is there.
        ValueError: Some are pipes, sockets or devices.
    """
    paths = [row.path for rows in parts for row in rows]
    if not any(map(os.path.isfile, paths)):  # as a rule, the first one is there
        raise FileNotFoundError(
            f'none of the {len(paths)} pictures of {table!r} is there: {few(paths)}; '
            'set data_root to the folder that the paths in the table belong to, or to '
            "None where that is the table's own"
        )
    if special := find_special(paths):
        raise ValueError(
            f'{len(special)} of {len(paths)} pictures of {table!r} are pipes, sockets '
            f'or devices: {few(special)}; take them out of the table'
        )
