"""How far a rate would have come out otherwise for other persons.

A pair has two persons, and pairs that share one are not independent: somebody in black
is taken for many others. So each person is left out in turn, with all pictures that
show them, on either side, and the spread of the rates that remain tells a variance
(Quenouille, Notes on bias in estimation, Biometrika 1956; Tukey 1958). It is at least
the true one on average (Efron and Stein, The jackknife estimate of variance, Annals of
Statistics 1981), whatever persons have in common. The interval is symmetric in log
odds, since rates near zero are skewed.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, stdtrit

from mmreid.evaluation.functional.uncertainty import bootstrap_interval


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Counts of trials with everybody and without each person.

    Attributes:
        count: Trials.
        without: ``(P,)`` float64, trials without each person.
    """

    count: float
    without: np.ndarray


def person_interval(
    accepted: LeftOut,
    everything: LeftOut,
    independent: int,
    *,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Bound the share of trials that are accepted.

    Args:
        accepted (LeftOut): Those that are.
        everything (LeftOut): All.
        independent (int): Trials that share no person, for a share of 0 or 1.
        confidence (float): Level of the interval. Defaults to 0.95.

    Returns:
        tuple[float, float]: Lower and upper end.
    """
    share = accepted.count / everything.count
    if share in (0.0, 1.0):
        return unanimous_interval(share, max(1, independent), confidence)
    # Somebody without trials changes nothing, and is no evidence.
    involved = everything.without != everything.count
    involved |= accepted.without != accepted.count
    involved &= everything.without > 0
    size = int(involved.sum())
    if size < 2:
        return 0.0, 1.0
    shares = accepted.without[involved] / everything.without[involved]
    deviation = float(np.sqrt((size - 1) * shares.var()))
    reach = stdtrit(size - 1, (1 + confidence) / 2) * deviation
    reach /= share * (1 - share)
    low, high = expit(logit(share) + np.array([-reach, reach]))
    return float(low), float(high)


def unanimous_interval(
    share: float, independent: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Bound a share of which no other case was seen (the rule of three).

    Args:
        share (float): 0 or 1.
        independent (int): Number of independent trials.
        confidence (float): Level of the interval. Defaults to 0.95.

    Returns:
        tuple[float, float]: Lower and upper end.
    """
    unseen = 1 - (1 - confidence) ** (1 / independent)
    return (0.0, unseen) if share == 0 else (1 - unseen, 1.0)


def listed_pairs(first: np.ndarray, second: np.ndarray, num_persons: int) -> LeftOut:
    """Count pairs of two persons.

    Args:
        first (np.ndarray): ``(n,)`` person of one side.
        second (np.ndarray): ``(n,)`` person of the other.
        num_persons (int): Number of persons.

    Returns:
        LeftOut: The pairs.
    """
    lost = np.bincount(first, minlength=num_persons) + np.bincount(
        second, minlength=num_persons
    )
    return LeftOut(float(len(first)), len(first) - lost.astype(np.float64))


def all_pairs(queries: np.ndarray, gallery: np.ndarray) -> LeftOut:
    """Count all pairs of a query and a gallery picture of two persons.

    Args:
        queries (np.ndarray): ``(P,)`` queries of each person.
        gallery (np.ndarray): ``(P,)`` gallery pictures of each person.

    Returns:
        LeftOut: The pairs.
    """
    asked, shown = queries.astype(np.float64), gallery.astype(np.float64)
    count = float(asked.sum() * shown.sum() - asked @ shown)
    lost = asked * (shown.sum() - shown) + shown * (asked.sum() - asked)
    return LeftOut(count, count - lost)


def own_trials(owners: np.ndarray, num_persons: int) -> LeftOut:
    """Count trials of one person each, such as searches.

    Args:
        owners (np.ndarray): ``(n,)`` the person of each.
        num_persons (int): Number of persons.

    Returns:
        LeftOut: The trials.
    """
    lost = np.bincount(owners, minlength=num_persons).astype(np.float64)
    return LeftOut(float(len(owners)), len(owners) - lost)


def answered_searches(
    query: np.ndarray, owners: np.ndarray, answers: np.ndarray, num_persons: int
) -> LeftOut:
    """Count searches that somebody answers.

    Without a person their searches are not made, and those that nobody else answers
    are not answered.

    Args:
        query (np.ndarray): ``(n,)`` the search of each accepted pair.
        owners (np.ndarray): ``(n,)`` the person that is searched for.
        answers (np.ndarray): ``(n,)`` another person, who is accepted.
        num_persons (int): Number of persons.

    Returns:
        LeftOut: The searches with an accepted answer.
    """
    keys = np.unique(query.astype(np.int64) * num_persons + answers)
    asked, answering = keys // num_persons, keys % num_persons
    searches, places, times = np.unique(asked, return_index=True, return_counts=True)
    of_search = dict(zip(query.tolist(), owners.tolist(), strict=True))
    people = np.array([of_search[q] for q in searches.tolist()], np.int64)
    lost = np.bincount(people, minlength=num_persons)
    alone = answering[places[times == 1]]
    lost = lost + np.bincount(alone, minlength=num_persons)
    return LeftOut(float(len(searches)), len(searches) - lost.astype(np.float64))


def share_interval(passed: np.ndarray, persons: np.ndarray) -> tuple[float, float]:
    """Bound the share of trials that pass, each of which has one person.

    Args:
        passed (np.ndarray): ``(n,)`` bool.
        persons (np.ndarray): ``(n,)`` whose trial each is.

    Returns:
        tuple[float, float]: Lower and upper end of 95 %.
    """
    share = float(passed.mean())
    if share in (0.0, 1.0):
        return unanimous_interval(share, len(np.unique(persons)))
    found = bootstrap_interval(passed.astype(float), persons, resamples=2000)
    return max(0.0, float(found.low)), min(1.0, float(found.high))
