"""Open-set rates of features, and thresholds set on them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmreid.evaluation.functional import Features
from mmreid.evaluation.functional.open_set.identification import identify_queries
from mmreid.evaluation.functional.open_set.operating_threshold import OperatingThreshold
from mmreid.evaluation.functional.open_set.verification import verify_pairs
from mmreid.evaluation.functional.ranking.relevance import Relevance

RATES = (0.001, 0.01, 0.1)


def score_identification(
    features: Features,
    distance: str = 'cosine',
    *,
    rates: Sequence[float] = RATES,
    ranks: Sequence[int] = (1, 5, 10),
    unmated: str | None = None,
    threshold: OperatingThreshold | None = None,
) -> dict[str, Any]:
    """Measure detection and identification at false accept rates.

    Args:
        features (Features): Queries and gallery.
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
        everyone = Relevance(features).num_matches.all()
        unmated = 'left-out' if everyone else 'absent'
    found = identify_queries(
        features,
        rates=rates,
        thresholds=None if threshold is None else [threshold.threshold],
        ranks=ranks,
        unmated=unmated,
        distance=distance,
    )
    return dict(
        rates=_percent(found.rates) if threshold is None else None,
        thresholds=list(found.thresholds),
        false_accept_rates=_percent(found.false_accept_rates),
        **{f'R{r}': _percent(found.detection_rates[:, i]) for i, r in enumerate(ranks)},
        num_mated=found.num_mated,
        num_unmated=found.num_unmated,
        unmated=found.unmated,
        distance=distance,
    )


def score_verification(
    features: Features,
    distance: str = 'cosine',
    *,
    rates: Sequence[float] = RATES,
    threshold: OperatingThreshold | None = None,
) -> dict[str, Any]:
    """Measure true positive rates at false positive rates over all pairs.

    Args:
        features (Features): Queries and gallery.
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        rates (Sequence[float]): False positive rates, fractions.
            Defaults to ``(0.001, 0.01, 0.1)``.
        threshold (OperatingThreshold, optional): Measure at this one instead of at
            the rates. Defaults to None.

    Returns:
        dict[str, Any]: The fields of :class:`Verification`, the rates in percent;
        ``rates`` is None where a threshold was given.
    """
    found = verify_pairs(
        features,
        rates=rates,
        thresholds=None if threshold is None else [threshold.threshold],
        distance=distance,
    )
    return dict(
        rates=_percent(found.rates) if threshold is None else None,
        thresholds=list(found.thresholds),
        false_positive_rates=_percent(found.false_positive_rates),
        true_positive_rates=_percent(found.true_positive_rates),
        num_positive=found.num_positive,
        num_negative=found.num_negative,
        distance=distance,
    )


def choose_threshold(
    features: Features, task: str, scores: dict[str, Any], place: int = 0
) -> OperatingThreshold:
    """Take a threshold from the rates measured on features.

    Args:
        features (Features): What was measured.
        task (str): ``'identification'`` or ``'verification'``.
        scores (dict[str, Any]): Of :func:`score_identification` or
            :func:`score_verification`.
        place (int): Which of the rates. Defaults to 0, the first.

    Raises:
        ValueError: The threshold is infinite: no wrong answer is to be kept out.
    """
    identification = task == 'identification'
    achieved = 'false_accept_rates' if identification else 'false_positive_rates'
    trials = 'num_unmated' if identification else 'num_negative'
    return OperatingThreshold(
        threshold=scores['thresholds'][place],
        distance=scores['distance'],
        task=task,
        rate=scores['rates'][place] / 100,
        achieved_rate=scores[achieved][place] / 100,
        num_trials=scores[trials],
        unmated=scores.get('unmated'),
        dataset=features.meta.get('dataset'),
        model_key=model_key(features),
    )


def model_key(features: Features) -> str | None:
    """Return the key of the weights and the config that made features, if known."""
    return (features.meta.get('features_key') or {}).get('model')


def _percent(values: Sequence[float] | np.ndarray) -> list[float]:
    return [100 * float(value) for value in values]
