"""Verification: whether two images show one person, over all pairs of a test set.

The thresholds are order statistics of all distances of unlike persons, of which
MSMT17's test set has 958 million. They are near exactly without keeping them: a sample
tells where each threshold must lie, a pass over the blocks counts what is certainly
nearer and keeps the few pairs around it, and the closest of these are compared in
float64. Should a threshold lie elsewhere after all, the pass is repeated.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.distances.measures import stream_distances
from mmreid.evaluation.functional.open_set.identification import (
    check_rates,
    count_allowed,
)
from mmreid.evaluation.functional.open_set.labelled_pairs import (
    Pairs,
    PairStream,
    Window,
)
from mmreid.evaluation.functional.ranking.relevance import Relevance
from mmreid.evaluation.test_set import Array, Labels, TestSet

# Pairs that are drawn to find out where the thresholds lie.
SAMPLE_SIZE = 1 << 16
# Standard deviations on both sides of the sample's answer.
_SAFETY = 5.0


@dataclass(frozen=True, eq=False)
class Verification:
    """Points of the receiver operating characteristic; all rates are fractions.

    Attributes:
        rates: The false positive rates asked for; those at ``thresholds`` where
            thresholds were given.
        thresholds: Two images pass for one person where their distance is *below*
            this one.
        false_positive_rates: Of pairs of two persons that pass, at most ``rates``;
            less where equal distances or few pairs allow no more.
        true_positive_rates: Of pairs of one person that pass.
        num_positive: Number of pairs of one person.
        num_negative: Number of pairs of two persons.
    """

    rates: tuple[float, ...]
    thresholds: tuple[float, ...]
    false_positive_rates: tuple[float, ...]
    true_positive_rates: tuple[float, ...]
    num_positive: int
    num_negative: int


def evaluate_verification(
    query: Array,
    gallery: Array,
    query_ids: Labels,
    gallery_ids: Labels,
    query_cams: Labels,
    gallery_cams: Labels,
    *,
    rates: Sequence[float] = (1e-4, 1e-3, 1e-2),
    thresholds: Sequence[float] | None = None,
    distance: str = 'cosine',
    memory_budget: int = 256 << 20,
) -> Verification:
    """Measure true positive rates at false positive rates over all pairs.

    A pair is a query and one of its answers under the Market protocol, see
    :func:`evaluate_ranking`: positive if the answer is right, negative if it is wrong
    (distractors included); ignored images form no pairs. A rate's threshold is the
    most permissive that keeps it. The result is that of a loop over float64 distances.

    Args:
        query (Array): ``(num_query, D)`` vectors, as in :func:`evaluate_ranking`.
        gallery (Array): ``(num_gallery, D)`` vectors.
        query_ids (Labels): Person of each query, ``(num_query,)``.
        gallery_ids (Labels): Person of each gallery image, ``(num_gallery,)``.
        query_cams (Labels): Camera of each query, ``(num_query,)``.
        gallery_cams (Labels): Camera of each gallery image, ``(num_gallery,)``.
        rates (Sequence[float]): False positive rates at which to measure, from 0 and
            below 1. The memory for the pairs kept grows with the square root of the
            largest. Defaults to ``(1e-4, 1e-3, 1e-2)``.
        thresholds (Sequence[float], optional): Measure at these thresholds instead.
            Defaults to None.
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        memory_budget (int): Bytes for a block of distances. Defaults to 256 MiB.

    Raises:
        ValueError: As :func:`evaluate_ranking`; no positive or no negative pair; an
            unknown option or a rate out of its range.
    """
    labels = (query_ids, gallery_ids, query_cams, gallery_cams)
    return verify_pairs(
        TestSet.from_arrays(query, gallery, *labels),
        rates=rates,
        thresholds=thresholds,
        distance=distance,
        memory_budget=memory_budget,
    )


def verify_pairs(
    test_set: TestSet,
    *,
    rates: Sequence[float] = (1e-4, 1e-3, 1e-2),
    thresholds: Sequence[float] | None = None,
    distance: str = 'cosine',
    memory_budget: int = 256 << 20,
) -> Verification:
    """Do what :func:`evaluate_verification` describes for a test set.

    Args:
        test_set (TestSet): Queries and gallery.
        rates (Sequence[float]): Defaults to ``(1e-4, 1e-3, 1e-2)``.
        thresholds (Sequence[float], optional): Defaults to None.
        distance (str): Defaults to ``'cosine'``.
        memory_budget (int): Defaults to 256 MiB.

    Returns:
        Verification: Rates at the thresholds.

    Raises:
        ValueError: As :func:`evaluate_verification`.
    """
    rates = check_rates(rates)
    relevance = Relevance(test_set)
    distances = stream_distances(test_set, distance, memory_budget)
    stream = PairStream(distances, relevance)
    if not stream.num_positive or not stream.num_negative:
        raise ValueError(
            'Verification needs pairs of one person and of two, but queries and their '
            f'answers form {stream.num_positive} and {stream.num_negative} of them.'
        )
    if thresholds is None:
        limits, near = _find_thresholds(stream, rates)
    else:
        limits = [float(limit) for limit in thresholds]
        near = stream.around([(distances.key(limit),) * 2 for limit in limits])
    counts = [part.count_below(limit) for part, limit in zip(near, limits, strict=True)]
    accepted = tuple(count / stream.num_negative for count in counts)
    passed = [stream.positive.count_below(limit) for limit in limits]
    return Verification(
        rates=rates if thresholds is None else accepted,
        thresholds=tuple(limits),
        false_positive_rates=accepted,
        true_positive_rates=tuple(count / stream.num_positive for count in passed),
        num_positive=stream.num_positive,
        num_negative=stream.num_negative,
    )


def _find_thresholds(
    stream: PairStream, rates: Sequence[float]
) -> tuple[list[float], list[Pairs]]:
    """Return the exact threshold of each rate and the negative pairs around it."""
    places = [count_allowed(rate, stream.num_negative) for rate in rates]
    sample = np.empty(0)
    if stream.num_negative > SAMPLE_SIZE:
        sample = stream.sample_negative(SAMPLE_SIZE)
    safety = _SAFETY
    while True:
        windows = [_window(stream, sample, rate, safety) for rate in rates]
        near = stream.around(windows)
        limits = [
            part.smallest(place) for part, place in zip(near, places, strict=True)
        ]
        certain = [limit for limit in limits if limit is not None]
        if len(certain) == len(limits):
            return certain, near
        safety *= 4


def _window(
    stream: PairStream, sample: np.ndarray, rate: float, safety: float
) -> Window:
    """Bound where a rate's threshold lies, given a sorted sample of distances."""
    place = rate * len(sample)
    reach = safety * (1 + math.sqrt(place * (1 - rate)))
    low, high = math.floor(place - reach), math.ceil(place + reach)
    key = stream.distances.key
    return (
        key(float(sample[low])) if low >= 0 and len(sample) else -math.inf,
        key(float(sample[high])) if high < len(sample) else math.inf,
    )
