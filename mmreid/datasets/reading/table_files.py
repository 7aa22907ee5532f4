"""Tables as files: which separator, encoding and spelling of columns they have."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

SEPARATORS = (',', ';', '\t', '|')
# Put after the last line: a quotation mark that nothing closes swallows it.
_END = '\x04'
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


def read_text(path: str) -> str:
    """Decode a file: UTF-8, or UTF-16 where the mark at its beginning says so.

    Args:
        path (str): The file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It has another encoding.
    """
    with open(path, 'rb') as file:
        content = file.read()
    marked = content.startswith((b'\xff\xfe', b'\xfe\xff'))
    try:
        return content.decode('utf-16' if marked else 'utf-8-sig')
    except UnicodeDecodeError as error:
        raise ValueError(
            f'{path!r} is not UTF-8 text ({error}); save it with that encoding, which '
            "spreadsheets call 'CSV UTF-8'."
        ) from error


def read_entries(path: str, required: Sequence[str]) -> tuple[list[str], list[Entry]]:
    """Read a table.

    Args:
        path (str): A JSON file with a list of objects, or a text file with a line of
            column names and comma, semicolon, tab or ``|`` between them; UTF-8 or
            UTF-16.
        required (Sequence[str]): Columns that it must have.

    Returns:
        tuple[list[str], list[Entry]]: The names of the columns, in small letters, and
        the entries that are not empty.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It cannot be read as such a table.
    """
    text = read_text(path)
    if path.lower().endswith('.json'):
        return _read_json(path, text)
    separator = _find_separator(text, required)
    lines = _read_lines(path, text, separator)
    _, first = next(lines, ('', []))
    columns = _read_names(path, first)
    if lacking := sorted({*required} - {*columns}):
        raise ValueError(
            f'{path!r} must have the columns {tuple(required)}, but lacks {lacking} '
            f'(its first line is {first}); lists with a path and a label in every line '
            'are given as table=dict(train=..., query=..., gallery=...).'
        )
    entries = []
    for where, cells in lines:
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise ValueError(
                f'{path!r}, {where}: {len(cells)} cells for {len(columns)} columns; '
                f'put " around what has a {separator!r} in it.'
            )
        if any(cell.strip() for cell in cells):
            entries.append(Entry(where, dict(zip(columns, cells, strict=False))))
    return columns, entries


def find_unread(columns: Sequence[str], read: Sequence[str]) -> list[str]:
    """Return the columns that nobody reads, without numbers of lines.

    Args:
        columns (Sequence[str]): All columns.
        read (Sequence[str]): Those that are read.
    """
    return [
        column
        for column in columns
        if column not in read and not _LINE_NUMBERS.fullmatch(column)
    ]


def refuse_meaningful(path: str, columns: Sequence[str], unread: Sequence[str]) -> None:
    """Raise when a column that nobody reads would change what the others mean.

    Args:
        path (str): The table.
        columns (Sequence[str]): All its columns.
        unread (Sequence[str]): Those that nobody reads.

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
                'already, remove these columns or set check=False.'
            )
    cameras = [column for column in unread if _CAMERAS.fullmatch(column)]
    if cameras and 'camera' not in columns:
        raise ValueError(
            f'{path!r} has the column {cameras[0]!r}, but cameras are read from '
            "'camera': rename it; to go without cameras, remove it or set check=False."
        )


def _read_json(path: str, text: str) -> tuple[list[str], list[Entry]]:
    try:
        content = json.loads(text, object_pairs_hook=_refuse_twice)
    except ValueError as error:
        raise ValueError(f'{path!r} is no sound JSON: {error}.') from error
    if not isinstance(content, list) or not all(isinstance(e, dict) for e in content):
        raise ValueError(f'{path!r} must hold a list of objects.')
    entries = []
    columns: dict[str, None] = {}
    for number, entry in enumerate(content):
        names = _read_names(path, [*entry])
        columns |= dict.fromkeys(names)
        values = dict(zip(names, entry.values(), strict=True))
        entries.append(Entry(f'entry {number}', values))
    return [*columns], entries


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
