"""The one maker of results: mAP, mINP, CMC, the stamp and the table of queries."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.evaluation.functional.ranking.single_shot import SingleShotResult
from mmreid.evaluation.functional.ranking.tracklets import pool_frames
from mmreid.evaluation.rules import Evaluation, RankingRules
from mmreid.evaluation.stamp import describe_tracklets, make_stamp
from mmreid.evaluation.stamp_words import (
    describe_data,
    describe_rules,
    explain_degenerate,
    explain_no_match,
)
from mmreid.evaluation.test_set import TestSet

# What a column is called in a file -> the score that its mean is.
_MEANS = {'average_precision': 'mAP', 'inverse_negative_penalty': 'mINP'}
_COLUMNS = {score: column for column, score in _MEANS.items()}
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

    @classmethod
    def of(cls, evaluation: Evaluation) -> 'QueryTable':
        """Put the values of queries beside their labels.

        Args:
            evaluation (Evaluation): Of a ranking.
        """
        result, queries = evaluation.result, evaluation.queries
        if isinstance(result, SingleShotResult):
            rank, hits = result.mean_rank, result.hit_chance
        else:
            rank = np.where(result.valid, result.first_match_rank, np.nan)
            hits = (rank[:, None] <= np.array(result.ranks)).astype(np.float64)
            hits[~result.valid] = np.nan
        path = queries.img_path
        return cls(
            path=np.full(len(queries), '') if path is None else path,
            person_id=queries.person_id,
            cam_id=queries.cam_id,
            rank=rank,
            scores=dict(
                mAP=result.average_precision,
                mINP=result.inverse_negative_penalty,
                **{f'R{rank}': hits[:, i] for i, rank in enumerate(result.ranks)},
            ),
        )

    @property
    def valid(self) -> np.ndarray:
        """Which queries are evaluated, ``(n,)`` bool."""
        return np.isfinite(self.rank)

    def take(self, rows: np.ndarray) -> 'QueryTable':
        """Return some rows, in the order of their indices or where a mask is True.

        Args:
            rows (np.ndarray): ``(m,)`` indices or ``(n,)`` bool.
        """
        return QueryTable(
            path=self.path[rows],
            person_id=self.person_id[rows],
            cam_id=self.cam_id[rows],
            rank=self.rank[rows],
            scores={name: column[rows] for name, column in self.scores.items()},
        )

    def to_json(self) -> dict[str, list]:
        """Return the columns as lists, None where a query is left out."""
        columns = dict(rank=self.rank)
        columns |= {_COLUMNS.get(name, name): c for name, c in self.scores.items()}
        return dict(
            path=self.path.tolist(),
            person_id=self.person_id.tolist(),
            cam_id=self.cam_id.tolist(),
            **{name: _to_numbers(column) for name, column in columns.items()},
        )

    @classmethod
    def from_json(cls, columns: Mapping[str, Any]) -> 'QueryTable':
        """Read what :meth:`to_json` wrote.

        Args:
            columns (Mapping[str, Any]): Lists by name.

        Raises:
            ValueError: A missing column, columns of different lengths, or values that
                no such table has.
        """
        _check_columns(columns)
        table = cls(
            path=_read_column(columns, 'path', np.str_),
            person_id=_read_column(columns, 'person_id', np.int64),
            cam_id=_read_column(columns, 'cam_id', np.int64),
            rank=_read_column(columns, 'rank', np.float64),
            scores={
                _MEANS.get(name, name): _read_column(columns, name, np.float64)
                for name in columns
                if name not in _LABELS
            },
        )
        for name, values in table.take(table.valid).scores.items():
            if not ((values >= 0) & (values <= 1)).all():
                raise ValueError(
                    'The table of queries must hold a number from 0 to 1 as the '
                    f'{name} of every query that has a rank.'
                )
        return table


@dataclass(frozen=True, eq=False)
class Result:
    """The scores of one test set, with what they mean and what they come from.

    Printed it is a few lines of text.

    Attributes:
        name: The file that it was read from, and the data set where the file has
            several; empty where it was computed.
        protocol: The stamp, see :func:`mmreid.evaluation.stamp.make_stamp`; empty where
            a file has none.
        table: What each query contributes.
        warnings: Sentences about scores that do not mean what they seem to.
        features_key: What the features were computed from; None where unknown.
    """

    name: str
    protocol: dict
    table: QueryTable
    warnings: tuple[str, ...] = ()
    features_key: dict | None = None

    @classmethod
    def of(
        cls,
        test_set: TestSet,
        rules: RankingRules,
        dataset_meta: Mapping | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> 'Result':
        """Rank a test set and score it.

        Args:
            test_set (TestSet): Queries and gallery.
            rules (RankingRules): How to rank.
            dataset_meta (Mapping, optional): The data set's metainfo. Defaults to
                None: nothing is known.
            progress (Callable, optional): Called with the work done and in all while
                re-ranking. Defaults to None.

        Raises:
            ValueError: As :meth:`RankingRules.evaluate`.
        """
        # The steps of `rules.evaluate`; one frame less for whoever reads a traceback.
        pooled = pool_frames(test_set, rules.tracklets)
        ranked = rules.prepare(pooled)
        evaluation = rules.score(ranked, rules.re_rank(ranked, progress))
        return cls._put_together(test_set, pooled, rules, evaluation, dataset_meta)

    @classmethod
    def of_evaluation(
        cls,
        test_set: TestSet,
        rules: RankingRules,
        evaluation: Evaluation,
        dataset_meta: Mapping | None = None,
    ) -> 'Result':
        """Put together what a ranking that is done has measured.

        Args:
            test_set (TestSet): What was ranked.
            rules (RankingRules): How.
            evaluation (Evaluation): Of the ranking.
            dataset_meta (Mapping, optional): As of :meth:`of`. Defaults to None.
        """
        pooled = pool_frames(test_set, rules.tracklets)
        return cls._put_together(test_set, pooled, rules, evaluation, dataset_meta)

    @classmethod
    def _put_together(
        cls,
        test_set: TestSet,
        pooled: TestSet,
        rules: RankingRules,
        evaluation: Evaluation,
        dataset_meta: Mapping | None,
    ) -> 'Result':
        """Stamp what was measured, and say what it does not mean."""
        stamp = make_stamp(pooled, dataset_meta, rules, evaluation)
        stamp |= describe_tracklets(test_set, rules)
        warnings = explain_degenerate(stamp)
        if not stamp['num_query_evaluated']:
            warnings.insert(0, explain_no_match(test_set, stamp))
        table = QueryTable.of(evaluation)
        key = test_set.meta.get('features_key')
        return cls('', stamp, table, tuple(warnings), key)

    @property
    def scores(self) -> dict[str, float]:
        """``mAP``, ``mINP``, ``R<rank>`` in percent; NaN without any right answer."""
        valid = self.table.valid
        if not valid.any():
            return dict.fromkeys(self.table.scores, math.nan)
        columns = self.table.scores.items()
        return {name: 100 * float(values[valid].mean()) for name, values in columns}

    def __str__(self) -> str:
        scores = self.scores
        widths = [max(len(name), 6) for name in scores]
        cells = [*zip(scores.items(), widths, strict=True)]
        names = (f'{name:>{width}}' for (name, _), width in cells)
        values = (f'{value:{width}.2f}' for (_, value), width in cells)
        table = ['  ' + '  '.join(line) for line in (names, values)]
        lines = describe_data(self.protocol), *table, *describe_rules(self.protocol)
        return '\n'.join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the result in plain Python, by the names that a test gives."""
        plain = dict(
            **self.scores,
            protocol=self.protocol,
            per_query=self.table.to_json(),
            warnings=[*self.warnings],
        )
        return plain | (
            {'features_key': self.features_key} if self.features_key else {}
        )


def _to_numbers(values: np.ndarray) -> list:
    """Return numbers for JSON: None for NaN, integers where all are whole."""
    known = values[np.isfinite(values)]
    whole = bool((known == np.rint(known)).all())
    convert = int if whole else float
    return [None if math.isnan(value) else convert(value) for value in values]


def _check_columns(columns: Any) -> None:
    """Refuse what is no table of queries."""
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


def _read_column(columns: Mapping[str, list], name: str, dtype: type) -> np.ndarray:
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
