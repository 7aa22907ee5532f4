"""Filters as SQL."""

import json
from typing import Any

from mmreid.search.filters import Filter

_LISTED = '(SELECT value FROM json_each(?))'


def condition(where: Filter | None) -> tuple[str, list[Any]]:
    """Express a filter as what stands behind WHERE.

    Args:
        where (Filter, optional): None lets all pass.

    Returns:
        tuple[str, list[Any]]: The text and its parameters.
    """
    parts = ['1']
    values: list[Any] = []
    if where is None:
        return '1', values
    for column, wanted, unwanted in (
        ('camera', where.cameras, where.not_cameras),
        ('person', where.persons, where.not_persons),
    ):
        if wanted is not None:
            parts.append(f'{column} IN {_LISTED}')
            values.append(json.dumps(wanted))
        if unwanted is not None:
            parts.append(f'({column} IS NULL OR {column} NOT IN {_LISTED})')
            values.append(json.dumps(unwanted))
    if where.time is not None:
        parts.append('time IS NOT NULL')
        for sign, limit in zip(('>=', '<='), where.time, strict=True):
            if limit is not None:
                parts.append(f'time {sign} ?')
                values.append(limit)
    for name, listed in (where.fields or {}).items():
        parts.append(f'json_extract(fields, ?) IN {_LISTED}')
        # SQLite compares names as they are escaped, which json.dumps does alike here
        # and in what is kept.
        values += [f'$.{json.dumps(name)}', json.dumps(listed)]
    return ' AND '.join(parts), values
