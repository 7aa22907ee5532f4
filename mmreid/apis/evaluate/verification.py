"""Verification: pairs of one person that are told from pairs of two."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmreid.apis.evaluate.thresholds import RATES, format_rates, to_percent
from mmreid.evaluation.functional.open_set.operating_threshold import OperatingThreshold
from mmreid.evaluation.functional.open_set.verification import verify_pairs
from mmreid.evaluation.test_set import TestSet


def score_verification(
    test_set: TestSet,
    distance: str = 'cosine',
    *,
    rates: Sequence[float] = RATES,
    threshold: OperatingThreshold | None = None,
) -> dict[str, Any]:
    """Measure true positive rates at false positive rates over all pairs.

    Args:
        test_set (TestSet): Queries and gallery.
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        rates (Sequence[float]): False positive rates, fractions.
            Defaults to ``(0.001, 0.01, 0.1)``.
        threshold (OperatingThreshold, optional): Measure at this one instead of at
            the rates. Defaults to None.

    Returns:
        dict[str, Any]: The fields of :class:`Verification`, the rates in percent;
        ``rates`` is None where a threshold was given.
    """
    scores = verify_pairs(
        test_set,
        rates=rates,
        thresholds=None if threshold is None else [threshold.threshold],
        distance=distance,
    )
    return dict(
        rates=to_percent(scores.rates) if threshold is None else None,
        thresholds=list(scores.thresholds),
        false_positive_rates=to_percent(scores.false_positive_rates),
        true_positive_rates=to_percent(scores.true_positive_rates),
        num_positive=scores.num_positive,
        num_negative=scores.num_negative,
        distance=distance,
    )


def format_verification(scores: Mapping[str, Any]) -> str:
    """Lay out true positive rates.

    Args:
        scores (Mapping[str, Any]): From :func:`score_verification`.

    Returns:
        str: A table and a line.
    """
    columns = {
        **({'FPR at most': scores['rates']} if scores['rates'] else {}),
        'FPR': scores['false_positive_rates'],
        'distance <': scores['thresholds'],
        'TPR': scores['true_positive_rates'],
    }
    positive = f'verification: {scores["num_positive"]} pairs of one person'
    return f'{format_rates(columns)}\n{positive}, {scores["num_negative"]} of two'
