"""Open set: whether a query's person is in the gallery at all, and who it is.

Detection and identification rate at false accept rates: Phillips, Grother and Micheals,
Evaluation Methods in Face Recognition, Handbook of Face Recognition, 2nd ed., 2011;
for persons Liao et al., Open-set Person Re-identification, arXiv:1408.0872, 2014.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmreid.arguments import check_choice
from mmreid.evaluation.functional.distances.measures import (
    check_distance,
    stream_distances,
)
from mmreid.evaluation.functional.distances.streamed import StreamedDistances
from mmreid.evaluation.functional.ranking.exact_ranking import check_ranks
from mmreid.evaluation.functional.ranking.relevance import Relevance
from mmreid.evaluation.test_set import Array, Labels, TestSet

UNMATED = ('absent', 'left-out')


@dataclass(frozen=True, eq=False)
class Identification:
    """Detection and identification rates; all rates are fractions.

    Attributes:
        rates: The false accept rates asked for; those at ``thresholds`` where
            thresholds were given.
        thresholds: An answer is accepted where its distance is *below* this one.
        false_accept_rates: Of unmated queries with an accepted answer, at most
            ``rates``; less where equal distances or few queries allow no more.
        detection_rates: ``(len(thresholds), len(ranks))``: of mated queries whose
            right answer is accepted and has that rank or a better one.
        ranks: The ranks of ``detection_rates``.
        num_mated: Number of queries with a right answer.
        num_unmated: Number of queries without one.
        unmated: Which queries these are, ``'absent'`` or ``'left-out'``.
    """

    rates: tuple[float, ...]
    thresholds: tuple[float, ...]
    false_accept_rates: tuple[float, ...]
    detection_rates: np.ndarray
    ranks: tuple[int, ...]
    num_mated: int
    num_unmated: int
    unmated: str


def evaluate_identification(
    query: Array,
    gallery: Array,
    query_ids: Labels,
    gallery_ids: Labels,
    query_cams: Labels,
    gallery_cams: Labels,
    *,
    rates: Sequence[float] = (0.001, 0.01, 0.1),
    thresholds: Sequence[float] | None = None,
    ranks: Sequence[int] = (1, 5, 10),
    unmated: str = 'absent',
    distance: str = 'cosine',
    memory_budget: int = 256 << 20,
) -> Identification:
    """Measure detection and identification at false accept rates.

    Which gallery images are right, wrong and ignored is the Market protocol's affair,
    see :func:`evaluate_ranking`. A query is *mated* if it has a right answer; its
    first one, by distance and then by gallery index, must be accepted and have a good
    enough rank. A query is *unmated* if it has none; the nearest of its wrong answers
    must not be accepted. A rate's threshold is the most permissive that keeps it. The
    result is that of a loop over float64 distances; the matrix is never held whole.

    Args:
        query (Array): ``(num_query, D)`` vectors, as in :func:`evaluate_ranking`.
        gallery (Array): ``(num_gallery, D)`` vectors.
        query_ids (Labels): Person of each query, ``(num_query,)``.
        gallery_ids (Labels): Person of each gallery image, ``(num_gallery,)``.
        query_cams (Labels): Camera of each query, ``(num_query,)``.
        gallery_cams (Labels): Camera of each gallery image, ``(num_gallery,)``.
        rates (Sequence[float]): False accept rates at which to measure, from 0 and
            below 1. Defaults to ``(0.001, 0.01, 0.1)``.
        thresholds (Sequence[float], optional): Measure at these thresholds instead.
            Defaults to None.
        ranks (Sequence[int]): Ranks within which the right answer must be. Defaults to
            (1, 5, 10).
        unmated (str): ``'absent'``: queries whose person has no image in the gallery
            that may answer. Most benchmarks have none; ``'left-out'`` then asks every
            query once more, of a gallery without its person. Defaults to ``'absent'``.
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        memory_budget (int): Bytes for a block of distances. Defaults to 256 MiB.

    Raises:
        ValueError: As :func:`evaluate_ranking`; no mated or no unmated query; an
            unknown option or a rate out of its range.
    """
    labels = (query_ids, gallery_ids, query_cams, gallery_cams)
    return identify_queries(
        TestSet.from_arrays(query, gallery, *labels),
        rates=rates,
        thresholds=thresholds,
        ranks=ranks,
        unmated=unmated,
        distance=distance,
        memory_budget=memory_budget,
    )


def identify_queries(
    test_set: TestSet,
    *,
    rates: Sequence[float] = (0.001, 0.01, 0.1),
    thresholds: Sequence[float] | None = None,
    ranks: Sequence[int] = (1, 5, 10),
    unmated: str = 'absent',
    distance: str = 'cosine',
    memory_budget: int = 256 << 20,
) -> Identification:
    """Do what :func:`evaluate_identification` describes for a test set.

    Args:
        test_set (TestSet): Queries and gallery.
        rates (Sequence[float]): Defaults to ``(0.001, 0.01, 0.1)``.
        thresholds (Sequence[float], optional): Defaults to None.
        ranks (Sequence[int]): Defaults to ``(1, 5, 10)``.
        unmated (str): Defaults to ``'absent'``.
        distance (str): Defaults to ``'cosine'``.
        memory_budget (int): Defaults to 256 MiB.

    Returns:
        Identification: Rates at the thresholds.

    Raises:
        ValueError: As :func:`evaluate_identification`.
    """
    ranks = check_ranks(ranks)
    rates = check_rates(rates)
    check_distance(distance)
    check_choice('unmated', unmated, UNMATED)
    relevance = Relevance(test_set)
    mated = relevance.num_matches > 0
    _check_queries(mated, unmated)
    distances = stream_distances(test_set, distance, memory_budget)
    first = FirstAnswers(distances, relevance)
    alarms = np.sort(first.wrong if unmated == 'left-out' else first.wrong[~mated])
    allowed = [count_allowed(rate, len(alarms)) for rate in rates]
    limits = np.array(alarms[allowed] if thresholds is None else thresholds, float)
    accepted = alarms.searchsorted(limits, 'left') / len(alarms)
    good = first.rank[mated, None] <= np.array(ranks)
    near = first.right[mated] < limits[:, None]
    return Identification(
        rates=rates if thresholds is None else tuple(accepted.tolist()),
        thresholds=tuple(limits.tolist()),
        false_accept_rates=tuple(accepted.tolist()),
        detection_rates=(near[:, :, None] & good).mean(axis=1),
        ranks=ranks,
        num_mated=int(mated.sum()),
        num_unmated=len(alarms),
        unmated=unmated,
    )


def check_rates(rates: Sequence[float]) -> tuple[float, ...]:
    """Return rates as a tuple of Python floats.

    Raises:
        ValueError: Not one or more numbers from 0 and below 1.
    """
    numbers = tuple(float(rate) for rate in rates)
    if not numbers or not all(0 <= rate < 1 for rate in numbers):
        raise ValueError(
            'rates must be one or more fractions from 0 and below 1, 0.01 for 1 %, '
            f'got {rates!r}.'
        )
    return numbers


def count_allowed(rate: float, count: int) -> int:
    """Return how many of ``count`` trials a rate allows to go wrong.

    Args:
        rate (float): A fraction below 1.
        count (int): Number of trials.
    """
    # 0.29 * 100 is 28.999999999999996.
    return min(int(rate * count * (1 + 1e-12)), count - 1)


def _check_queries(mated: np.ndarray, unmated: str) -> None:
    """Refuse a test set in which one of the two kinds of queries is missing."""
    if not mated.any():
        raise ValueError(
            f'None of the {len(mated)} queries has a right answer in the gallery, so '
            'no identification rate exists.'
        )
    if unmated == 'absent' and mated.all():
        raise ValueError(
            f'All {len(mated)} queries have a right answer in the gallery, so no false '
            "accept rate exists. Use unmated='left-out', which asks every query once "
            'more of a gallery without its person, or add queries of other persons.'
        )


class FirstAnswers:
    """The nearest right and the nearest wrong answer of each query.

    Args:
        distances (StreamedDistances): Streamed distances in which junk is infinitely
            far.
        relevance (Relevance): The right answers.

    Attributes:
        right: ``(num_query,)`` float64 distance of the nearest right answer;
            infinity where there is none.
        wrong: ``(num_query,)`` float64 distance of the nearest wrong answer;
            infinity where there is none.
        rank: ``(num_query,)`` rank of the nearest right answer, from 1; the number of
            gallery images plus 1 where there is none.
    """

    def __init__(self, distances: StreamedDistances, relevance: Relevance) -> None:
        count = len(relevance.num_matches)
        self._distances = distances
        self.right, self.wrong = np.full((2, count), np.inf)
        self.rank = np.full(count, len(distances.gallery) + 1)
        everyone, dtype = np.arange(count), distances.precisions[0]
        for query, values, margin in distances.rows(everyone, dtype):
            matches = relevance.matches(query)
            keys = values[matches]
            # What is left are the wrong answers.
            values[relevance.same_person(query)] = np.inf
            if np.isfinite(values.min()):
                nearest = np.flatnonzero(values <= values.min() + margin)
                self.wrong[query] = distances.exact(query, nearest).min()
            if len(matches):
                nearest = np.flatnonzero(keys <= keys.min() + margin)
                self._find_right(query, matches[nearest], keys[nearest], values, margin)

    def _find_right(
        self,
        query: int,
        nearest: np.ndarray,
        keys: np.ndarray,
        values: np.ndarray,
        margin: float,
    ) -> None:
        """Find the first right answer and count the wrong ones before it."""
        lengths = self._distances.exact(query, nearest)
        first = np.lexsort((nearest, lengths))[0]
        index, length, key = nearest[first], lengths[first], keys[first]
        before = int((values < key - margin).sum())
        close = np.flatnonzero(np.abs(values - key) <= margin)
        others = self._distances.exact(query, close)
        before += int(
            ((others < length) | ((others == length) & (close < index))).sum()
        )
        self.right[query], self.rank[query] = length, before + 1
