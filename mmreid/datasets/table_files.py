"""Tables as files: which separator, encoding and spelling of columns they have."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

SEPARATORS = (',', ';', '\t', '|')
# What pandas and spreadsheets number the lines with.
_LINE_NUMBERS = re.compile(r'|unnamed: \d+|index')
# Columns, without signs between letters, that tell where in a frame the person is.
_BOXES = (
    *({'x1', 'y1', 'x2', 'y2'}, {'x0', 'y0', 'x1', 'y1'}, {'x', 'y', 'w', 'h'}),
    *({'xmin', 'ymin', 'xmax', 'ymax'}, {'left', 'top', 'right', 'bottom'}),
    *({'left', 'top', 'width', 'height'}, {'x', 'y', 'width', 'height'}),
    *({'xtl', 'ytl', 'xbr', 'ybr'}, {'bbx', 'bby', 'bbw', 'bbh'}),
    *({'box'}, {'bbox'}, {'boundingbox'}, {'roi'}, {'crop'}),
)
_CAMERAS = re.compile(r'cams?|cam(era)?[ _-]?(id|no|name|number)')


class Entry(NamedTuple):
    """A line of a table.

    Attributes:
        where: Which one, for error messages.
        values: What it says, by column in small letters.
    """

    where: str
    values: dict[str, Any]


def read_entries(path: str, required: Sequence[str]) -> tuple[list[str], list[Entry]]:
    """Read a table.

    Args:
        path: A JSON file with a list of objects, or a text file with a line of column
            names and comma, semicolon, tab or ``|`` between them; UTF-8 or UTF-16.
        required: Columns that it must have.

    Returns:
        The names of the columns, in small letters, and the entries that are not empty.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It cannot be read as such a table.
    """
    text = _read_text(path)
    if path.lower().endswith('.json'):
        return _read_json(path, text)
    separator = _find_separator(text, required)
    lines = io.StringIO(text, newline='')
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    try:
        return _read_lines(path, reader, required)
    except csv.Error as error:
        raise ValueError(f'{path!r}, line {reader.line_num}: {error}') from error


def find_unread(columns: Sequence[str], read: Sequence[str]) -> list[str]:
    """Return the columns that nobody reads, without numbers of lines.

    Args:
        columns: All columns.
        read: Those that are read.
    """
    return [
        column
        for column in columns
        if column not in read and not _LINE_NUMBERS.fullmatch(column)
    ]


def refuse_meaningful(path: str, columns: Sequence[str], unread: Sequence[str]) -> None:
    """Raise when a column that nobody reads would change what the others mean.

    Args:
        path: The table.
        columns: All its columns.
        unread: Those that nobody reads.

    Raises:
        ValueError: Columns tell boxes, or cameras by another name.
    """
    plain = {re.sub(r'[\W_]', '', column): column for column in unread}
    for box in _BOXES:
        if box <= plain.keys():
            raise ValueError(
                f'{path!r} tells boxes in the columns '
                f'{[plain[name] for name in sorted(box)]}, but whole pictures are '
                'read: cut the boxes out and name the cut pictures; if they are cut '
                'already, remove these columns or set check=False'
            )
    cameras = [column for column in unread if _CAMERAS.fullmatch(column)]
    if cameras and 'camera' not in columns:
        raise ValueError(
            f'{path!r} has the column {cameras[0]!r}, but cameras are read from '
            "'camera': rename it; to go without cameras, remove it or set check=False"
        )


def _read_text(path: str) -> str:
    """Decode a file, as the mark at its beginning says."""
    with open(path, 'rb') as file:
        content = file.read()
    marked = content.startswith((b'\xff\xfe', b'\xfe\xff'))
    try:
        return content.decode('utf-16' if marked else 'utf-8-sig')
    except UnicodeDecodeError as error:
        raise ValueError(
            f'{path!r} is not UTF-8 text ({error}); save it with that encoding, which '
            "spreadsheets call 'CSV UTF-8'"
        ) from error


def _read_json(path: str, text: str) -> tuple[list[str], list[Entry]]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError(f'{path!r} is no JSON: {error}') from error
    if not isinstance(found, list) or not all(isinstance(e, dict) for e in found):
        raise ValueError(f'{path!r} must hold a list of objects')
    entries = []
    columns: dict[str, None] = {}
    for number, entry in enumerate(found):
        names = _read_names(path, [*entry])
        columns |= dict.fromkeys(names)
        values = dict(zip(names, entry.values(), strict=True))
        entries.append(Entry(f'entry {number}', values))
    return [*columns], entries


def _read_lines(
    path: str, reader: Any, required: Sequence[str]
) -> tuple[list[str], list[Entry]]:
    first: list[str] = next(reader, [])
    columns = _read_names(path, first)
    if lacking := sorted({*required} - {*columns}):
        raise ValueError(
            f'{path!r} must have the columns {tuple(required)}, but lacks {lacking} '
            f'(its first line is {first})'
        )
    entries = []
    for cells in reader:
        where = f'line {reader.line_num}'
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise ValueError(
                f'{path!r}, {where}: {len(cells)} cells for {len(columns)} columns; '
                f'put " around what has a {reader.dialect.delimiter!r} in it'
            )
        if any(cell.strip() for cell in cells):
            entries.append(Entry(where, dict(zip(columns, cells, strict=False))))
    return columns, entries


def _read_names(path: str, names: Sequence[str]) -> list[str]:
    """Return names of columns as they are compared."""
    columns = [name.strip().lower() for name in names]
    if twice := [name for name, n in Counter(columns).items() if name and n > 1]:
        raise ValueError(f'{path!r} has the column {twice[0]!r} twice')
    return columns


def _find_separator(text: str, required: Sequence[str]) -> str:
    """Return what separates the required columns; a comma where nothing does."""
    first = text.splitlines()[0] if text.strip() else ''
    fitting = [
        sign
        for sign in SEPARATORS
        if {*required} <= {name.strip(' "').lower() for name in first.split(sign)}
    ]
    return fitting[0] if fitting else ','
