"""Whether a person is found again who has been away for some time."""

from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.uncertainty import Interval, bootstrap_interval


@dataclass(frozen=True, eq=False)
class Reassociation:
    """How often the first answer is the same person, later.

    Attributes:
        after: Time between the end of a query and the start of an answer, at least.
        interval: Mean over the queries and its interval over persons; None without
            queries.
        num_queries: Tracklets whose person comes again.
        num_persons: Of the queries.
    """

    after: float
    interval: Interval | None
    num_queries: int
    num_persons: int


def reassociate(
    vectors: np.ndarray,
    persons: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    after: float = 0.0,
    *,
    seed: int = 0,
) -> Reassociation:
    """Look for each tracklet's person among the later ones and all other persons'.

    A query is a tracklet whose person has another that starts ``after`` or more after
    its end. It is compared with these and with all tracklets of other persons, at
    whatever time; its person's other tracklets are left aside. It is right if the
    nearest is its person; of equally near ones, none may be another's.

    Args:
        vectors (np.ndarray): ``(N, D)`` unit vectors.
        persons (np.ndarray): ``(N,)`` true person of each tracklet.
        starts (np.ndarray): ``(N,)`` in seconds or frames, on one clock.
        ends (np.ndarray): ``(N,)`` likewise.
        after (float): Time away at least. Defaults to 0.
        seed (int): Of the bootstrap. Defaults to 0.

    Returns:
        Reassociation: The share of right queries, with a 95 % interval over persons.
    """
    persons, starts, ends = map(np.asarray, (persons, starts, ends))
    right, queries = [], []
    for row in range(len(persons)):
        same = persons == persons[row]
        later = same & (starts - ends[row] >= after)
        later[row] = False
        if not later.any():
            continue
        distances = 1 - vectors @ vectors[row]
        nearest_other = distances[~same].min(initial=np.inf)
        right.append(float(distances[later].min() < nearest_other))
        queries.append(row)
    whose = persons[queries]
    return Reassociation(
        after=after,
        interval=bootstrap_interval(np.array(right), whose, seed=seed)
        if right
        else None,
        num_queries=len(queries),
        num_persons=len(np.unique(whose)),
    )
