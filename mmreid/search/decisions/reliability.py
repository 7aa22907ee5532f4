"""Whether probabilities are to be believed, on persons that they were not fitted on."""

import numpy as np
from scipy.special import xlogy

from mmreid.search.decisions.calibrating import even_weights, fit_calibration
from mmreid.search.decisions.evidence import LabelledPairs, Trials

_FOLDS = 5
_BINS = 10


def measure_reliability(
    probabilities: np.ndarray, same: np.ndarray, weights: np.ndarray
) -> dict[str, float]:
    """Compare probabilities with what was true.

    Args:
        probabilities (np.ndarray): ``(n,)`` from 0 to 1.
        same (np.ndarray): ``(n,)`` bool, whether one person is shown.
        weights (np.ndarray): ``(n,)`` of each pair.

    Returns:
        dict[str, float]: ``ece``, the expected calibration error in ten bins of equal
        width (Naeini et al., AAAI 2015), ``brier``, the mean squared error, and
        ``log_loss`` in nats.
    """
    share = weights / weights.sum()
    places = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(places, share * (probabilities - same), minlength=_BINS)
    likelihood = np.where(same, probabilities, 1 - probabilities)
    with np.errstate(divide='ignore'):
        loss = -xlogy(share, likelihood)
    return {
        'ece': float(np.abs(gaps).sum()),
        'brier': float(share @ np.square(probabilities - same)),
        'log_loss': float(loss.sum()),
    }


def cross_fitted_quality(
    pairs: LabelledPairs, kind: str, seed: int = 0
) -> dict[str, float] | None:
    """Measure calibrations on persons that they have not seen, at even odds.

    Args:
        pairs (LabelledPairs): Labelled pairs; those of persons of two folds are left
            out, since a half of each has been seen.
        kind (str): As of :func:`fit_calibration`.
        seed (int): Of the split of persons. Defaults to 0.

    Returns:
        dict[str, float] | None: As of :func:`measure_reliability`; None where the
        persons are too few to be split.
    """
    sides = (pairs.positive, pairs.negative)
    size = 1 + max((int(max(s.first.max(), s.second.max())) for s in sides), default=0)
    used = np.unique(
        np.concatenate([s.first for s in sides] + [s.second for s in sides])
    )
    folds = np.zeros(size, np.int64)
    folds[used] = np.random.default_rng(seed).permutation(len(used)) % _FOLDS
    counts: list[int] = []
    probabilities: tuple[list[np.ndarray], ...] = ([], [])
    for fold in range(_FOLDS):
        seen = [_inside(side, folds != fold) for side in sides]
        held = [_inside(side, folds == fold) for side in sides]
        if not all(map(len, seen)) or not all(map(len, held)):
            continue
        try:
            calibration = fit_calibration(seen[0], seen[1], kind)
        except ValueError:
            # Too few pairs, which happen to be the wrong way round.
            return None
        for part, distances in zip(probabilities, held, strict=True):
            part.append(calibration(distances))
        counts.append(len(held[0]))
    if len(counts) < 2:
        return None
    right, wrong = map(np.concatenate, probabilities)
    same = np.repeat([True, False], [len(right), len(wrong)])
    weights = even_weights(len(right), len(wrong))
    return measure_reliability(np.concatenate([right, wrong]), same, weights)


def _inside(trials: Trials, wanted: np.ndarray) -> np.ndarray:
    """Return distances of pairs whose persons are both wanted."""
    return trials.distances[wanted[trials.first] & wanted[trials.second]]
