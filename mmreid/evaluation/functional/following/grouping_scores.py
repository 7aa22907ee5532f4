"""How well tracklets were joined, each counted once."""

from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.following.shares import divide


@dataclass(frozen=True)
class GroupingScores:
    """Joined tracklets against the persons they show; NaN where none can be counted.

    Attributes:
        purity: Share of the tracklets that show the person whom most of their
            identity's show.
        precision: Share of the pairs of one identity that are one person.
        recall: Share of the pairs of one person that are one identity.
        f_score: Harmonic mean of precision and recall.
        num_tracklets: That were counted.
    """

    purity: float
    precision: float
    recall: float
    f_score: float
    num_tracklets: int


def grouping_scores(persons: np.ndarray, identities: np.ndarray) -> GroupingScores:
    """Score identities of tracklets.

    Args:
        persons (np.ndarray): ``(N,)`` true person of each tracklet.
        identities (np.ndarray): ``(N,)`` its identity.

    Returns:
        GroupingScores: As shares of 1.
    """
    _, rows = np.unique(persons, return_inverse=True)
    _, columns = np.unique(identities, return_inverse=True)
    shape = rows.max(initial=-1) + 1, columns.max(initial=-1) + 1
    common = np.zeros(shape, np.int64)
    np.add.at(common, (rows, columns), 1)
    both = _pairs(common)
    precision = divide(both, _pairs(common.sum(0)))
    recall = divide(both, _pairs(common.sum(1)))
    total = _pairs(common.sum(0)) + _pairs(common.sum(1))
    return GroupingScores(
        purity=divide(common.max(0, initial=0).sum(), len(rows)),
        precision=precision,
        recall=recall,
        f_score=divide(2 * both, total),
        num_tracklets=len(rows),
    )


def _pairs(counts: np.ndarray) -> int:
    return int((counts * (counts - 1) // 2).sum())
