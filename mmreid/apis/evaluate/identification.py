"""Open-set identification: queries that are found while strangers are kept out."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmreid.apis.evaluate.thresholds import RATES, format_rates, to_percent
from mmreid.evaluation.functional.open_set.identification import identify_queries
from mmreid.evaluation.functional.open_set.operating_threshold import OperatingThreshold
from mmreid.evaluation.functional.ranking.relevance import Relevance
from mmreid.evaluation.test_set import TestSet


def score_identification(
    test_set: TestSet,
    distance: str = 'cosine',
    *,
    rates: Sequence[float] = RATES,
    ranks: Sequence[int] = (1, 5, 10),
    unmated: str | None = None,
    threshold: OperatingThreshold | None = None,
) -> dict[str, Any]:
    """Measure detection and identification at false accept rates.

    Args:
        test_set (TestSet): Queries and gallery.
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        rates (Sequence[float]): False accept rates, fractions.
            Defaults to ``(0.001, 0.01, 0.1)``.
        ranks (Sequence[int]): Defaults to ``(1, 5, 10)``.
        unmated (str, optional): ``'absent'`` or ``'left-out'``, see
            :func:`evaluate_identification`. Defaults to None: the first where there
            are such queries, else the second; a threshold's own where there is one.
        threshold (OperatingThreshold, optional): Measure at this one instead of at
            the rates. Defaults to None.

    Returns:
        dict[str, Any]: The fields of :class:`Identification`, the rates in percent;
        ``rates`` is None where a threshold was given.
    """
    if unmated is None and threshold is not None:
        unmated = threshold.unmated
    if unmated is None:
        everyone = Relevance(test_set).num_matches.all()
        unmated = 'left-out' if everyone else 'absent'
    scores = identify_queries(
        test_set,
        rates=rates,
        thresholds=None if threshold is None else [threshold.threshold],
        ranks=ranks,
        unmated=unmated,
        distance=distance,
    )
    detected = scores.detection_rates
    return dict(
        rates=to_percent(scores.rates) if threshold is None else None,
        thresholds=list(scores.thresholds),
        false_accept_rates=to_percent(scores.false_accept_rates),
        **{f'R{rank}': to_percent(detected[:, i]) for i, rank in enumerate(ranks)},
        num_mated=scores.num_mated,
        num_unmated=scores.num_unmated,
        unmated=scores.unmated,
        distance=distance,
    )


def format_identification(scores: Mapping[str, Any]) -> str:
    """Lay out detection and identification rates.

    Args:
        scores (Mapping[str, Any]): From :func:`score_identification`.

    Returns:
        str: A table and a line.
    """
    ranks = [key for key in scores if key[0] == 'R' and key[1:].isdigit()]
    columns = {
        **({'FAR at most': scores['rates']} if scores['rates'] else {}),
        'FAR': scores['false_accept_rates'],
        'distance <': scores['thresholds'],
        **{f'DIR@{rank}': scores[rank] for rank in ranks},
    }
    strangers = (
        f'{scores["num_unmated"]} queries without one'
        if scores['unmated'] == 'absent'
        else f'all {scores["num_unmated"]} once more, of a gallery without their person'
    )
    mated = f'identification: {scores["num_mated"]} queries with a right answer'
    return f'{format_rates(columns)}\n{mated}, {strangers}'
