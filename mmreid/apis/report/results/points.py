"""The threshold that a model is used at, and what it does on a test set."""

import math
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mmreid.apis.evaluate.thresholds import model_key
from mmreid.apis.evaluate.verification import score_verification
from mmreid.evaluation.functional import OperatingThreshold, load_threshold
from mmreid.evaluation.test_set import TestSet
from mmreid.report.results import OperatingPoint

# Of pairs of two persons that are accepted, where nothing else is known.
_RATE = 0.01
# In the meta of features, as published weights have it in theirs.
_STORED = 'operating_point'


@dataclass(frozen=True)
class Threshold:
    """A threshold and where it comes from.

    Attributes:
        value: The threshold.
        source: Such as the name of its file.
    """

    value: OperatingThreshold
    source: str

    @classmethod
    def of_file(cls, path: str | os.PathLike) -> 'Threshold':
        """Read a file of ``mmreid threshold`` or ``mmreid evaluate``.

        Args:
            path (str | os.PathLike): The file.

        Raises:
            OSError: It cannot be read.
            ValueError: It holds something else.
        """
        return cls(load_threshold(path), Path(path).name)


def find_point(
    pooled: TestSet, distance: str, given: Threshold | None, rate: float | None
) -> tuple[OperatingPoint | None, list[str]]:
    """Find the threshold to show, and measure it.

    Args:
        pooled (TestSet): Queries and gallery.
        distance (str): By which they are ranked.
        given (Threshold, optional): The threshold; None: one that keeps the rate.
        rate (float, optional): Of pairs of two persons that are accepted, a fraction;
            None: the threshold that the features tell, else one that keeps 0.01.

    Returns:
        tuple[OperatingPoint | None, list[str]]: The point, and why there is none.
    """
    if given is None and rate is None:
        given = _stored(pooled)
    if given is None:
        return _keep_rate(pooled, distance, _RATE if rate is None else rate)
    threshold = given.value
    if threshold.distance != distance:
        reason = f'is of {threshold.distance} distances, and the ranking by {distance}'
        return None, [f'The threshold {given.source} is not shown: it {reason} ones.']
    warning = threshold.check_use(distance, model_key(pooled))
    notes = [f'{warning}.'] if warning else []
    if threshold.task == 'identification':
        notes.append('It was set for searches, which err more often than single pairs.')
    scores = score_verification(pooled, distance, threshold=threshold)
    return _to_point(scores, given.source, ' '.join(notes)), []


def _stored(test_set: TestSet) -> Threshold | None:
    """Take the threshold that features tell of."""
    told = test_set.meta.get(_STORED)
    if not isinstance(told, dict):
        return None
    names = {entry.name for entry in fields(OperatingThreshold)}
    told = {'num_trials': told.get('num_negative'), **told}
    value = OperatingThreshold(**{n: told[n] for n in names & told.keys()})
    return Threshold(value, 'kept with the features')


def _keep_rate(
    pooled: TestSet, distance: str, rate: float
) -> tuple[OperatingPoint | None, list[str]]:
    """Find the threshold that keeps a rate."""
    scores = score_verification(pooled, distance, rates=[rate])
    if not math.isfinite(scores['thresholds'][0]):
        return None, ['There are too few pairs of two persons for a threshold.']
    source = f'{100 * rate:g} % false accepts'
    return _to_point(scores, source, 'It was found on this very test set.'), []


def _to_point(scores: dict[str, Any], source: str, note: str) -> OperatingPoint:
    """Take a threshold and its rates from what was measured."""
    return OperatingPoint(
        threshold=scores['thresholds'][0],
        distance=scores['distance'],
        source=source,
        false_positive_rate=scores['false_positive_rates'][0],
        true_positive_rate=scores['true_positive_rates'][0],
        note=note,
    )
