"""Confident learning: Northcutt, Jiang and Chuang, JAIR 2021.

Confident Learning: Estimating Uncertainty in Dataset Labels,
https://arxiv.org/abs/1911.00068. Sections and equations below are of that paper. Its
matrices of persons x persons are sparse here: a picture adds to one entry.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar


def fit_sharpness(scores: np.ndarray, labels: np.ndarray) -> float:
    """Find the factor of scores by which their softmax fits the labels best.

    It is the inverse of a temperature: Guo et al., On Calibration of Modern Neural
    Networks, ICML 2017, section 4.2. Few wrong labels move it little.

    Args:
        scores (np.ndarray): ``(n, K)`` of pictures and persons.
        labels (np.ndarray): ``(n,)`` persons from 0 to K - 1.

    Returns:
        float: Between 1 and 1000, of the least mean negative log-likelihood.
    """
    own = scores[np.arange(len(labels)), labels].astype(np.float64)
    best = scores.max(axis=1).astype(np.float64)
    relative = scores - best[:, None].astype(scores.dtype)

    def loss(exponent: float) -> float:
        sharpness = np.exp(exponent)
        totals = np.exp(sharpness * relative).sum(axis=1, dtype=np.float64)
        return float(np.mean(np.log(totals) - sharpness * (own - best)))

    found = minimize_scalar(loss, bounds=(0, np.log(1000)), method='bounded')
    return float(np.exp(found.x))


def softmax(scores: np.ndarray, sharpness: float) -> np.ndarray:
    """Turn scores into probabilities of persons.

    Args:
        scores (np.ndarray): ``(n, K)``.
        sharpness (float): Of :func:`fit_sharpness`.

    Returns:
        np.ndarray: ``(n, K)`` float32.
    """
    powers = np.exp(np.float32(sharpness) * (scores - scores.max(1, keepdims=True)))
    return powers / powers.sum(axis=1, keepdims=True)


@dataclass(frozen=True, eq=False)
class LikelyPersons:
    """The most probable persons of pictures, the rest being negligible.

    Attributes:
        persons: ``(N, m)`` int64, the most probable first.
        probabilities: ``(N, m)`` float32.
        own: ``(N,)`` float32 probability of the person of the label
            (self-confidence).
    """

    persons: np.ndarray
    probabilities: np.ndarray
    own: np.ndarray


@dataclass(frozen=True, eq=False)
class ConfidentJoint:
    """Which pictures count with certainty, as whom.

    Attributes:
        confident: ``(N,)`` int64 person that a picture shows with certainty; -1 where
            no person is certain.
        errors: ``(N,)`` float64 by how much a picture adds to the estimated number of
            wrong labels: their sum is that estimate.
    """

    confident: np.ndarray
    errors: np.ndarray


def join_confident(likely: LikelyPersons, labels: np.ndarray) -> ConfidentJoint:
    """Count the confident joint and calibrate it (section 3.1, equations 1 to 3).

    A picture counts as the most probable of those persons whose probability is at
    least their threshold, the mean self-confidence of the pictures labelled so. The
    counts of each label are then scaled to the number of its pictures.

    Args:
        likely (LikelyPersons): Out-of-sample probabilities.
        labels (np.ndarray): ``(N,)`` persons from 0 to K - 1.
    """
    counts = np.bincount(labels)
    thresholds = np.bincount(labels, likely.own.astype(np.float64)) / counts
    certain = likely.probabilities >= thresholds[likely.persons]
    first = certain.argmax(axis=1)
    rows = np.arange(len(labels))
    confident = np.where(certain[rows, first], likely.persons[rows, first], -1)
    known = np.bincount(labels, confident >= 0)
    # Of a label without a certain picture nothing is known, and nothing is added.
    scale = counts / np.maximum(known, 1)
    wrong = (confident >= 0) & (confident != labels)
    return ConfidentJoint(confident, np.where(wrong, scale[labels], 0.0))
