"""Thresholds that keep a rate of searches for somebody who is not in the gallery."""

from typing import Any

import numpy as np

from mmreid.evaluation.functional.open_set.identification import (
    FirstAnswers,
    count_allowed,
)
from mmreid.evaluation.test_set import TestSet
from mmreid.search.decisions.evidence import LabelledPairs, Trials
from mmreid.search.decisions.evidence.test_set_pairs import (
    collect_near,
    first_answers,
    number_persons,
)
from mmreid.search.decisions.guarantee import check_enough, guaranteed_threshold
from mmreid.search.decisions.person_jackknife import (
    LeftOut,
    answered_searches,
    own_trials,
    person_interval,
    share_interval,
)


def fit_searches(
    test_set: TestSet, rate: float, unmated: str, guarantee: float | None
) -> tuple[dict[str, Any], LabelledPairs]:
    """Ask each query once, and once more for somebody who is not there.

    Args:
        test_set (TestSet): Queries and gallery.
        rate (float): As of :func:`fit_operating_point`.
        unmated (str): As of :func:`fit_operating_point`.
        guarantee (float, optional): As of :func:`fit_operating_point`.

    Returns:
        tuple[dict, LabelledPairs]: What an operating point tells of its threshold, and
        the first answers, right and wrong, that probabilities are fitted on.

    Raises:
        ValueError: Too few searches to tell the rate, or to guarantee it.
    """
    test_set.check_complete()
    persons = number_persons(test_set)
    first, mated = first_answers(test_set)
    vain = _in_vain(first, mated, rate, unmated)
    alarms = np.sort(first.wrong[vain])
    threshold = float(alarms[count_allowed(rate, len(alarms))])
    owners = persons.queries
    near, query = collect_near(test_set, persons, threshold)
    near, query = near.take(vain[query]), query[vain[query]]
    everything = own_trials(owners[vain], persons.count)

    def count(limit: float) -> LeftOut:
        """Count the searches in vain that somebody below a threshold answers."""
        near_enough = near.distances < limit
        part, asked = near.take(near_enough), query[near_enough]
        return answered_searches(asked, part.first, part.second, persons.count)

    if guarantee is not None:
        below = alarms[alarms < threshold]
        threshold = guaranteed_threshold(below, count, everything, rate, guarantee)
    accepted = count(threshold)
    right = (first.right < threshold)[mated] & (first.rank[mated] == 1)
    found = dict(
        threshold=threshold,
        achieved_rate=accepted.count / everything.count,
        interval=person_interval(accepted, everything, len(np.unique(owners[vain]))),
        true_accept_rate=float(right.mean()),
        true_accept_interval=share_interval(right, owners[mated]),
        num_positive=int(mated.sum()),
        num_negative=len(alarms),
        num_gallery=int((persons.gallery >= 0).sum()),
        unmated=unmated,
    )
    positive = Trials(first.right[mated], owners[mated], owners[mated])
    negative = Trials(first.wrong[vain], owners[vain], owners[vain])
    return found, LabelledPairs(positive, negative, len(np.unique(owners)))


def _in_vain(
    first: FirstAnswers, mated: np.ndarray, rate: float, unmated: str
) -> np.ndarray:
    """Tell which queries are searches for somebody who is not there."""
    vain = np.isfinite(first.wrong) & ((unmated == 'left-out') | ~mated)
    if not mated.any() or not vain.any():
        raise ValueError(
            'Identification needs searches for persons who are in the gallery and for '
            f'others, got {int(mated.sum())} and {int(vain.sum())}; '
            "unmated='left-out' asks everybody once more of a gallery without them."
        )
    check_enough(rate, int(vain.sum()), 'searches for somebody who is not there')
    return vain
