"""What identification and verification share: rates, and thresholds chosen by them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mmreid.evaluation.functional.open_set.operating_threshold import OperatingThreshold
from mmreid.evaluation.test_set import TestSet
from mmreid.text_tables import format_table

RATES = (0.001, 0.01, 0.1)


def choose_threshold(
    test_set: TestSet, task: str, scores: Mapping[str, Any], place: int = 0
) -> OperatingThreshold:
    """Take a threshold from the rates measured on a test set.

    Args:
        test_set (TestSet): What was measured.
        task (str): ``'identification'`` or ``'verification'``.
        scores (Mapping[str, Any]): Of :func:`score_identification` or
            :func:`score_verification`.
        place (int): Which of the rates. Defaults to 0, the first.

    Returns:
        OperatingThreshold: The threshold, with what it was chosen on.

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
        dataset=test_set.meta.get('dataset'),
        model_key=model_key(test_set),
    )


def model_key(test_set: TestSet) -> str | None:
    """Return the key of the weights and the config that made embeddings, if known.

    Args:
        test_set (TestSet): With the ``meta`` of a features file.

    Returns:
        str | None: The key.
    """
    return (test_set.meta.get('features_key') or {}).get('model')


def to_percent(values: Sequence[float] | np.ndarray) -> list[float]:
    """Express fractions in percent.

    Args:
        values (Sequence[float] | np.ndarray): Fractions.

    Returns:
        list[float]: The same in percent.
    """
    return [100 * float(value) for value in values]


def format_rates(columns: Mapping[str, Sequence[float]]) -> str:
    """Lay out columns of rates in percent, and of distances.

    Args:
        columns (Mapping[str, Sequence[float]]): Values by the head of the column;
            those of ``'distance <'`` are distances.

    Returns:
        str: A table.
    """
    cells = [
        [name, *(f'{v:.6f}' if name == 'distance <' else f'{v:.4g} %' for v in values)]
        for name, values in columns.items()
    ]
    return format_table(list(zip(*cells, strict=True)), left=())
