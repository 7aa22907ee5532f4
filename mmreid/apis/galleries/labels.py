"""What a gallery is told of pictures, by a table or by their names."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mmreid.apis.picture_table import PictureTable
from mmreid.datasets.reading.file_names import match_end

# Columns of a table, and what galleries call them.
_COLUMNS = dict(person='persons', camera='cameras', time='times')


def read_labels(
    paths: Sequence[str], table: Path | None, pattern: str | None
) -> dict[str, list[Any]]:
    """Find what a table or file names tell of pictures.

    Args:
        paths (Sequence[str]): The pictures.
        table (Path, optional): CSV or JSON with a column ``path``, and ``person``,
            ``camera``, ``time`` if known; other columns become fields.
        pattern (str, optional): Regular expression with groups of these names, of a
            whole file name without its suffix, or of one with folders above it.

    Returns:
        dict[str, list]: As :meth:`mmreid.search.BaseGallery.add` takes them.

    Raises:
        OSError: The table cannot be read.
        ValueError: It is broken or names a picture twice; or a picture that the table
            or the pattern does not know, named.
    """
    if table is None and pattern is None:
        return {}
    find = _table_rows(table) if table else _matches(paths, str(pattern))
    labels: dict[str, list[Any]] = dict(persons=[], cameras=[], times=[], fields=[])
    for path in paths:
        row = {n: value for n, value in find(path).items() if value not in (None, '')}
        for column, name in _COLUMNS.items():
            labels[name].append(row.pop(column, None))
        labels['fields'].append(row)
    labels['times'] = [*map(_seconds, labels['times'])]
    return labels


def _seconds(text: str | None) -> Any:
    """Read a time; what is none is left for the gallery, which names its row."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def _matches(paths: Sequence[str], pattern: str) -> Callable[[str], dict[str, Any]]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f'pattern "{pattern}" is no expression: {error}.') from error
    found = {path: match_end(compiled, path) for path in paths}
    for path, match in found.items():
        if match is None:
            raise ValueError(
                f'pattern "{pattern}" does not fit {path}: it must be of the whole '
                'name without its suffix; .* at its end passes over what follows.'
            )
    groups = {path: match.groupdict() for path, match in found.items() if match}
    return groups.__getitem__


def _table_rows(path: Path) -> Callable[[str], dict[str, Any]]:
    table = PictureTable(path)
    written = {name: table.columns[name] for name in table.columns if name != 'path'}

    def find(picture: str) -> dict[str, Any]:
        """Return the row of a picture; fields are called as they are written."""
        entry = table.find(picture)
        if entry is None:
            raise ValueError(f'{path} has no row for {picture}; add one.')
        lacking = [name for name in table.columns if name not in entry.values]
        if lacking:
            raise ValueError(
                f'{path}, {entry.where}: not as many cells as columns, {lacking} '
                'have none.'
            )
        known = {column: entry.text(column) for column in _COLUMNS}
        fields = {
            written[name]: value
            for name, value in entry.values.items()
            if name in written and name not in _COLUMNS
        }
        return fields | known

    return find
