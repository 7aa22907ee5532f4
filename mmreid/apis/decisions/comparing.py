"""Yes or no for two pictures."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.apis.inferencer import ReIDInferencer
from mmreid.search import LabelledPairs, OperatingPoint
from mmreid.search.decisions.wording import warn_of_probabilities


@dataclass(frozen=True)
class SamePerson:
    """Whether two pictures show one person.

    Attributes:
        same: The answer.
        distance: Cosine distance of the two.
        probability: That it is one person; None where the threshold has no
            calibration.
        threshold: The answer is yes below it.
        rate: How often two persons pass for one.
        warning: What is doubtful; None if nothing is.
    """

    same: bool
    distance: float
    probability: float | None
    threshold: float
    rate: float
    warning: str | None = None


def same_person(
    inferencer: ReIDInferencer,
    first: Any,
    second: Any,
    point: OperatingPoint,
    prior: float | None = None,
) -> SamePerson:
    """Tell whether two pictures show one person.

    Args:
        inferencer (ReIDInferencer): Makes the vectors.
        first (Any): A picture, as the inferencer takes it.
        second (Any): Another one.
        point (OperatingPoint): Of ``mmreid threshold``, for this model.
        prior (float, optional): As of :meth:`OperatingPoint.probability`. Defaults to
            None.

    Returns:
        SamePerson: The answer.

    Raises:
        ValueError: A picture cannot be read, or the threshold is another model's.
    """
    doubts = [point.check_model(inferencer.model_key)]
    found = inferencer([first, second])
    if found.failures:
        raise ValueError('; '.join(map(str, found.failures)))
    trial = LabelledPairs.from_vectors(found.vectors, [0], [1], np.array([False]))
    distance = trial.negative.distances
    chance = None
    if point.calibration is not None:
        chance = float(point.probability(distance, prior)[0])
        doubts.append(warn_of_probabilities(point).rstrip('.'))
    if point.task == 'identification':
        doubts.append(
            'the threshold was set for searches of a gallery, and not for pairs'
        )
    return SamePerson(
        bool(point.accepts(distance)[0]),
        float(distance[0]),
        chance,
        point.threshold,
        point.rate,
        '; '.join(filter(None, doubts)) or None,
    )
