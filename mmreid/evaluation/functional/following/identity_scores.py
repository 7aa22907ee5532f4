"""IDF1: for how many boxes an identity is the person whom it mostly shows."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from mmreid.evaluation.functional.following.shares import divide


@dataclass(frozen=True)
class IdentityScores:
    """How well identities tell persons apart; NaN where there is nothing to count.

    Attributes:
        idf1: Harmonic mean of the two others.
        idp: Share of the result's boxes whose identity is their person's.
        idr: Share of the true boxes that the identity of their person shows.
        num_persons: In the truth.
        num_identities: In the result.
    """

    idf1: float
    idp: float
    idr: float
    num_persons: int
    num_identities: int


def identity_scores(
    true_ids: np.ndarray, ids: np.ndarray, pairs: np.ndarray
) -> IdentityScores:
    """Score identities by their best assignment to persons.

    Each person is given one identity at most and each identity one person, so that
    most boxes are right (Ristani et al., Performance Measures and a Data Set for
    Multi-Target, Multi-Camera Tracking, ECCV Workshops 2016). Boxes of several cameras
    in one call are scored jointly: an identity must then be the same person in all.

    Args:
        true_ids (np.ndarray): ``(N,)`` person of each true box.
        ids (np.ndarray): ``(M,)`` identity of each box of the result.
        pairs (np.ndarray): ``(P, 2)`` rows of the two that overlap in their frame, see
            :func:`overlapping_boxes`.

    Returns:
        IdentityScores: As shares of 1.
    """
    persons, one = np.unique(true_ids, return_inverse=True)
    identities, other = np.unique(ids, return_inverse=True)
    common = np.zeros((len(persons), len(identities)))
    np.add.at(common, (one[pairs[:, 0]], other[pairs[:, 1]]), 1)
    rows, columns = linear_sum_assignment(-common)
    right = common[rows, columns].sum()
    return IdentityScores(
        idf1=divide(2 * right, len(one) + len(other)),
        idp=divide(right, len(other)),
        idr=divide(right, len(one)),
        num_persons=len(persons),
        num_identities=len(identities),
    )
