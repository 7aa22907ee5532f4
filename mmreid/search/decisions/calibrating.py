"""Fit probabilities to distances of labelled pairs.

Both kinds weigh pairs of one person and of two persons alike, whatever their numbers:
that is a prior of one half, and every other is a shift of the log odds (Brümmer and du
Preez, Application-independent evaluation of speaker detection, 2006). Labels are
smoothed as Platt does (Probabilistic Outputs for Support Vector Machines, 1999), so
that no probability is 0 or 1 because the pairs were few.
"""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from mmreid.arguments import check_choice
from mmreid.search.decisions.calibration import KINDS, Calibration


class ReversedPairsError(ValueError):
    """Pairs of one person are farther apart than pairs of two."""


def fit_calibration(
    positive: np.ndarray, negative: np.ndarray, kind: str = 'logistic'
) -> Calibration:
    """Fit how probable one person is at a distance.

    Args:
        positive (np.ndarray): ``(n,)`` distances of pairs of one person.
        negative (np.ndarray): ``(m,)`` distances of pairs of two persons.
        kind (str): ``'logistic'``: two numbers, right for few pairs; ``'isotonic'``:
            any descending curve, for thousands of them. Defaults to ``'logistic'``.

    Returns:
        Calibration: For even odds.

    Raises:
        ValueError: Nothing of one kind of pairs, infinite distances, or pairs of one
            person that are farther apart than pairs of two.
    """
    check_choice('kind', kind, KINDS)
    if not len(positive) or not len(negative):
        raise ValueError(
            'positive and negative must hold distances, got '
            f'{len(positive)} and {len(negative)}; label pairs of both kinds.'
        )
    distances = np.concatenate([positive, negative]).astype(np.float64)
    if not np.isfinite(distances).all():
        raise ValueError('Distances must be finite numbers; leave the others out.')
    targets = smooth_labels(len(positive), len(negative))
    weights = even_weights(len(positive), len(negative))
    if kind == 'logistic':
        return _fit_logistic(distances, targets, weights)
    return _fit_isotonic(distances, targets, weights)


def smooth_labels(num_positive: int, num_negative: int) -> np.ndarray:
    """Return Platt's targets.

    Args:
        num_positive (int): Pairs of one person, which come first.
        num_negative (int): Pairs of two persons.

    Returns:
        np.ndarray: ``(num_positive + num_negative,)``.
    """
    high = (num_positive + 1) / (num_positive + 2)
    return np.repeat([high, 1 / (num_negative + 2)], [num_positive, num_negative])


def even_weights(num_positive: int, num_negative: int) -> np.ndarray:
    """Return weights by which both kinds of pairs sum to one half.

    Args:
        num_positive (int): Pairs of one person, which come first.
        num_negative (int): Pairs of two persons.

    Returns:
        np.ndarray: ``(num_positive + num_negative,)``.
    """
    each = [0.5 / num_positive, 0.5 / num_negative]
    return np.repeat(each, [num_positive, num_negative])


def _fit_logistic(
    distances: np.ndarray, targets: np.ndarray, weights: np.ndarray
) -> Calibration:
    middle = float(distances.mean())
    scale = float(distances.std()) or 1.0
    inputs = np.stack([(distances - middle) / scale, np.ones(len(distances))])

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        odds = line @ inputs
        # -t log p - (1 - t) log(1 - p), of p = 1 / (1 + exp(odds)).
        value = np.logaddexp(0, odds) - (1 - targets) * odds
        slope = expit(odds) - (1 - targets)
        return float(weights @ value), inputs @ (weights * slope)

    def curvature(line: np.ndarray) -> np.ndarray:
        share = expit(line @ inputs)
        return (inputs * (weights * share * (1 - share))) @ inputs.T

    found = minimize(
        loss, np.zeros(2), jac=True, hess=curvature, method='trust-exact', tol=1e-10
    )
    slope, offset = found.x[0] / scale, found.x[1] - found.x[0] * middle / scale
    if slope < 0:
        raise ReversedPairsError(
            'Pairs of one person must be nearer than pairs of two, got the opposite; '
            'the labels or the vectors are wrong.'
        )
    return Calibration('logistic', (float(slope), float(offset)))


def _fit_isotonic(
    distances: np.ndarray, targets: np.ndarray, weights: np.ndarray
) -> Calibration:
    knots, place = np.unique(distances, return_inverse=True)
    mass = np.bincount(place, weights)
    means = np.bincount(place, weights * targets) / mass
    heights = _descending(means, mass)
    # Within a level stretch only its ends matter.
    before = np.diff(heights, prepend=np.nan) != 0
    after = np.diff(heights, append=np.nan) != 0
    kept = before | after
    values = [*knots[kept].tolist(), *heights[kept].clip(0, 1).tolist()]
    return Calibration('isotonic', tuple(values))


def _descending(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the nearest values that never ascend (pool adjacent violators).

    As ``scipy.optimize.isotonic_regression``, which SciPy has from 1.12 on.
    """
    # Each block is [mean, weight, length].
    blocks: list[list[float]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] <= blocks[-1][0]:
            mean, mass, length = blocks.pop()
            last = blocks[-1]
            total = last[1] + mass
            blocks[-1] = [
                (last[0] * last[1] + mean * mass) / total,
                total,
                last[2] + length,
            ]
    means, _, lengths = zip(*blocks, strict=True)
    return np.repeat(means, np.array(lengths, np.int64))
