"""Distances that mean a probability."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, logit

from mmreid.arguments import check_choice, check_number

KINDS = ('logistic', 'isotonic')


@dataclass(frozen=True)
class Calibration:
    """How probable it is that two pictures show one person, by their distance.

    It is kept for even odds; another prior shifts the logarithm of the odds, as Bayes'
    rule says.

    Attributes:
        kind: ``'logistic'``: ``1 / (1 + exp(slope * distance + offset))``;
            ``'isotonic'``: straight lines between knots, level beyond them.
        values: Slope and offset; of knots first all distances, ascending, and then
            all probabilities, never ascending.

    Raises:
        ValueError: An unknown kind, or numbers that are none of its kind.
    """

    kind: str
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        check_choice('kind', self.kind, KINDS)
        for place, value in enumerate(self.values):
            check_number(f'values[{place}]', value)
        object.__setattr__(self, 'values', tuple(map(float, self.values)))
        if self.kind == 'logistic':
            self._check_logistic()
        else:
            self._check_knots()

    def __call__(self, distances: Any, prior: float = 0.5) -> np.ndarray:
        """Compute probabilities.

        Args:
            distances (Any): Numbers of any shape; infinity, where there is no
                answer, has probability 0.
            prior (float): How probable it is before looking. Defaults to 0.5.

        Returns:
            np.ndarray: float64, of the shape of ``distances``; NaN where they are.

        Raises:
            ValueError: A prior that is not between 0 and 1.
        """
        check_number('prior', prior, above=0, below=1)
        array = np.asarray(distances, np.float64)
        with np.errstate(divide='ignore'):
            odds = self._log_odds(array) + logit(prior)
        return np.where(np.isposinf(array), 0.0, expit(odds))

    def to_dict(self) -> dict[str, Any]:
        """Express it in plain Python.

        Returns:
            dict[str, Any]: ``kind`` and ``values``.
        """
        return {'kind': self.kind, 'values': list(self.values)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> 'Calibration':
        """Read what :meth:`to_dict` wrote.

        Args:
            values (Mapping[str, Any]): ``kind`` and ``values``.

        Returns:
            Calibration: The same again.

        Raises:
            ValueError: Something else.
        """
        is_known = isinstance(values, Mapping) and set(values) == {'kind', 'values'}
        if not is_known or not isinstance(values['values'], list | tuple):
            raise ValueError(
                "calibration must be an object of 'kind' and a list 'values', got "
                f'{values!r}.'
            )
        return cls(values['kind'], tuple(values['values']))

    def _log_odds(self, distances: np.ndarray) -> np.ndarray:
        if self.kind == 'logistic':
            slope, offset = self.values
            return -(slope * distances + offset)
        middle = len(self.values) // 2
        knots, heights = self.values[:middle], self.values[middle:]
        return logit(np.interp(distances, knots, heights))

    def _check_logistic(self) -> None:
        if len(self.values) != 2 or self.values[0] < 0:
            raise ValueError(
                'values of a logistic calibration must be a slope of at least 0, so '
                f'that far pictures are improbable, and an offset; got {self.values}.'
            )

    def _check_knots(self) -> None:
        middle = len(self.values) // 2
        knots, heights = np.split(np.array(self.values), [middle])
        fits = (
            middle > 0
            and len(knots) == len(heights)
            and (np.diff(knots) >= 0).all()
            and (np.diff(heights) <= 0).all()
            and 0 <= heights[-1] <= heights[0] <= 1
        )
        if not fits or not math.isfinite(float(np.sum(knots))):
            raise ValueError(
                'values of an isotonic calibration must be ascending distances and '
                'as many probabilities from 0 to 1 that never ascend, got '
                f'{self.values}.'
            )
