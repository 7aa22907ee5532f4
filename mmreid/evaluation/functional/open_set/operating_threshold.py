"""A threshold that was set on one test set and is to be used on other data."""

import math
from dataclasses import dataclass

from mmreid.arguments import check_choice
from mmreid.evaluation.functional.distances.measures import check_distance
from mmreid.evaluation.functional.open_set.identification import UNMATED

TASKS = ('identification', 'verification')
_NUMBERS = ('threshold', 'rate', 'achieved_rate', 'num_trials')


@dataclass(frozen=True)
class OperatingThreshold:
    """When an answer is accepted, and how that was decided.

    Attributes:
        threshold: Accept where the distance is *below*.
        distance: ``'cosine'`` or ``'euclidean'``.
        task: ``'identification'``: the rate counts queries that get an answer though
            their person is not in the gallery; ``'verification'``: it counts pairs of
            two persons.
        rate: The false accept or false positive rate it was set for, a fraction.
        achieved_rate: That rate on the data it was set on.
        num_trials: Number of unmated queries or negative pairs it was set on. The
            rate is known to no better than about ``sqrt(rate / num_trials)``.
        unmated: Of identification: which queries those are; else None.
        dataset: Data set it was set on; None where unknown.
        model_key: The key of the weights and the config that made the features (see
            ``features_key``); None where unknown. A threshold is worth nothing for
            another model.

    Raises:
        ValueError: A threshold or a rate that is no number, or an unknown distance,
            task or kind of unmated queries.
    """

    threshold: float
    distance: str
    task: str
    rate: float
    achieved_rate: float
    num_trials: int
    unmated: str | None = None
    dataset: str | None = None
    model_key: str | None = None

    def __post_init__(self) -> None:
        check_distance(self.distance)
        check_choice('task', self.task, TASKS)
        numbers = (self.threshold, self.rate, self.achieved_rate, self.num_trials)
        for name, value in zip(_NUMBERS, numbers, strict=True):
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not math.isfinite(value):
                raise ValueError(
                    f'{name} must be a finite number, got {value!r}; without a wrong '
                    'answer to keep out there is no threshold.'
                )
        check_choice('unmated', self.unmated, (None, *UNMATED))

    def check_use(self, distance: str, model_key: str | None) -> str | None:
        """Compare with the data it is to be used on.

        Args:
            distance (str): The distance there.
            model_key (str | None): The key of the model there, None where unknown.

        Returns:
            A warning, or None if the same model is known to have made the features.

        Raises:
            ValueError: Another distance.
        """
        if distance != self.distance:
            raise ValueError(
                f'The threshold is one of {self.distance} distances and says nothing '
                f"of {distance} ones; use distance='{self.distance}'."
            )
        if None in (self.model_key, model_key):
            return (
                'It is not known whether the model that made these features is the one '
                'that the threshold was set with'
            )
        if model_key != self.model_key:
            return (
                'The threshold was set with another model (weights or config differ): '
                'its error rates need not hold here'
            )
        return None
