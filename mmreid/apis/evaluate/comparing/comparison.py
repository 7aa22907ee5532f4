"""Results side by side: differences, their intervals, and whether they are chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.apis.evaluate.comparing.aligned_queries import align_queries
from mmreid.apis.evaluate.comparing.differences import find_difference, percentages
from mmreid.apis.evaluate.comparing.disagreements import find_disagreements
from mmreid.apis.evaluate.intervals import Resampling
from mmreid.evaluation.functional.uncertainty import (
    Interval,
    PairedDifference,
    Spread,
    bootstrap_interval,
    spread,
)
from mmreid.evaluation.result import QueryTable, Result


@dataclass(frozen=True, eq=False)
class MethodScores:
    """The scores of one method; all values in percent.

    Attributes:
        runs: By metric, mean and standard deviation over the runs.
        interval: ``(M,)`` for the metrics in their order, of the mean over the runs;
            over the persons, for these runs. None where the runs have different
            queries.
    """

    runs: dict[str, Spread]
    interval: Interval | None


@dataclass(frozen=True, eq=False)
class Correction:
    """P values of a comparison, corrected for how many there are.

    Attributes:
        kind: ``'holm'``.
        family: How many p values were corrected together, those of other data sets
            among them.
        least: What none of them can fall below with so many runs, whatever differs; 0
            where a method has a single run.
        p_values: By method ``(M,)`` for the metrics in their order.
    """

    kind: str
    family: int
    least: float
    p_values: dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Methods compared with the first of them; all values in percent.

    Attributes:
        metrics: Names, in the order of all arrays.
        scores: By method.
        differences: By method, from the second on: value, interval and p value
            ``(M,)`` where all results are of the same queries, over runs and persons
            where both methods have several runs; by metric the mean and standard
            deviation of the runs' differences where queries are not the same.
        protocols: Of each method the stamp of its first run.
        disagreements: What the stamps disagree in: by key, the value of each method,
            or of each run where the runs of one method disagree.
        num_queries: Evaluated queries, of the first run.
        num_persons: Persons whom they show.
        resampling: How uncertainty was estimated.
        correction: P values that are corrected for their number; None where they are
            not, or nothing is tested.
    """

    metrics: tuple[str, ...]
    scores: dict[str, MethodScores]
    differences: dict[str, PairedDifference | dict[str, Spread]]
    protocols: dict[str, dict]
    disagreements: dict[str, dict[str, Any]]
    num_queries: int
    num_persons: int
    resampling: Resampling
    correction: Correction | None = None


def compare_results(
    methods: Mapping[str, Sequence[Result]],
    resampling: Resampling | None = None,
    metrics: Sequence[str] | None = None,
) -> Comparison:
    """Compare methods, query by query, with the first of them.

    Several results of one method are its runs. Where all runs of all methods are of
    the same queries (seeds), two methods with several runs are compared over runs and
    persons; a method with a single one over the persons alone, by each query's mean
    over the other's runs. Where queries differ (splits), the methods need the same
    number of runs, and run i of one is compared with run i of the other; splits
    overlap, so that no test is made.

    Args:
        methods (Mapping[str, Sequence[Result]]): Results by the method's name.
        resampling (Resampling, optional): Defaults to None: the defaults.
        metrics (Sequence[str], optional): Which to compare. Defaults to None: all that
            the results have in common.

    Returns:
        Comparison: Scores and differences in percent.

    Raises:
        ValueError: Results on different queries, or a metric that not all have.
    """
    resampling = resampling or Resampling()
    metrics = _common_metrics(methods, metrics)
    aligned, same_queries = _align(methods)
    first = next(iter(aligned.values()))
    scores = {
        name: _score(runs, metrics, resampling if same_queries else None)
        for name, runs in aligned.items()
    }
    differences = {
        name: find_difference(
            first, runs, metrics, resampling if same_queries else None
        )
        for name, runs in list(aligned.items())[1:]
    }
    return Comparison(
        metrics=metrics,
        scores=scores,
        differences=differences,
        protocols={name: runs[0].protocol for name, runs in methods.items()},
        disagreements=find_disagreements(methods),
        num_queries=len(first[0]),
        num_persons=len(np.unique(first[0].person_id)),
        resampling=resampling,
    )


def _common_metrics(
    methods: Mapping[str, Sequence[Result]], wanted: Sequence[str] | None
) -> tuple[str, ...]:
    """Return the metrics that all results have, in the order of the first."""
    tables = [run.table for runs in methods.values() for run in runs]
    common = set(tables[0].scores).intersection(*(table.scores for table in tables))
    found = tuple(name for name in tables[0].scores if name in common)
    missing = set(wanted or ()) - common
    if missing:
        raise ValueError(
            f'Not all results have {", ".join(sorted(missing))}; metrics must be of '
            f'those that all have: {", ".join(found)}.'
        )
    return tuple(name for name in found if wanted is None or name in wanted)


def _align(
    methods: Mapping[str, Sequence[Result]],
) -> tuple[dict[str, list[QueryTable]], bool]:
    """Bring all runs into one order; where they are of different queries, each pair.

    Returns:
        The tables by method, and whether all are of the same queries.
    """
    tables = {name: [run.table for run in runs] for name, runs in methods.items()}
    counts = {name: len(runs) for name, runs in tables.items()}
    everything = [run for runs in methods.values() for run in runs]
    several = len(everything) > len(methods)
    if not several or len({run.protocol.get('split_index') for run in everything}) == 1:
        try:
            rest = iter(align_queries([run.table for run in everything]))
            return {
                name: [next(rest) for _ in runs] for name, runs in tables.items()
            }, True
        except ValueError:
            if not several:
                raise
    if len(set(counts.values())) > 1:
        raise ValueError(
            'Runs on different queries (splits) are compared one by one, so every '
            f'method needs the same number of them, but the numbers are {counts}.'
        )
    columns = [align_queries(column) for column in zip(*tables.values(), strict=True)]
    rows = zip(*columns, strict=True)
    return dict(zip(tables, map(list, rows), strict=True)), False


def _score(
    runs: Sequence[QueryTable], metrics: tuple[str, ...], resampling: Resampling | None
) -> MethodScores:
    """Average the runs of one method."""
    values = [percentages(run, metrics) for run in runs]
    means = np.stack([value.mean(axis=0) for value in values])
    interval = None
    if resampling is not None:
        mean = np.mean(values, axis=0)
        interval = bootstrap_interval(mean, **resampling.options(runs[0]))
    spreads = {name: spread(means[:, i]) for i, name in enumerate(metrics)}
    return MethodScores(spreads, interval)
