"""Persons and cameras of pictures, from their names or from a table."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from mmreid.apis.picture_table import PictureTable
from mmreid.datasets.reading.file_names import compile_pattern, match_end

_KINDS = dict(person='person_id', camera='cam_id')


def label_by_name(paths: Sequence[str], pattern: str) -> dict[str, np.ndarray]:
    """Read persons and cameras from file names.

    Args:
        paths (Sequence[str]): Files.
        pattern (str): A regular expression of names without suffix, or of these with
            folders above, with the groups ``person`` and perhaps ``camera``.

    Returns:
        dict[str, np.ndarray]: ``person_id``, ``cam_id`` where there are cameras, and
        ``is_query`` where a folder is called ``query``.

    Raises:
        ValueError: The pattern is none, or a name does not fit.
    """
    compiled = compile_pattern(pattern)
    matches = [match_end(compiled, path) for path in paths]
    found = [m.groupdict() if m and m['person'] else None for m in matches]
    _refuse_missing(paths, found, f'--pattern "{pattern}" does not fit')
    queries = ['query' in PurePath(path).parts[:-1] for path in paths]
    return _number(found) | _queries(queries)


def label_by_table(paths: Sequence[str], table: str) -> dict[str, np.ndarray]:
    """Read persons and cameras from a table.

    Args:
        paths (Sequence[str]): Files.
        table (str): CSV or JSON with the columns ``path`` (from the table's folder),
            ``person`` and perhaps ``camera`` and ``split``, which is ``query`` of
            queries.

    Returns:
        dict[str, np.ndarray]: As of :func:`label_by_name`.

    Raises:
        ValueError: The table is broken, or a picture is in it twice, without a person,
            or not at all.
    """
    read = PictureTable(table, ('person',))
    rows = [read.find(path) for path in paths]
    _refuse_missing(paths, rows, f'--labels {table} does not name')
    found = [row for row in rows if row is not None]
    if unknown := [row.where for row in found if not row.text('person')]:
        raise ValueError(
            f'--labels {table}, {unknown[0]}: no value for person; somebody whom '
            'nobody knows is -1 (ignored in ranking) or 0 (a wrong answer to every '
            'query).'
        )
    queries = [row.text('split').lower() == 'query' for row in found]
    return _number([row.values for row in found]) | _queries(queries)


def _refuse_missing(paths: Sequence[str], found: Sequence[Any], what: str) -> None:
    """Refuse pictures without label."""
    missing = [path for path, row in zip(paths, found, strict=True) if row is None]
    if missing:
        raise ValueError(
            f'{what} {len(missing):,} of {len(paths):,} pictures, the first is '
            f'{missing[0]!r}.'
        )


def _queries(queries: Sequence[bool]) -> dict[str, np.ndarray]:
    return dict(is_query=np.array(queries, bool)) if any(queries) else {}


def _number(rows: Sequence[Mapping[str, Any] | None]) -> dict[str, np.ndarray]:
    """Turn labels into whole numbers; names by their place among all, sorted."""
    columns = {}
    for kind, name in _KINDS.items():
        values = [(row or {}).get(kind) for row in rows]
        words = ['' if value is None else str(value).strip() for value in values]
        if not any(words):
            continue
        if all(map(_is_whole, words)):
            columns[name] = np.array([*map(int, words)], np.int64)
        else:
            # From 1 on: person 0 is a distractor.
            columns[name] = (
                np.unique(words, return_inverse=True)[1].astype(np.int64) + 1
            )
            columns[f'{kind}_name'] = np.array(words, np.str_)
    return columns


def _is_whole(word: str) -> bool:
    return word.lstrip('-').isdecimal()
