"""Bootstrap intervals: where the scores of another draw of persons would lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.evaluation.functional.uncertainty import bootstrap_interval
from mmreid.evaluation.result import QueryTable
from mmreid.text_tables import format_number


@dataclass(frozen=True)
class Resampling:
    """How uncertainty is estimated.

    Attributes:
        resamples: Number of resamples.
        confidence: Level of the intervals.
        seed: Of the draws.
        by_person: Whether persons are drawn, each with all its queries, and not
            single queries.
    """

    resamples: int = 10_000
    confidence: float = 0.95
    seed: int = 0
    by_person: bool = True

    def options(self, table: QueryTable) -> dict[str, Any]:
        """Return the keyword arguments for a table's values."""
        return dict(
            clusters=table.person_id if self.by_person else None,
            resamples=self.resamples,
            confidence=self.confidence,
            seed=self.seed,
        )


def bound_scores(table: QueryTable, resampling: Resampling) -> dict[str, Any]:
    """Compute the interval of every score, in percent.

    Args:
        table (QueryTable): What each query contributes.
        resampling (Resampling): How.

    Returns:
        dict[str, Any]: ``low`` and ``high`` by metric, and how they were computed.

    Raises:
        ValueError: No query is evaluated.
    """
    known = table.take(table.valid)
    if not len(known):
        raise ValueError('No query has a right answer, so there is nothing to bound.')
    values = 100 * np.stack(list(known.scores.values()), axis=1)
    interval = bootstrap_interval(values, **resampling.options(known))
    bounds = zip(
        known.scores, interval.low.tolist(), interval.high.tolist(), strict=True
    )
    return dict(
        **{name: dict(low=low, high=high) for name, low, high in bounds},
        confidence=resampling.confidence,
        resamples=resampling.resamples,
        seed=resampling.seed,
        by_person=resampling.by_person,
        num_persons=len(np.unique(known.person_id)),
    )


def interval_column(intervals: Mapping[str, Any]) -> dict[str, str]:
    """Write intervals as cells of the table of scores.

    Args:
        intervals (Mapping[str, Any]): From :func:`bound_scores`.

    Returns:
        dict[str, str]: The cells by metric; by ``''`` the head of the column.
    """
    cells = {
        name: f'{format_number(ends["low"])} to {format_number(ends["high"])}'
        for name, ends in intervals.items()
        if isinstance(ends, Mapping)
    }
    return {'': f'{100 * intervals["confidence"]:g} % interval', **cells}


def explain_intervals(how: Mapping[str, Any]) -> str:
    """Say how intervals were computed.

    Args:
        how (Mapping[str, Any]): ``by_person``, ``num_persons``, ``resamples`` and
            ``seed``.

    Returns:
        str: A line.
    """
    unit = f'the {how["num_persons"]} persons' if how['by_person'] else 'single queries'
    return (
        f'intervals: percentile bootstrap over {unit}, {how["resamples"]} resamples, '
        f'seed {how["seed"]}'
    )
