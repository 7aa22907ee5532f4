"""The scores of single queries: kept, read back and put side by side."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.evaluation.features.key import below_common_folder
from mmreid.evaluation.functional.ranking.scores import RankingResult
from mmreid.evaluation.functional.ranking.single_shot import SingleShotResult
from mmreid.evaluation.test_set import Features

# What a column is called in a file -> the score that its mean is.
_MEANS = {'average_precision': 'mAP', 'inverse_negative_penalty': 'mINP'}
_LABELS = ('path', 'person_id', 'cam_id', 'rank')


@dataclass(frozen=True, eq=False)
class QueryTable:
    """What each query contributes to the scores.

    Attributes:
        path: ``(n,)`` unicode; empty strings where not known.
        person_id: ``(n,)`` int64.
        cam_id: ``(n,)`` int64.
        rank: ``(n,)`` float64 rank of the first right answer (its mean where galleries
            are drawn); NaN where the query is left out.
        scores: ``(n,)`` float64 fractions by name, ``mAP``, ``mINP``, ``R1``, ...,
            whose means are the scores of these names; NaN where the query is left out.
    """

    path: np.ndarray
    person_id: np.ndarray
    cam_id: np.ndarray
    rank: np.ndarray
    scores: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.path)

    @property
    def valid(self) -> np.ndarray:
        """Which queries are evaluated, ``(n,)`` bool."""
        return np.isfinite(self.rank)

    def take(self, rows: np.ndarray) -> 'QueryTable':
        """Return some rows, in the order of their indices or where a mask is True."""
        return QueryTable(
            path=self.path[rows],
            person_id=self.person_id[rows],
            cam_id=self.cam_id[rows],
            rank=self.rank[rows],
            scores={name: column[rows] for name, column in self.scores.items()},
        )

    def to_plain(self) -> dict[str, list]:
        """Return the columns as lists for JSON, None where a query is left out."""
        names = {mean: column for column, mean in _MEANS.items()}
        columns = {names.get(name, name): c for name, c in self.scores.items()}
        return dict(
            path=self.path.tolist(),
            person_id=self.person_id.tolist(),
            cam_id=self.cam_id.tolist(),
            rank=_plain(self.rank),
            **{name: _plain(column) for name, column in columns.items()},
        )


def tabulate_queries(
    features: Features,
    result: RankingResult | SingleShotResult,
    first: np.ndarray | None = None,
) -> QueryTable:
    """Put a result's values beside the queries they belong to.

    Args:
        features: What was ranked.
        result: Of the ranking.
        first: Of queries that were pooled, the first picture of each, as
            :class:`PooledQueries` tells. Defaults to None: they were not.
    """
    rows = np.flatnonzero(features.is_query)
    rows = rows if first is None else rows[first]
    if isinstance(result, SingleShotResult):
        rank, hits = result.mean_rank, result.hit_chance
    else:
        rank = np.where(result.valid, result.first_match_rank, np.nan)
        hits = (rank[:, None] <= np.array(result.ranks)).astype(np.float64)
        hits[~result.valid] = np.nan
    scores = dict(
        mAP=result.average_precision,
        mINP=result.inverse_negative_penalty,
        **{f'R{rank}': hits[:, i] for i, rank in enumerate(result.ranks)},
    )
    return QueryTable(
        path=features.img_path[rows],
        person_id=features.person_id[rows],
        cam_id=features.cam_id[rows],
        rank=rank,
        scores=scores,
    )


def read_queries(columns: Mapping[str, Any]) -> QueryTable:
    """Read what :meth:`QueryTable.to_plain` wrote.

    Args:
        columns: Lists by name.

    Raises:
        ValueError: A missing column, columns of different lengths, or values that no
            such table has.
    """
    if not isinstance(columns, Mapping) or not all(
        isinstance(column, list) for column in columns.values()
    ):
        raise ValueError('The table of queries must be an object of lists.')
    missing = [name for name in (*_LABELS, *_MEANS) if name not in columns]
    lengths = {name: len(column) for name, column in columns.items()}
    if missing or len(set(lengths.values())) > 1:
        raise ValueError(
            f'The table of queries lacks {missing}; its columns have the lengths '
            f'{lengths}.'
        )
    scores = {
        _MEANS.get(name, name): _column(columns, name, np.float64)
        for name in columns
        if name not in _LABELS
    }
    table = QueryTable(
        path=_column(columns, 'path', np.str_),
        person_id=_column(columns, 'person_id', np.int64),
        cam_id=_column(columns, 'cam_id', np.int64),
        rank=_column(columns, 'rank', np.float64),
        scores=scores,
    )
    for name, values in table.take(table.valid).scores.items():
        if not ((values >= 0) & (values <= 1)).all():
            raise ValueError(
                'The table of queries must hold a number from 0 to 1 as the '
                f'{name} of every query that has a rank.'
            )
    return table


def _column(columns: Mapping[str, list], name: str, dtype: type) -> np.ndarray:
    """Return a column as an array ``(n,)``; None is NaN where numbers may be."""
    wanted = str if dtype is np.str_ else int | float | None
    if not all(isinstance(value, wanted) for value in columns[name]):
        raise ValueError(
            f'The table of queries must hold {"texts" if wanted is str else "numbers"} '
            f'in its column {name!r}, but holds something else.'
        )
    try:
        return np.array(columns[name], dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f'The column {name!r} of the table of queries cannot be read: {error}.'
        ) from error


def align_queries(tables: Sequence[QueryTable]) -> list[QueryTable]:
    """Bring the tables of several results on the same queries into one order.

    Queries are known by their paths, counted from the folder that all share, or by
    their file names where only these agree; where a table has no paths, by their
    person and camera, which where they have several queries must stand in one order.

    Args:
        tables: At least one; the first one's order is kept.

    Returns:
        The tables, with the rows that all of them evaluate, which must be the same.

    Raises:
        ValueError: Other queries, or other queries left out.
    """
    first = tables[0]
    aligned = []
    for number, table in enumerate(tables, 1):
        if len(table) != len(first):
            raise ValueError(
                f'Result 1 has {len(first)} queries and result {number} has '
                f'{len(table)}; only results on the same queries can be compared'
            )
        ordered = table.take(_matching_rows(first, table, number))
        differ = ordered.valid != first.valid
        if differ.any():
            raise ValueError(
                f'{int(differ.sum())} queries are evaluated in result 1 or in result '
                f'{number} only, the first of them {_name(first, int(differ.argmax()))}'
                ': their galleries or their rules differ'
            )
        aligned.append(ordered.take(first.valid))
    return aligned


def _matching_rows(first: QueryTable, table: QueryTable, number: int) -> np.ndarray:
    """Return which row of a table is which of the first one's."""
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


def _plain(values: np.ndarray) -> list:
    """Return numbers for JSON: None for NaN, integers where all are whole."""
    known = values[np.isfinite(values)]
    whole = bool((known == np.rint(known)).all())
    convert = int if whole else float
    return [None if math.isnan(value) else convert(value) for value in values]
