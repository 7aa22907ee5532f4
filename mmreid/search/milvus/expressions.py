"""Filters in Milvus' language."""

import json
import math

from mmreid.search.filters import Filter
from mmreid.search.milvus.schema import field_key, text_key

_NOBODY = 'id < 0'


def expression(where: Filter | None) -> str:
    """Express a filter.

    Args:
        where (Filter, optional): None lets all pass.

    Returns:
        str: Conditions joined by ``and``; ``''`` for none.
    """
    if where is None:
        return ''
    parts = []
    for column, wanted, unwanted in (
        ('camera_key', where.cameras, where.not_cameras),
        ('person_key', where.persons, where.not_persons),
    ):
        if wanted is not None:
            parts.append(_among(column, [text_key(text) for text in wanted]))
        if unwanted:
            listed = json.dumps([text_key(text) for text in unwanted])
            parts.append(f'not ({column} in {listed})')
    if where.time is not None:
        parts += _times(*where.time)
    for name, values in (where.fields or {}).items():
        keys = [field_key(name, value) for value in values]
        parts.append(_among('field_keys', keys, array=True))
    return ' and '.join(parts)


def _among(column: str, keys: list[str], array: bool = False) -> str:
    if not keys:
        return _NOBODY
    listed = json.dumps(keys)
    if array:
        return f'array_contains_any({column}, {listed})'
    return f'{column} in {listed}'


def _times(start: float | None, end: float | None) -> list[str]:
    parts = ['time is not null']
    if start == math.inf or end == -math.inf:
        return [_NOBODY]
    for sign, limit in (('>=', start), ('<=', end)):
        if limit is not None and math.isfinite(limit):
            parts.append(f'time {sign} {limit!r}')
    return parts
