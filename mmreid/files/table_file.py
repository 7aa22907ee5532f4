"""Tables as files: which separator, encoding and spelling of columns they have."""

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mmreid.files.text_file import read_text
from mmreid.files.whole_file import whole_file

SEPARATORS = (',', ';', '\t', '|')
# Put after the last line: a quotation mark that nothing closes swallows it.
_END = '\x04'


class Entry(NamedTuple):
    """A line of a table.

    Attributes:
        where: Which one, for error messages.
        values: What it says, by column in small letters.
    """

    where: str
    values: dict[str, Any]

    def text(self, column: str) -> str:
        """Return what stands in a column, ``''`` where nothing does.

        Args:
            column (str): Its name in small letters.
        """
        value = self.values.get(column)
        return '' if value is None else str(value).strip()


def read_entries(
    path: str, required: Sequence[str], hint: str = ''
) -> tuple[dict[str, str], list[Entry]]:
    """Read a table.

    Args:
        path (str): A JSON file with a list of objects, or a text file with a line of
            column names and comma, semicolon, tab or ``|`` between them; UTF-8 or
            UTF-16.
        required (Sequence[str]): Columns that it must have.
        hint (str): Said where it lacks them. Defaults to ``''``.

    Returns:
        tuple[dict[str, str], list[Entry]]: How each column is written, by its name in
        small letters, and the entries that are not empty.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It cannot be read as such a table.
    """
    text = read_text(path)
    if path.lower().endswith('.json'):
        columns, entries = _read_json(path, text)
        if entries:
            _require(path, columns, required, hint)
        return columns, entries
    separator = _find_separator(text, required)
    lines = _read_lines(path, text, separator)
    _, first = next(lines, ('', []))
    names = _read_names(path, first)
    columns = dict(zip(names, map(str.strip, first), strict=True))
    _require(path, columns, required, hint)
    entries = []
    for where, cells in lines:
        if any(cell.strip() for cell in cells[len(names) :]):
            raise ValueError(
                f'{path!r}, {where}: {len(cells)} cells for {len(names)} columns; '
                f'put " around what has a {separator!r} in it.'
            )
        if any(cell.strip() for cell in cells):
            entries.append(Entry(where, dict(zip(names, cells, strict=False))))
    return columns, entries


def write_rows(
    path: str | os.PathLike, columns: Iterable[str], rows: Iterable[Iterable]
) -> None:
    """Write a table that :func:`read_entries` reads, the whole file or none.

    Args:
        path (str | os.PathLike): A CSV file; missing folders are made.
        columns (Iterable[str]): Names of the columns.
        rows (Iterable[Iterable]): The cells of each row; None is an empty cell.

    Raises:
        OSError: The file cannot be written; the message names it.
    """
    with (
        whole_file(path) as unfinished,
        unfinished.open('w', encoding='utf-8', newline='') as file,
    ):
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(columns)
        writer.writerows(rows)


def _require(
    path: str, columns: Mapping[str, str], required: Sequence[str], hint: str
) -> None:
    if lacking := sorted({*required} - {*columns}):
        raise ValueError(
            f'{path!r} must have the columns {tuple(required)}, but lacks {lacking} '
            f'(it has {[*columns.values()]}){hint}.'
        )


def _read_json(path: str, text: str) -> tuple[dict[str, str], list[Entry]]:
    try:
        content = json.loads(text, object_pairs_hook=_refuse_twice)
    except ValueError as error:
        raise ValueError(f'{path!r} is no sound JSON: {error}.') from error
    if not isinstance(content, list) or not all(isinstance(e, dict) for e in content):
        raise ValueError(f'{path!r} must hold a list of objects.')
    entries = []
    columns: dict[str, str] = {}
    for number, entry in enumerate(content):
        names = _read_names(path, [*entry])
        for name, written in zip(names, entry, strict=True):
            columns.setdefault(name, written.strip())
        values = dict(zip(names, entry.values(), strict=True))
        entries.append(Entry(f'entry {number}', values))
    return columns, entries


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of JSON, of which Python would keep the last of equal keys."""
    if twice := [key for key, n in Counter(key for key, _ in pairs).items() if n > 1]:
        raise ValueError(f'an object has the key {twice[0]!r} twice')
    return dict(pairs)


def _read_lines(path: str, text: str, separator: str) -> Iterator[tuple[str, list]]:
    """Yield the cells of every line, and which line it is, from the header on."""
    lines = io.StringIO(f'{text}\n{_END}\n', newline='')
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    number, begun = 0, False
    try:
        for cells in reader:
            if cells and cells[-1].endswith(f'\n{_END}\n'):
                raise csv.Error('a " is opened that nothing closes')
            number = reader.line_num
            begun = begun or _is_header(cells)
            if begun and cells != [_END]:
                yield f'line {number}', cells
    except csv.Error as error:
        raise ValueError(f'{path!r}, line {number + 1}: {error}.') from error


def _read_names(path: str, names: Sequence[str]) -> list[str]:
    """Return names of columns as they are compared."""
    columns = [name.strip().lower() for name in names]
    if twice := [name for name, n in Counter(columns).items() if name and n > 1]:
        raise ValueError(f'{path!r} has the column {twice[0]!r} twice.')
    return columns


def _find_separator(text: str, required: Sequence[str]) -> str:
    """Return what separates the required columns; a comma where nothing does."""
    first = next((line for line in text.splitlines() if _is_header([line])), '')
    fitting = [
        sign
        for sign in SEPARATORS
        if {*required} <= {name.strip(' "').lower() for name in first.split(sign)}
    ]
    return fitting[0] if fitting else ','


def _is_header(cells: Sequence[str]) -> bool:
    """Return whether a line may be the header: not empty, nor Excel's ``sep=;``."""
    written = ''.join(cells).strip()
    return written not in ('', _END) and not written.lower().startswith('sep=')
