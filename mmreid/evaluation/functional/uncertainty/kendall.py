"""Kendall's tau-b of methods that are drawn with replacement."""

import numpy as np

from mmreid.evaluation.functional.uncertainty.clusters import BLOCK_SIZE


def pair_signs(scores: np.ndarray) -> np.ndarray:
    """Tell which of each two methods is better.

    Args:
        scores (np.ndarray): ``(..., M)``.

    Returns:
        np.ndarray: ``(..., M, M)`` of -1, 0, 1.
    """
    return np.sign(scores[..., :, None] - scores[..., None, :])


def resampled_taus(
    first: np.ndarray, second: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Compute Kendall's tau-b of methods that are drawn with replacement.

    A method and its own copy are tied in both lists, and so do not count in tau-b.

    Args:
        first (np.ndarray): ``(M,)`` scores, or ``(R, M)`` of each resample; NaN where
            a method has none.
        second (np.ndarray): ``(M,)`` or ``(R, M)`` scores of the same methods.
        counts (np.ndarray): ``(R, M)`` how often each method was drawn.

    Returns:
        np.ndarray: ``(R,)``; NaN where a resample has no order, all being tied.
    """
    tables = np.atleast_2d(first), np.atleast_2d(second)
    absent = np.logical_or(*(np.isnan(table).any(axis=0) for table in tables))
    weights = np.where(absent, 0.0, counts)
    filled = [np.where(absent, 0.0, table) for table in tables]
    resamples, num_methods = weights.shape
    parts = max(1, resamples * num_methods**2 // BLOCK_SIZE)
    taus = []
    for rows in np.array_split(np.arange(resamples), parts):
        one, two = (pair_signs(t if len(t) == 1 else t[rows]) for t in filled)
        taus.append(_weighted_taus(one, two, weights[rows]))
    return np.concatenate(taus)


def _weighted_taus(one: np.ndarray, two: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return tau-b ``(b,)`` of methods that are taken ``weights (b, M)`` times.

    Signs are ``(b, M, M)`` or, the same for all, ``(1, M, M)``.
    """
    rows = weights[:, None]
    agreeing, in_one, in_two = (
        ((rows @ signs) * rows).sum(axis=(1, 2))
        for signs in (one * two, one**2, two**2)
    )
    with np.errstate(invalid='ignore'):
        return agreeing / np.sqrt(in_one * in_two)
