"""A mean over queries and a difference of two: bootstrap intervals, sign flips."""

from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.uncertainty.clusters import (
    ClusterSums,
    check_draws,
    flipped_sums,
    percentile_ends,
    resampled_means,
)


@dataclass(frozen=True, eq=False)
class Interval:
    """A mean and where it would have fallen for other queries.

    Attributes:
        value: The mean, a NumPy scalar or ``(M,)`` for M columns.
        low: Lower end, of the shape of ``value``.
        high: Upper end, of the shape of ``value``.
        confidence: The interval's level.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    confidence: float


@dataclass(frozen=True, eq=False)
class PairedDifference(Interval):
    """How far two results on the same queries differ.

    Attributes:
        value: Mean of the differences, a NumPy scalar or ``(M,)`` for M columns.
        low: Lower end of the bootstrap interval, of the shape of ``value``.
        high: Upper end, of the shape of ``value``.
        confidence: The interval's level.
        p_value: Two-sided, of the sign-flip permutation test, of the shape of
            ``value``.
    """

    p_value: np.ndarray


def bootstrap_interval(
    values: np.ndarray,
    clusters: np.ndarray | None = None,
    *,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Bound the mean over queries by the percentile bootstrap.

    As many clusters as there are are drawn with replacement, each with all its
    queries; the mean is that of the queries drawn.

    Args:
        values (np.ndarray): ``(n,)`` or, for M metrics that are resampled together,
            ``(n, M)``.
        clusters (np.ndarray, optional): ``(n,)`` label of each query's cluster.
            Defaults to None: every query is drawn by itself.
        resamples (int): Number of resamples. Defaults to 10,000.
        confidence (float): Level of the interval. Defaults to 0.95.
        seed (int): Of the draws. Defaults to 0.

    Raises:
        ValueError: No value, NaN or infinity (its index is named), labels of another
            length, or an option out of its range.
    """
    groups = ClusterSums(values, clusters)
    low, high = _ends(groups, resamples, confidence, seed)
    return Interval(groups.mean, low, high, confidence)


def compare_paired(
    first: np.ndarray,
    second: np.ndarray,
    clusters: np.ndarray | None = None,
    *,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> PairedDifference:
    """Compare two results on the same queries, query by query.

    The interval is the percentile bootstrap of the differences. The p value answers
    whether the names of the two results could be exchanged: the sign of every
    cluster's differences is flipped at random, and ``(1 + #{|mean flipped| >= |mean|})
    / (1 + resamples)`` is its two-sided value, which is never zero.

    Args:
        first (np.ndarray): ``(n,)`` or ``(n, M)`` values.
        second (np.ndarray): Values of the same queries; differences are ``second -
            first``.
        clusters (np.ndarray, optional): As in :func:`bootstrap_interval`.
        resamples (int): Of the bootstrap and of the test. Defaults to 10,000.
        confidence (float): Level of the interval. Defaults to 0.95.
        seed (int): Of the draws. Defaults to 0.

    Raises:
        ValueError: As :func:`bootstrap_interval`, or values of different shapes.
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.shape != second.shape:
        raise ValueError(
            'A paired comparison needs the values of the same queries twice, but '
            f'their shapes are {first.shape} and {second.shape}.'
        )
    groups = ClusterSums(second - first, clusters)
    low, high = _ends(groups, resamples, confidence, seed)
    p_value = _flipped_p_value(groups, resamples, seed)
    return PairedDifference(groups.mean, low, high, confidence, p_value)


def _ends(
    groups: ClusterSums, resamples: int, confidence: float, seed: int
) -> np.ndarray:
    """Return the two ends of the interval, ``(2, *shape)``."""
    means = resampled_means(groups, check_draws(resamples, confidence), seed)
    return percentile_ends(means, confidence).reshape(2, *groups.shape)


def _flipped_p_value(groups: ClusterSums, resamples: int, seed: int) -> np.ndarray:
    """Return the two-sided p value of sign flips, of the groups' shape."""
    # Sums that are equal in exact arithmetic must count as equal.
    slack = 1e-12 * np.abs(groups.sums).sum(axis=0)
    least = np.abs(groups.sums.sum(axis=0)) - slack
    extreme = (np.abs(flipped_sums(groups, resamples, seed)) >= least).sum(axis=0)
    return ((1 + extreme) / (1 + resamples)).reshape(groups.shape)
