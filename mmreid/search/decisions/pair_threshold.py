"""Thresholds that keep a rate of pairs of two persons."""

from typing import Any

import numpy as np

from mmreid.evaluation.functional.open_set.identification import count_allowed
from mmreid.evaluation.functional.open_set.verification import verify_pairs
from mmreid.evaluation.test_set import TestSet
from mmreid.search.decisions.evidence import LabelledPairs, Trials
from mmreid.search.decisions.evidence.test_set_pairs import (
    collect_pairs,
    number_persons,
)
from mmreid.search.decisions.guarantee import check_enough, guaranteed_threshold
from mmreid.search.decisions.person_jackknife import (
    LeftOut,
    all_pairs,
    listed_pairs,
    person_interval,
    share_interval,
)


def fit_test_set(
    test_set: TestSet, rate: float, seed: int, guarantee: float | None
) -> tuple[dict[str, Any], LabelledPairs]:
    """Look at all pairs of a test set.

    Args:
        test_set (TestSet): Queries and gallery.
        rate (float): As of :func:`fit_operating_point`.
        seed (int): Of the pairs that are drawn.
        guarantee (float, optional): As of :func:`fit_operating_point`.

    Returns:
        tuple[dict, LabelledPairs]: What an operating point tells of its threshold, and
        the pairs that probabilities are fitted on.

    Raises:
        ValueError: Too few pairs to tell the rate, or to guarantee it.
    """
    test_set.check_complete()
    measured = verify_pairs(test_set, rates=(rate,))
    # Where all pictures are both queries and gallery each pair comes twice.
    times = 2 if test_set.queries is test_set.gallery else 1
    num_negative = measured.num_negative // times
    check_enough(rate, num_negative, 'pairs of two persons')
    threshold = measured.thresholds[0]
    persons = number_persons(test_set)
    positive, accepted, drawn = collect_pairs(test_set, persons, threshold, seed)
    queries = np.bincount(persons.queries, minlength=persons.count)
    answers = persons.gallery[persons.gallery >= 0]
    gallery = np.bincount(answers, minlength=persons.count)
    everything = all_pairs(queries, gallery)
    found = _verified(
        positive, accepted, everything, threshold, persons.count, rate, guarantee
    )
    found['num_positive'] = measured.num_positive // times
    found['num_negative'] = num_negative
    return found, LabelledPairs(positive, drawn, persons.count)


def fit_labelled(
    pairs: LabelledPairs, rate: float, guarantee: float | None
) -> dict[str, Any]:
    """Look at pairs that were labelled one by one.

    Args:
        pairs (LabelledPairs): The pairs.
        rate (float): As of :func:`fit_operating_point`.
        guarantee (float, optional): As of :func:`fit_operating_point`.

    Returns:
        dict[str, Any]: What an operating point tells of its threshold.

    Raises:
        ValueError: Too few pairs to tell the rate, or to guarantee it.
    """
    count = len(pairs.negative)
    if not len(pairs.positive) or not count:
        raise ValueError(
            'Labelled pairs must be of one person and of two, got '
            f'{len(pairs.positive)} and {count}; label pairs of both kinds.'
        )
    check_enough(rate, count, 'pairs of two persons')
    place = count_allowed(rate, count)
    threshold = float(np.partition(pairs.negative.distances, place)[place])
    negative = pairs.negative
    # Pairs have made the persons dense enough to count, though not without gaps.
    sides = [negative.first, negative.second, pairs.positive.first]
    _, dense = np.unique(np.concatenate(sides), return_inverse=True)
    first, second, own = np.split(dense, np.cumsum([count, count]))
    size = int(dense.max()) + 1
    negative = Trials(negative.distances, first, second)
    positive = Trials(pairs.positive.distances, own, own)
    accepted = negative.take(negative.distances < threshold)
    everything = listed_pairs(first, second, size)
    found = _verified(positive, accepted, everything, threshold, size, rate, guarantee)
    found['num_positive'], found['num_negative'] = len(positive), count
    return found


def _verified(
    positive: Trials,
    accepted: Trials,
    everything: LeftOut,
    threshold: float,
    num_persons: int,
    rate: float,
    guarantee: float | None,
) -> dict[str, Any]:
    """Choose a threshold of pairs, and compute its intervals."""

    def count(limit: float) -> LeftOut:
        """Count the pairs below a threshold."""
        below = accepted.take(accepted.distances < limit)
        return listed_pairs(below.first, below.second, num_persons)

    if guarantee is not None:
        threshold = guaranteed_threshold(
            accepted.distances, count, everything, rate, guarantee
        )
    passed = positive.distances < threshold
    wrong = count(threshold)
    # Disjoint pairs of persons are independent.
    independent = max(1, num_persons // 2)
    return dict(
        threshold=threshold,
        achieved_rate=wrong.count / everything.count,
        interval=person_interval(wrong, everything, independent),
        true_accept_rate=float(passed.mean()),
        true_accept_interval=share_interval(passed, positive.first),
    )
