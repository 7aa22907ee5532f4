"""The queries with the worst answers, to look at."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmreid.evaluation.functional.ranking.camera_pairs import hardest_queries
from mmreid.evaluation.result import QueryTable
from mmreid.text_tables import format_number, format_table


def list_hardest(table: QueryTable, count: int) -> list[dict[str, Any]]:
    """List the queries with the lowest average precision, the lowest first.

    Args:
        table (QueryTable): What each query contributes.
        count (int): How many, at most.

    Returns:
        list[dict[str, Any]]: Path, person, camera, average precision in percent and
        the rank of the first right answer of each.
    """
    rows = table.take(hardest_queries(table.scores['mAP'], table.rank, count))
    columns = dict(
        path=rows.path,
        person_id=rows.person_id,
        cam_id=rows.cam_id,
        average_precision=100 * rows.scores['mAP'],
        rank=rows.rank,
    )
    values = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in values]


def format_hardest(queries: Sequence[Mapping[str, Any]]) -> str:
    """Lay out the hardest queries.

    Args:
        queries (Sequence[Mapping[str, Any]]): From :func:`list_hardest`.

    Returns:
        str: A table.
    """
    head = ['AP', 'first right', 'person', 'camera', 'hardest queries']
    rows = [
        [
            format_number(query['average_precision']),
            f'{query["rank"]:g}',
            str(query['person_id']),
            str(query['cam_id']),
            query['path'] or '(no path in the file)',
        ]
        for query in queries
    ]
    return format_table([head, *rows], left=(4,))
