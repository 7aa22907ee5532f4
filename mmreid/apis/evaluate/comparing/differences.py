"""How one method differs from another, by how often either was trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.apis.evaluate.intervals import Resampling
from mmreid.evaluation.functional.uncertainty import (
    PairedDifference,
    RepeatedDifference,
    Spread,
    compare_paired,
    compare_repeated,
    spread,
)
from mmreid.evaluation.result import QueryTable


@dataclass(frozen=True, eq=False)
class RunsDifference(PairedDifference):
    """A difference between methods that were trained several times each.

    Attributes:
        value: ``(M,)`` differences of the means over runs.
        low: ``(M,)`` lower ends, over runs and persons.
        high: ``(M,)`` upper ends.
        confidence: The intervals' level.
        p_value: ``(M,)``, over runs and persons.
        by_metric: Of each metric in order, with what seeds and persons contribute.
    """

    by_metric: tuple[RepeatedDifference, ...]

    @property
    def runs(self) -> tuple[int, int]:
        """Number of runs of the two methods."""
        return self.by_metric[0].runs


def percentages(table: QueryTable, metrics: Sequence[str]) -> np.ndarray:
    """Return the values of evaluated queries in percent.

    Args:
        table (QueryTable): n queries, all of them evaluated.
        metrics (Sequence[str]): Names of M metrics.

    Returns:
        np.ndarray: ``(n, M)``.
    """
    return 100 * np.stack([table.scores[name] for name in metrics], axis=1)


def find_difference(
    first: Sequence[QueryTable],
    second: Sequence[QueryTable],
    metrics: Sequence[str],
    resampling: Resampling | None,
) -> PairedDifference | dict[str, Spread]:
    """Compare a method with the first one, query by query.

    Args:
        first (Sequence[QueryTable]): Runs of the first method.
        second (Sequence[QueryTable]): Runs of the other, the queries in one order.
        metrics (Sequence[str]): Names of M metrics.
        resampling (Resampling | None): How uncertainty is estimated; None where the
            runs are of different queries, as many of either method.

    Returns:
        PairedDifference | dict[str, Spread]: In percent, second minus first. A
        :class:`RunsDifference` where both have two or more runs and there are two or
        more persons; over persons alone where not, of the means over runs. By metric
        the spread of the runs' differences where runs are of different queries.
    """
    one, two = ([percentages(run, metrics) for run in runs] for runs in (first, second))
    if resampling is None:
        gaps = [b.mean(axis=0) - a.mean(axis=0) for a, b in zip(one, two, strict=True)]
        return {name: spread(np.stack(gaps)[:, i]) for i, name in enumerate(metrics)}
    options = resampling.options(first[0])
    clusters = options['clusters']
    several_persons = clusters is None or len(np.unique(clusters)) > 1
    if min(len(one), len(two)) > 1 and several_persons:
        return _over_runs(np.stack(one), np.stack(two), options)
    return compare_paired(np.mean(one, axis=0), np.mean(two, axis=0), **options)


def _over_runs(
    one: np.ndarray, two: np.ndarray, options: dict[str, Any]
) -> RunsDifference:
    """Compare values ``(S1, n, M)`` and ``(S2, n, M)``, a metric at a time."""
    found = tuple(
        compare_repeated(one[..., i], two[..., i], **options)
        for i in range(one.shape[-1])
    )
    value, low, high, p_value = (
        np.array([getattr(metric, key) for metric in found])
        for key in ('value', 'low', 'high', 'p_value')
    )
    return RunsDifference(value, low, high, options['confidence'], p_value, found)
