"""Persons and runs of two methods, drawn anew: resamples and randomisations.

Persons are drawn once for all runs of both methods, which answered the same queries,
and the runs of each method by themselves. Resampling rows and columns of a crossed
design has no exact form (McCullagh, Resampling and exchangeable arrays, Bernoulli 6(2),
2000): what is between them, the persons whom just one run does well, is drawn three
times (Owen, The pigeonhole bootstrap, Annals of Applied Statistics 1(2), 2007). Here
both parts are scaled to the variances that the analysis of variance finds, so that it
counts once.
"""

import math

import numpy as np

from mmreid.evaluation.functional.uncertainty.clusters import (
    ClusterSums,
    check_draws,
    flipped_sums,
    resampled_means,
)
from mmreid.evaluation.functional.uncertainty.error_levels import (
    ErrorLevels,
    quantiles,
)


def mean_by_method(means: np.ndarray, runs: tuple[int, int]) -> np.ndarray:
    """Average the runs of each of two methods.

    Args:
        means (np.ndarray): ``(..., S1 + S2)``, the first method's runs first.
        runs (tuple[int, int]): ``(S1, S2)``.

    Returns:
        np.ndarray: ``(..., 2)``.
    """
    parts = means[..., : runs[0]], means[..., runs[0] :]
    return np.stack([part.mean(axis=-1) for part in parts], axis=-1)


def resampled_changes(
    groups: ClusterSums,
    levels: ErrorLevels,
    resamples: int,
    confidence: float,
    seed: int,
) -> np.ndarray:
    """Draw persons and runs, and tell what others change in the difference.

    Args:
        groups (ClusterSums): C persons; columns are the first method's runs and then
            the second's, two or more of each.
        levels (ErrorLevels): Of these groups.
        resamples (int): Number of resamples R.
        confidence (float): Level of the interval that is made of them.
        seed (int): Of the draws.

    Returns:
        np.ndarray: ``(R,)``, to be added to the difference.

    Raises:
        ValueError: Options out of their range.
    """
    means = resampled_means(groups, check_draws(resamples, confidence), seed)
    middle = mean_by_method(means, levels.runs)
    persons = np.diff(middle - mean_by_method(groups.mean, levels.runs))[:, 0]
    persons *= levels.person_share
    normal, student = quantiles(confidence, levels.degrees_of_freedom())
    rng = np.random.default_rng((seed, 2))
    changes = []
    for place, part in enumerate(np.split(means, [levels.runs[0]], axis=1)):
        count = part.shape[1]
        drawn = rng.integers(count, size=part.shape)
        drawn_mean = np.take_along_axis(part, drawn, axis=1).mean(axis=1)
        expansion = math.sqrt(count / (count - 1)) * student / normal
        expansion *= levels.seed_shares[place]
        changes.append(expansion * (drawn_mean - middle[:, place]))
    return persons + changes[1] - changes[0]


def randomised_p_values(
    groups: ClusterSums, levels: ErrorLevels, resamples: int, seed: int
) -> tuple[float, float]:
    """Flip persons' differences and let runs exchange their methods.

    Args:
        groups (ClusterSums): As of :func:`resampled_changes`.
        levels (ErrorLevels): Of these groups.
        resamples (int): Number of draws.
        seed (int): Of the draws.

    Returns:
        tuple[float, float]: Two-sided p values: with exchanged runs, and with the runs'
        part drawn from Student's t.
    """
    runs = levels.runs
    rng = np.random.default_rng((seed, 3))
    means = np.broadcast_to(groups.mean, (resamples, sum(runs)))
    exchanged = rng.permuted(means, axis=1)
    flipped = flipped_sums(groups, resamples, seed) / groups.sizes.sum()
    by_runs, by_persons, observed = (
        np.diff(mean_by_method(values, runs))[..., 0]
        for values in (exchanged, flipped, groups.mean)
    )
    drawn = rng.standard_t(levels.degrees_of_freedom(), resamples) * levels.seed_error
    # What is equal in exact arithmetic must count as equal.
    slack = 1e-12 * np.abs(groups.sums).sum() / groups.sizes.sum()
    least = abs(observed) - slack
    reached = np.abs([by_persons + by_runs, by_persons, by_runs]).max(axis=0) >= least
    reached_by_drawn = np.abs(levels.person_share * by_persons + drawn) >= least
    one, two = (
        (1 + int(draws.sum())) / (1 + resamples)
        for draws in (reached, reached_by_drawn)
    )
    return one, two


def least_p_value(persons: int, runs: tuple[int, int], resamples: int) -> float:
    """Tell what the p value cannot fall below by design.

    Args:
        persons (int): Number of persons, whose differences are flipped.
        runs (tuple[int, int]): Number of runs of the two methods; a single one in
            either is not exchanged.
        resamples (int): Number of draws.
    """
    least = max(1 / (1 + resamples), 0.5 ** (persons - 1))
    if min(runs) > 1:
        # With equal numbers the runs may change sides as a whole.
        extreme = 2 if runs[0] == runs[1] else 1
        least = max(least, extreme / math.comb(sum(runs), runs[0]))
    return least
