"""Results on the same queries, brought into one order."""

from collections.abc import Sequence

import numpy as np

from mmreid.evaluation.features.key import below_common_folder
from mmreid.evaluation.result import QueryTable


def align_queries(tables: Sequence[QueryTable]) -> list[QueryTable]:
    """Bring the tables of several results on the same queries into one order.

    Queries are known by their paths, counted from the folder that all share, or by
    their file names where only these agree; where a table has no paths, by their
    person and camera, which where they have several queries must stand in one order.

    Args:
        tables (Sequence[QueryTable]): At least one; the first one's order is kept.

    Returns:
        list[QueryTable]: The tables, with the rows that all of them evaluate, which
        must be the same.

    Raises:
        ValueError: Other queries, or other queries left out.
    """
    first = tables[0]
    aligned = []
    for number, table in enumerate(tables, 1):
        if len(table) != len(first):
            raise ValueError(
                f'Result 1 has {len(first)} queries and result {number} has '
                f'{len(table)}; only results on the same queries can be compared.'
            )
        ordered = table.take(match_queries(first, table, number))
        differ = ordered.valid != first.valid
        if differ.any():
            raise ValueError(
                f'{int(differ.sum())} queries are evaluated in result 1 or in result '
                f'{number} only, the first of them {_name(first, int(differ.argmax()))}'
                ': their galleries or their rules differ.'
            )
        aligned.append(ordered.take(first.valid))
    return aligned


def match_queries(first: QueryTable, table: QueryTable, number: int = 2) -> np.ndarray:
    """Find the queries of one table in another, as :func:`align_queries` does.

    Args:
        first (QueryTable): Whose order counts.
        table (QueryTable): With as many queries.
        number (int): Of the table, for errors. Defaults to 2.

    Returns:
        np.ndarray: ``(n,)`` int64, which row of the table each query of the first has.

    Raises:
        ValueError: Other queries.
    """
    both = (first, table)
    if all(all(t.path) for t in both):
        below, names = (
            [find(t.path) for t in both] for find in (below_common_folder, _file_names)
        )
        # One may have been read from a folder, and the other from its parent.
        wanted, there = below if set(below[0]) == set(below[1]) else names
        if len(set(wanted)) == len(wanted) and len(set(there)) == len(there):
            return _pair(wanted, there, number)
    wanted, there = (
        [
            f'person {p} in camera {c}'
            for p, c in zip(t.person_id, t.cam_id, strict=True)
        ]
        for t in both
    )
    if wanted == there:
        return np.arange(len(first))
    if len(set(wanted)) == len(wanted) and len(set(there)) == len(there):
        return _pair(wanted, there, number)
    place = next(i for i in range(len(wanted)) if wanted[i] != there[i])
    raise ValueError(
        f'Results 1 and {number} do not name their pictures, and from query {place} on '
        'their persons or cameras differ, some of which have several queries; only '
        'results on the same queries can be compared. Give files with the paths of '
        'pictures, or write the queries in one order.'
    )


def _pair(wanted: Sequence[str], there: Sequence[str], number: int) -> np.ndarray:
    """Return where each of the wanted names, all of them different, is there."""
    place = {name: row for row, name in enumerate(there)}
    missing = [name for name in wanted if name not in place]
    if missing:
        raise ValueError(
            f'{len(missing)} of the {len(wanted)} queries of result 1 are not among '
            f'those of result {number}, the first of them {missing[0]}; only results '
            'on the same queries can be compared.'
        )
    return np.array([place[name] for name in wanted], np.int64)


def _file_names(paths: np.ndarray) -> list[str]:
    return [str(path).replace('\\', '/').rpartition('/')[2] for path in paths]


def _name(table: QueryTable, row: int) -> str:
    return str(table.path[row]) or f'number {row}'
