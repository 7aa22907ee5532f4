"""A threshold that was set on one test set and is to be used on other data."""

import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from mmreid.evaluation.functional.distances import check_distance

TASKS = ('identification', 'verification')


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
        ValueError: A threshold that is no number, or an unknown distance or task.
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
        if self.task not in TASKS:
            raise ValueError(f'task must be one of {TASKS}, got {self.task!r}')
        if not isinstance(self.threshold, int | float) or not math.isfinite(
            self.threshold
        ):
            raise ValueError(
                f'threshold must be a finite number, got {self.threshold!r}; without '
                'a wrong answer to keep out there is none'
            )

    def check_use(self, distance: str, model_key: str | None) -> str | None:
        """Compare with the data it is to be used on.

        Args:
            distance: The distance there.
            model_key: The key of the model there, None where unknown.

        Returns:
            A warning, or None if the same model is known to have made the features.

        Raises:
            ValueError: Another distance.
        """
        if distance != self.distance:
            raise ValueError(
                f'The threshold is one of {self.distance} distances and says nothing '
                f"of {distance} ones; use distance='{self.distance}'"
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


def save_threshold(path: str | os.PathLike, threshold: OperatingThreshold) -> None:
    """Write a threshold as JSON.

    Args:
        path: File name; missing folders are made.
        threshold: What to write.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(threshold), indent=2, allow_nan=False)
    target.write_text(text + '\n', 'utf-8')


def load_threshold(path: str | os.PathLike) -> OperatingThreshold:
    """Read what :func:`save_threshold` wrote.

    Raises:
        ValueError: Another kind of file.
    """
    try:
        values = json.loads(Path(path).read_text('utf-8'))
        return OperatingThreshold(**values)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f'{os.fspath(path)} does not hold an operating threshold: {error}'
        ) from error
