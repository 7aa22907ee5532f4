"""Tables of pictures: a CSV or JSON file becomes rows, and rows a CSV file."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mmreid.datasets.reading.file_names import LABELS, locate_picture
from mmreid.datasets.reading.folders import warn_once
from mmreid.datasets.reading.labels import read_label
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.reading.times import CLOCKS, read_clock
from mmreid.datasets.reading.unread_columns import find_unread, refuse_meaningful
from mmreid.files import Entry, read_entries, write_rows

COLUMNS = ('path', 'person', 'camera', 'clothes', 'tracklet', *CLOCKS, 'split')
REQUIRED = ('path', 'person', 'split')
# Columns that are written where a row tells them.
_IF_TOLD = ('tracklet', *CLOCKS)
_HINT = (
    '; lists with a path and a label in every line are given as '
    'table=dict(train=..., query=..., gallery=...)'
)


def read_table(
    path: str, root: str | None = None, strict: bool = True
) -> dict[str, list[Row]]:
    """Read a table of pictures.

    Args:
        path (str): A CSV file with a header, or a JSON file with a list of objects, see
            :func:`mmreid.files.read_entries`. Columns ``path``, ``person`` and
            ``split`` (train, query, gallery, ...); ``camera``, ``clothes``,
            ``tracklet``, ``time`` and ``frame`` may be missing. A warning names others.
        root (str, optional): Folder to which the paths in the table belong. Defaults to
            None: the table's own.
        strict (bool): Raise when a column that is not read would change what the others
            mean: boxes, cameras by another name.

    Returns:
        dict[str, list[Row]]: The rows of each value of ``split`` in small letters, in
        their order.

    Raises:
        FileNotFoundError: There is no such table.
        ValueError: It is broken, a column or value is missing, or a picture is named
            twice in one split.
    """
    root = os.path.dirname(os.path.abspath(path)) if root is None else root
    entries = read_known(path, REQUIRED, COLUMNS, strict, _HINT)
    parts: dict[str, list[Row]] = {}
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        part, row = _read_entry(path, root, entry)
        use = (part, os.path.normpath(row.path))
        if use in seen:
            raise ValueError(
                f'{path!r}, {entry.where}: {entry.values["path"]!r} is there twice in '
                f'split {part!r}; remove one of the two.'
            )
        seen.add(use)
        parts.setdefault(part, []).append(row)
    if not parts:
        raise ValueError(f'{path!r} has no row.')
    written = Counter(str(entry.values['split']) for entry in entries)
    if odd := {name: n for name, n in written.items() if name not in parts}:
        spellings = ', '.join(f'{name!r} ({n:,} rows)' for name, n in odd.items())
        warn_once(
            f'{path!r}: blanks and capital letters in split do not count: {spellings}'
        )
    return parts


def read_known(
    path: str,
    required: Sequence[str],
    told: Sequence[str],
    strict: bool = True,
    hint: str = '',
) -> list[Entry]:
    """Read the entries of a table, and name the columns that nobody reads.

    Args:
        path (str): As of :func:`read_table`.
        required (Sequence[str]): Columns that must be there.
        told (Sequence[str]): Columns that are read, for the warning.
        strict (bool): As of :func:`read_table`. Defaults to True.
        hint (str): As of :func:`mmreid.files.read_entries`. Defaults to ``''``.

    Returns:
        list[Entry]: In the order of the table.

    Raises:
        FileNotFoundError: There is no such table.
        ValueError: It is broken, lacks a column, or has one that would change what the
            others mean.
    """
    columns, entries = read_entries(path, required, hint)
    if unread := find_unread(columns, COLUMNS):
        if strict:
            refuse_meaningful(path, columns, unread)
        warn_once(f'{path!r}: nobody reads the columns {unread}, only {told}')
    return entries


def take_part(path: str, tables: Mapping[str, list[Row]], part: str) -> list[Row]:
    """Return the rows of a part of a table.

    Args:
        path (str): The table.
        tables (Mapping[str, list[Row]]): Its rows by part.
        part (str): Which one.

    Raises:
        ValueError: There are none.
    """
    if part not in tables:
        raise ValueError(
            f'{path!r} has no picture whose split is {part!r}, only {sorted(tables)}.'
        )
    return tables[part]


def warn_unused(
    path: str, tables: Mapping[str, Sequence[Row]], splits: Iterable[Sequence[str]]
) -> None:
    """Warn of rows of a table that are in no part of any split.

    Args:
        path (str): The table.
        tables (Mapping[str, Sequence[Row]]): Its rows by part.
        splits (Iterable[Sequence[str]]): The parts of each split.
    """
    known = sorted({part for parts in splits for part in parts})
    unused = [f'{name!r} ({len(tables[name]):,} rows)' for name in {*tables} - {*known}]
    if unused:
        warn_once(
            f'{path!r}: nobody uses the rows whose split is '
            f'{", ".join(sorted(unused))}; used are {known}'
        )


def _read_entry(path: str, root: str, entry: Entry) -> tuple[str, Row]:
    """Read the part and the row that an entry of a table tells."""
    cells = read_cells(path, entry, LABELS)
    texts = {name: entry.text(name) for name in ('path', 'split')}
    lacking = [name for name in ('path', 'split') if not texts[name]]
    if cells['person'] is None:
        lacking.append('person')
    if lacking:
        raise ValueError(
            f'{path!r}, {entry.where}: no value for {lacking}, but '
            f'{entry.values.get(lacking[0])!r}; a person whom nobody knows is -1 '
            '(ignored in ranking) or 0 (a wrong answer to every query).'
        )
    return texts['split'].lower(), Row(locate_picture(root, texts['path']), **cells)


def read_cells(path: str, entry: Entry, names: Sequence[str]) -> dict[str, Any]:
    """Read the labels and the time that an entry of a table tells.

    Args:
        path (str): The table, for error messages.
        entry (Entry): Its entry.
        names (Sequence[str]): Of ``LABELS``, which to read.

    Returns:
        dict[str, Any]: Each as it is written, None where it is missing; ``time`` and
        ``clock`` where the entry tells a time.

    Raises:
        ValueError: A value cannot be read, or a cell has several lines.
    """
    values = entry.values
    try:
        labels = {name: _label(values.get(name)) for name in names}
        clock = read_clock(values)
    except ValueError as error:
        raise ValueError(f'{path!r}, {entry.where}: {error}') from error
    texts = {name: entry.text(name) for name in COLUMNS}
    if broken := [name for name, text in texts.items() if '\n' in text]:
        raise ValueError(
            f'{path!r}, {entry.where}: several lines in {broken}, '
            f'{texts[broken[0]]!r}; '
            'close each " on the line that opens it.'
        )
    return labels | clock


def write_table(path: str, parts: Mapping[str, Iterable[Row]]) -> None:
    """Write a CSV table that :func:`read_table` reads; whole or not at all.

    Args:
        path (str): The file; paths below its folder are written relative to it.
        parts (Mapping[str, Iterable[Row]]): The rows of each value of ``split``.
    """
    root = os.path.dirname(os.path.abspath(path))
    rows = {part: [*own] for part, own in parts.items()}
    lines: list[dict[str, Any]] = []
    for part, own in rows.items():
        for row in own:
            name = row.path.removeprefix(root + os.sep).replace(os.sep, '/')
            times = {n: row.time for n, clock in CLOCKS.items() if clock == row.clock}
            labels = {k: v for k, v in row._asdict().items() if k != 'time'}
            lines.append(labels | times | dict(path=name, split=part))
    told = {name for line in lines for name in _IF_TOLD if line.get(name) is not None}
    columns = [name for name in COLUMNS if name in told or name not in _IF_TOLD]
    write_rows(path, columns, [[line.get(n) for n in columns] for line in lines])


def _label(value: Any) -> Any:
    """Return a label as it is written, None where it is missing."""
    if read_label(value) is None:
        return None
    return value.strip() if isinstance(value, str) else value
