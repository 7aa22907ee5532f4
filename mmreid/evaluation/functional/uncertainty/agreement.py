"""Whether two measurements put methods into the same order."""

import math
from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.uncertainty.clusters import (
    check_draws,
    percentile_ends,
)
from mmreid.evaluation.functional.uncertainty.exchanged_orders import (
    agreement_p_value,
)
from mmreid.evaluation.functional.uncertainty.kendall import (
    pair_signs,
    resampled_taus,
)


@dataclass(frozen=True)
class RankAgreement:
    """Kendall's tau-b between two orders of the same methods.

    Attributes:
        value: From -1, opposite orders, to 1, the same; 0 is none.
        low: Lower end of the interval.
        high: Upper end.
        confidence: The interval's level.
        p_value: Two-sided, of no agreement: every order equally likely.
        num_methods: Number of methods M.
        num_discordant: Pairs of methods in opposite orders, of ``M (M - 1) / 2``.
    """

    value: float
    low: float
    high: float
    confidence: float
    p_value: float
    num_methods: int
    num_discordant: int


def rank_agreement(
    first: np.ndarray,
    second: np.ndarray,
    *,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> RankAgreement:
    """Tell how well two measurements of methods agree in their order.

    The interval is the percentile bootstrap over methods: how tau would come out for
    other methods of the kind. With few methods it is wide, and is meant to be: where
    tau is 0.5, six methods bound next to nothing, ten leave all from about 0 to 0.9,
    and thirty from 0.3 to 0.7. A resample with fewer than three different methods, or
    whose scores are all tied, has no order; it counts as -1 at the lower end and as 1
    at the upper one, so that up to five methods the interval of 95 % is all from -1
    to 1. Where no pair disagrees, or none agrees, a bootstrap sees no doubt; the far
    end is then the exact bound (Clopper and Pearson 1934) of ``M // 2`` pairs without
    a method in common.

    Where scores are given as resamples, each resample of methods takes one of them at
    random, so that their doubt is in the interval, too; its middle then lies nearer
    to zero than tau does, as scores that are less certain agree less.

    The p value without ties is exact (Kendall, Rank Correlation Methods, 1970); with
    ties it is that of all orders of up to eight methods, and of ``resamples`` orders
    drawn at random of more.

    Args:
        first (np.ndarray): ``(M,)`` scores of M methods, or ``(R, M)`` resamples of
            them, whose means are compared.
        second (np.ndarray): ``(M,)`` or ``(R', M)`` scores of the same methods in the
            same order, as of a paper's table.
        resamples (int): Of methods. Defaults to 10,000.
        confidence (float): Level of the interval. Defaults to 0.95.
        seed (int): Of the draws. Defaults to 0.

    Raises:
        ValueError: Scores of other numbers of methods, of fewer than three, NaN, or
            all the same, and options out of their range.
    """
    tables = _checked_tables(first, second)
    one, two = (pair_signs(table.mean(axis=0)) for table in tables)
    count = len(one)
    agreeing = (one * two).sum() / 2
    pairs = [(signs**2).sum() / 2 for signs in (one, two)]
    value = float(agreeing / math.sqrt(pairs[0] * pairs[1]))
    drawn = _drawn_taus(*tables, check_draws(resamples, confidence), seed)
    low, high = _interval(drawn, confidence, count)
    return RankAgreement(
        value=value,
        low=min(low, value),
        high=max(high, value),
        confidence=confidence,
        p_value=agreement_p_value(one, two, resamples, seed),
        num_methods=count,
        num_discordant=int((one * two < 0).sum()) // 2,
    )


def discordant_pairs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Find the pairs of methods that two measurements put into opposite orders.

    Args:
        first (np.ndarray): ``(M,)`` or ``(R, M)``, as in :func:`rank_agreement`.
        second (np.ndarray): ``(M,)`` or ``(R', M)``.

    Returns:
        np.ndarray: ``(K, 2)`` int64 indices ``i < j``; pairs that either ties are not
        among them.

    Raises:
        ValueError: Scores that :func:`rank_agreement` refuses.
    """
    tables = _checked_tables(first, second)
    one, two = (pair_signs(table.mean(axis=0)) for table in tables)
    return np.argwhere(np.triu(one * two < 0))


def _checked_tables(
    first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return resamples of scores ``(R, M)`` and ``(R', M)``, or refuse them."""
    tables = _checked_scores(first, 'first'), _checked_scores(second, 'second')
    one, two = (table.shape[1] for table in tables)
    if one != two:
        raise ValueError(
            'Both lists must be of the same methods in the same order, but first has '
            f'{one} scores and second {two}.'
        )
    return tables


def _checked_scores(scores: np.ndarray, name: str) -> np.ndarray:
    """Return resamples of scores ``(R, M)``, or refuse them."""
    table = np.atleast_2d(np.asarray(scores, np.float64))
    if table.ndim != 2 or not len(table) or table.shape[1] < 3:
        raise ValueError(
            f'{name} must hold scores of at least three methods, (M,), or resamples of '
            f'them, (R, M), but its shape is {np.shape(scores)}.'
        )
    wrong = np.argwhere(~np.isfinite(table))
    if len(wrong):
        raise ValueError(
            f'{name}: the score of method {wrong[0, 1]} is NaN or infinite; leave the '
            'methods out of both lists that either lacks.'
        )
    if np.ptp(table.mean(axis=0)) == 0:
        raise ValueError(
            f'{name} scores all methods alike, {table[0, 0]}, which is no order.'
        )
    return table


def _drawn_taus(
    first: np.ndarray, second: np.ndarray, resamples: int, seed: int
) -> np.ndarray:
    """Return tau-b of methods drawn with replacement, NaN where there is no order."""
    rng = np.random.default_rng(seed)
    count = first.shape[1]
    drawn = rng.integers(count, size=(resamples, count))
    counts = np.stack([(drawn == one).sum(axis=1) for one in range(count)], axis=1)
    # Each resample of methods has one of the resamples of scores.
    picks = [rng.integers(len(table), size=resamples) for table in (first, second)]
    one, two = (
        table if len(table) == 1 else table[pick]
        for table, pick in zip((first, second), picks, strict=True)
    )
    taus = resampled_taus(one, two, counts)
    return np.where((counts > 0).sum(axis=1) < 3, np.nan, taus)


def _interval(
    taus: np.ndarray, confidence: float, num_methods: int
) -> tuple[float, float]:
    """Return the interval's ends; a resample without an order may be any."""
    unknown = np.isnan(taus)
    low, _ = percentile_ends(np.where(unknown, -1, taus), confidence)
    _, high = percentile_ends(np.where(unknown, 1, taus), confidence)
    if low == high and abs(low) == 1:
        tail = (1 - confidence) / 2
        bound = 2 * tail ** (1 / (num_methods // 2)) - 1
        low, high = (bound, 1.0) if low > 0 else (-1.0, -bound)
    return float(low), float(high)
