"""A table that says something of pictures: which row is whose."""

import os
from collections.abc import Sequence

from mmreid.files import Entry, read_entries


class PictureTable:
    """The rows of a table by their pictures.

    Args:
        path (str | os.PathLike): CSV or JSON, see :func:`mmreid.files.read_entries`,
            with the column ``path``: a picture, seen from the table's folder, or from
            here where it is only there.
        required (Sequence[str]): Other columns that it must have.
            Defaults to ``()``.

    Attributes:
        columns: How each column is written, by its name in small letters.

    Raises:
        OSError: The table cannot be read.
        ValueError: It is broken, a row names no picture, or two name the same one.
    """

    def __init__(self, path: str | os.PathLike, required: Sequence[str] = ()) -> None:
        name = os.fspath(path)
        self.columns, entries = read_entries(name, ('path', *required))
        folder = os.path.dirname(os.path.abspath(name))
        self._rows: dict[str, Entry] = {}
        for entry in entries:
            picture = entry.text('path')
            if not picture:
                raise ValueError(f'{name!r}, {entry.where}: path names no picture.')
            before = self._rows.setdefault(_find(picture, folder), entry)
            if before is not entry:
                raise ValueError(
                    f'{name!r}: {before.where} and {entry.where} are both of '
                    f'{picture!r}; remove one of them.'
                )

    def find(self, picture: str) -> Entry | None:
        """Return the row of a picture, None where there is none.

        Args:
            picture (str): Its file.
        """
        return self._rows.get(os.path.realpath(picture))


def _find(picture: str, folder: str) -> str:
    beside = os.path.join(folder, picture)
    only_here = not os.path.lexists(beside) and os.path.lexists(picture)
    return os.path.realpath(picture if only_here else beside)
