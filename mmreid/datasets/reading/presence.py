"""Whether the pictures that a table or list names are there."""

from collections.abc import Iterable, Sequence

from mmreid.datasets.reading.file_names import few
from mmreid.datasets.reading.folders import warn_once
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.reading.special_files import find_odd


def require_pictures(table: str, parts: Iterable[Sequence[Row]]) -> None:
    """Raise when a table's paths are of another folder or no files; count missing ones.

    Args:
        table: The table, or the lists.
        parts: The rows that it has.

    Raises:
        FileNotFoundError: None of the pictures is there.
        ValueError: Some are pipes, sockets or devices.
    """
    paths = [row.path for rows in parts for row in rows]
    missing, special = find_odd(paths)
    if len(missing) == len({*paths}):
        raise FileNotFoundError(
            f'none of the {len(paths)} pictures of {table!r} is there: {few(paths)}; '
            'set data_root to the folder that the paths in the table belong to, or to '
            "None where that is the table's own"
        )
    if special:
        raise ValueError(
            f'{len(special)} of {len(paths)} pictures of {table!r} are pipes, sockets '
            f'or devices: {few(special)}; take them out of the table'
        )
    if missing:
        warn_once(
            f'{len(missing):,} of {len(paths):,} pictures of {table!r} are missing, '
            f'and reading one of them ends the run: {few(missing)}'
        )
