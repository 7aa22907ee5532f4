"""A threshold with all that is known of its errors, and what it says of a distance."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from mmreid.arguments import check_number
from mmreid.evaluation.functional import OperatingThreshold
from mmreid.search.decisions.calibration import Calibration

_SHARES = ('rate', 'achieved_rate', 'true_accept_rate')
_COUNTS = ('num_negative', 'num_positive', 'num_persons', 'num_gallery')


@dataclass(frozen=True, kw_only=True)
class OperatingPoint(OperatingThreshold):
    """When two pictures pass for one person, and how often that is wrong.

    Attributes:
        threshold: Accept where the cosine distance is *below*.
        rate: The false accept rate that was asked for, a fraction.
        achieved_rate: That rate on the data it was fitted on.
        num_negative: Pairs of two persons, or searches for a person who is not there,
            that the rate was counted on.
        task: ``'verification'``: the rate counts pairs of two persons that are
            accepted; ``'identification'``: searches for somebody who is not in the
            gallery that get an answer.
        distance: ``'cosine'``.
        interval: Of the rate for other persons, 95 %; None where unknown.
        true_accept_rate: Of pairs of one person that are accepted; of searches for
            somebody in the gallery those whose first answer is right and accepted.
        true_accept_interval: Its interval.
        num_positive: Pairs of one person, or searches for somebody in the gallery.
        num_persons: Persons behind the pairs.
        num_gallery: Of identification: vectors in the gallery searched. A larger
            gallery has more false accepts.
        calibration: What turns distances into probabilities.
        prior: Probability that two pictures show one person, before looking.
        guarantee: Probability with which ``rate`` holds for other persons; None where
            it was kept on the persons of the data alone.
        quality: Of the calibration on persons that it had not seen: ``ece``,
            ``brier`` and ``log_loss``.
        num_trials: The same as ``num_negative``.
        unmated: As of :class:`OperatingThreshold`.
        dataset: Data it was fitted on; None where unknown.
        model_key: Key of the model that made the vectors; None where unknown.

    Raises:
        ValueError: A number out of its range.
    """

    num_trials: int = field(init=False)
    num_negative: int
    task: str = 'verification'
    distance: str = 'cosine'
    interval: tuple[float, float] | None = None
    true_accept_rate: float | None = None
    true_accept_interval: tuple[float, float] | None = None
    num_positive: int | None = None
    num_persons: int | None = None
    num_gallery: int | None = None
    calibration: Calibration | None = None
    prior: float = 0.5
    quality: dict[str, float] | None = None
    guarantee: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, 'num_trials', self.num_negative)
        super().__post_init__()
        if self.distance != 'cosine':
            raise ValueError(
                "distance must be 'cosine', by which galleries are searched, got "
                f'{self.distance!r}; fit the threshold on cosine distances.'
            )
        for name in _SHARES:
            if (share := getattr(self, name)) is not None:
                _check_share(name, share)
        for name in ('interval', 'true_accept_interval'):
            object.__setattr__(self, name, _check_interval(name, getattr(self, name)))
        for name in _COUNTS:
            _check_count(name, getattr(self, name))
        check_number('prior', self.prior, above=0, below=1)
        if self.guarantee is not None:
            check_number('guarantee', self.guarantee, above=0.5, below=1)
        if isinstance(self.calibration, Mapping):
            made = Calibration.from_dict(self.calibration)
            object.__setattr__(self, 'calibration', made)

    def accepts(self, distances: Any) -> np.ndarray:
        """Say yes or no.

        Args:
            distances (Any): Cosine distances of any shape.

        Returns:
            np.ndarray: bool, of that shape: true where a distance is below the
            threshold; false of NaN and infinity.
        """
        return np.asarray(distances, np.float64) < self.threshold

    def probability(self, distances: Any, prior: float | None = None) -> np.ndarray:
        """Say how probable it is that both pictures show one person.

        Args:
            distances (Any): Cosine distances of any shape.
            prior (float, optional): How probable it is before looking. Defaults to
                None: the ``prior`` of the point.

        Returns:
            np.ndarray: float64, of that shape.

        Raises:
            ValueError: The point has no calibration, or a prior is not between 0 and
                1.
        """
        if self.calibration is None:
            raise ValueError(
                'calibration must be there for a probability, but the point is a '
                'threshold alone, as evaluation writes it; fit one with "mmreid '
                'threshold".'
            )
        return self.calibration(distances, self.prior if prior is None else prior)

    def check_model(self, model_key: str | None) -> str | None:
        """Refuse vectors of another model.

        Args:
            model_key (str | None): The key of the model that made them.

        Returns:
            str | None: A warning where a key is not known.

        Raises:
            ValueError: Another model; the two keys are named.
        """
        if None not in (self.model_key, model_key) and model_key != self.model_key:
            raise ValueError(
                f'model_key must be {self.model_key}, of the model that the threshold '
                f'was fitted with, got {model_key}; fit one with this model.'
            )
        return self.check_use('cosine', model_key)

    def to_dict(self) -> dict[str, Any]:
        """Express it in plain Python.

        Returns:
            dict[str, Any]: All attributes; ``load_threshold`` of
            :mod:`mmreid.evaluation` reads them too.
        """
        values = asdict(self)
        calibration = self.calibration
        values['calibration'] = None if calibration is None else calibration.to_dict()
        for name in ('interval', 'true_accept_interval'):
            values[name] = None if values[name] is None else list(values[name])
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> 'OperatingPoint':
        """Read what :meth:`to_dict` wrote, or a threshold of the evaluation.

        Args:
            values (Mapping[str, Any]): The attributes. Those of an
                ``OperatingThreshold`` are enough.

        Returns:
            OperatingPoint: The same again.

        Raises:
            ValueError: Something is missing, unknown or out of range.
        """
        if not isinstance(values, Mapping):
            raise ValueError(
                f'An operating point must be an object, got {type(values).__name__}.'
            )
        given = dict(values)
        trials = given.pop('num_trials', None)
        given.setdefault('num_negative', trials)
        known = {entry.name for entry in fields(cls) if entry.init}
        needed = {'threshold', 'rate', 'achieved_rate'}
        missing, unknown = sorted(needed - set(given)), sorted(set(given) - known)
        if missing or unknown:
            raise ValueError(
                f'An operating point must have {sorted(needed)} and nothing unknown; '
                f'missing are {missing}, unknown are {unknown}.'
            )
        if trials not in (None, given['num_negative']):
            raise ValueError(
                f'num_trials must equal num_negative, got {trials} and '
                f'{given["num_negative"]}.'
            )
        return cls(**given)


def _check_share(name: str, share: Any) -> None:
    check_number(name, share)
    if not 0 <= share <= 1:
        raise ValueError(
            f'{name} must be a fraction from 0 to 1, 0.01 for 1 %, got {share!r}.'
        )


def _check_interval(name: str, ends: Any) -> tuple[float, float] | None:
    if ends is None:
        return None
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise ValueError(f'{name} must be a pair of fractions, got {ends!r}.')
    for end in ends:
        _check_share(name, end)
    if ends[0] > ends[1]:
        raise ValueError(f'{name} must ascend, got {ends!r}.')
    return float(ends[0]), float(ends[1])


def _check_count(name: str, count: Any) -> None:
    if count is None and name != 'num_negative':
        return
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise ValueError(f'{name} must be a whole number from 0, got {count!r}.')
