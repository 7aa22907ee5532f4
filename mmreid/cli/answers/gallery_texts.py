"""Answers of ``mmreid gallery`` in words."""

from typing import Any

# What people ask of an operating point; its curve is for programs.
_POINT = ('threshold', 'rate', 'task')


def tell(action: str, result: dict[str, Any]) -> str:
    """Express an answer in lines.

    Args:
        action (str): That gave it.
        result (dict[str, Any]): By name.

    Returns:
        str: A table a query for a search, else a line a name; failures are told
        elsewhere.
    """
    if action == 'search':
        return '\n'.join(map(_answers, result['queries']))
    told = {name: value for name, value in result.items() if name != 'failures'}
    if point := told.get('operating_point'):
        told['operating_point'] = {name: point[name] for name in _POINT}
    return '\n'.join(f'{name}: {_plain(value)}' for name, value in told.items())


def _answers(query: dict[str, Any]) -> str:
    from mmreid.text_tables import format_table

    verdict = ': unknown' if query['known'] is False else ''
    title = f'{query["query"] or "query"}{verdict}'
    head = ['id', 'distance', 'person', 'camera', 'time', 'path']
    rows = [
        [f'{a["distance"]:.4f}' if c == 'distance' else _cell(a[c]) for c in head]
        for a in query['answers']
    ]
    table = format_table([head, *rows], (2, 3, 5)) if rows else 'no answer'
    return f'{title}\n{table}'


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ', '.join(f'{n} {_plain(v)}' for n, v in value.items()) or '-'
    if isinstance(value, list | tuple):
        return ', '.join(map(_plain, value))
    return _cell(value)


def _cell(value: Any) -> str:
    return '-' if value is None else str(value)
