"""Whether a synthetic data set puts methods into the order that real ones do.

Kang, Is Synthetic Dataset Reliable for Benchmarking Generalizable Person
Re-Identification?, IJCB 2022 (https://arxiv.org/abs/2209.05047), asks so by Kendall's
tau between the orders of the same algorithms on pairs of data sets: a synthetic set is
worth a real one if its taus with real sets are not lower than those of real sets with
each other. The paper compares the two groups of taus by a Kolmogorov-Smirnov test,
which takes them to be independent. They share their methods, so that here methods are
resampled instead, once for all taus.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from mmreid.arguments import check_count, check_number
from mmreid.evaluation.functional.uncertainty import (
    RankAgreement,
    rank_agreement,
    resampled_taus,
)


@dataclass(frozen=True)
class OrderAgreement:
    """How far our order of methods is that of the papers.

    Attributes:
        ours: Agreement with each real set by its name, over the methods of both.
        real: Agreement of each pair of real sets, over those of our methods that both
            have.
        gap: Mean tau of ``ours`` minus that of ``real``, the bar: below zero the
            synthetic set is further from the real ones than they are from each other.
            NaN where either has no pair.
        low: Lower end of the gap's interval.
        high: Upper end.
        confidence: Level of all intervals.
    """

    ours: Mapping[str, RankAgreement]
    real: Mapping[tuple[str, str], RankAgreement]
    gap: float
    low: float
    high: float
    confidence: float

    @property
    def mean(self) -> float:
        """Mean tau of our order with the real sets; NaN without any."""
        return _mean_tau(self.ours.values())

    @property
    def bar(self) -> float:
        """Mean tau of the real sets with each other; NaN without a pair."""
        return _mean_tau(self.real.values())


def order_agreement(
    scores: Mapping[str, np.ndarray],
    published: Mapping[str, Mapping[str, float]],
    *,
    fewest: int = 6,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> OrderAgreement:
    """Compare our order of methods with that on each real data set.

    Intervals are over methods, and of our scores over runs: a resample takes for each
    method the mean of as many runs S as it has, drawn with replacement, whose variance
    is multiplied by S / (S - 1), by which a few runs show too little of it. Scores that
    are less certain agree less, so that the resamples of our taus, and of the gap, lie
    lower than these. A pair of sets with too few methods in common, or where these have
    one score, is left out.

    Args:
        scores (Mapping[str, np.ndarray]): ``(runs,)`` of each method: a score of each
            of its runs, larger for better.
        published (Mapping[str, Mapping[str, float]]): By real data set, what is printed
            of each method, as ``printed_scores`` of ``published.py`` reads it. Methods
            that ``scores`` lacks are left out. Two versions of one data set are not two
            sets.
        fewest (int): How many methods a pair of sets must have in common, at least 3;
            of five the interval of 95 % is all from -1 to 1. Defaults to 6.
        resamples (int): Of methods and runs. Defaults to 10,000.
        confidence (float): Level of the intervals. Defaults to 0.95.
        seed (int): Of the draws. Defaults to 0.

    Raises:
        ValueError: A method without runs, a score that is no number, or an option out
            of its range.
    """
    check_count('fewest', fewest, least=3)
    check_count('resamples', resamples)
    check_number('confidence', confidence, above=0, below=1)
    names = [
        name for name in scores if any(name in rows for rows in published.values())
    ]
    means = _resampled_means([scores[name] for name in names], names, resamples, seed)
    # NaN where a set lacks a method.
    sets = {
        which: np.array([rows.get(name, np.nan) for name in names], np.float64)
        for which, rows in published.items()
    }
    options: dict[str, Any] = dict(
        resamples=resamples, confidence=confidence, seed=seed
    )
    ours = {
        which: rank_agreement(means[:, both], row[both], **options)
        for which, row in sets.items()
        if len(both := _shared(means.mean(axis=0), row)) >= fewest
    }
    real = {
        pair: rank_agreement(*(sets[which][both] for which in pair), **options)
        for pair in combinations(sets, 2)
        if len(both := _shared(*(sets[which] for which in pair))) >= fewest
    }
    gap, low, high = _gap(ours, real, means, sets, confidence, seed)
    return OrderAgreement(
        ours=ours,
        real=real,
        gap=gap,
        low=low,
        high=high,
        confidence=confidence,
    )


def _resampled_means(
    runs: Sequence[np.ndarray], names: Sequence[str], resamples: int, seed: int
) -> np.ndarray:
    """Return ``(resamples, M)`` means of runs, themselves with the mean of all runs."""
    rng = np.random.default_rng((seed, 1))
    columns = np.empty((resamples, len(runs)))
    for column, name, values in zip(columns.T, names, runs, strict=True):
        values = np.asarray(values, np.float64)
        if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
            raise ValueError(
                f'{name} needs the score of each of its runs, (runs,), got {values}.'
            )
        count = len(values)
        drawn = values[rng.integers(count, size=(resamples, count))].mean(axis=1)
        spread = np.sqrt(count / max(1, count - 1))
        column[:] = values.mean() + spread * (drawn - drawn.mean())
    return columns


def _shared(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return which methods two sets have in common; none if these have no order."""
    both = np.flatnonzero(~np.isnan(first) & ~np.isnan(second))
    ordered = all(len(np.unique(row[both])) > 1 for row in (first, second))
    return both if ordered else both[:0]


def _gap(
    ours: Mapping[str, RankAgreement],
    real: Mapping[tuple[str, str], RankAgreement],
    means: np.ndarray,
    sets: Mapping[str, np.ndarray],
    confidence: float,
    seed: int,
) -> tuple[float, float, float]:
    """Return how far our mean tau is above the bar, and the ends of its interval."""
    gap = _mean_tau(ours.values()) - _mean_tau(real.values())
    if np.isnan(gap):
        return gap, np.nan, np.nan
    count = means.shape[1]
    rng = np.random.default_rng((seed, 2))
    counts = rng.multinomial(count, np.full(count, 1 / count), size=len(means))
    own = [resampled_taus(means, sets[which], counts) for which in ours]
    bar = [resampled_taus(sets[a], sets[b], counts) for a, b in real]
    # A resample without an order might have had any.
    least, most = (
        np.nan_to_num(own, nan=sign).mean(axis=0)
        - np.nan_to_num(bar, nan=-sign).mean(axis=0)
        for sign in (-1, 1)
    )
    tail = (1 - confidence) / 2
    low, high = np.quantile(least, tail), np.quantile(most, 1 - tail)
    return gap, min(float(low), gap), max(float(high), gap)


def _mean_tau(agreements: Iterable[RankAgreement]) -> float:
    taus = [agreement.value for agreement in agreements]
    return float(np.mean(taus)) if taus else np.nan
