"""What a change of precision did to a network."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mmreid.arguments import check_number
from mmreid.text_tables import format_table

#: Vectors, ``(n, D)`` float32, of pictures, ``(n, H, W, 3)`` uint8.
Embed = Callable[[np.ndarray], np.ndarray]
#: A score of such a function in percent, higher for a better one: its mAP, or the least
#: that this may be, as ``mmreid export`` gives it.
Validate = Callable[[Embed], float]
#: Called with the work done, and in all.
Progress = Callable[[int, int], Any]


class PrecisionError(ValueError):
    """No file of this precision keeps the score."""


@dataclass(frozen=True)
class Attempt:
    """One way of making a file, and what it led to.

    Attributes:
        how: In words.
        score: Of the validation, in percent.
    """

    how: str
    score: float


@dataclass(frozen=True)
class PrecisionReport:
    """What became of a network.

    Attributes:
        runtime: ``'onnxruntime'`` or ``'openvino'``.
        method: By which the ranges of maps were found.
        num_pictures: From which they were found.
        exact: Score of the float32 file, in percent, as the validation gives it.
        reached: Score of the new one.
        int8_layers: Names of the convolutions and matrix products in int8.
        float_layers: Names of those in float32.
        fell_back: Of the latter, those that are there to keep the score.
        attempts: What was measured on the way.
    """

    runtime: str
    method: str
    num_pictures: int
    exact: float
    reached: float
    int8_layers: tuple[str, ...]
    float_layers: tuple[str, ...]
    fell_back: tuple[str, ...]
    attempts: tuple[Attempt, ...]

    @property
    def drop(self) -> float:
        """Points of the score that were lost; negative where some were won."""
        return self.exact - self.reached

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return dict(asdict(self), drop=self.drop)

    def explain(self) -> str:
        """Lay it out as text."""
        count = len(self.int8_layers) + len(self.float_layers)
        text = (
            f'int8 by {self.runtime}, {self.method}, {self.num_pictures} pictures: '
            f'{len(self.int8_layers)} of {count} layers'
        )
        if not self.fell_back:
            return text
        return f'{text}\nfloat32 to keep the mAP: {", ".join(self.fell_back)}'


def check_drop(max_drop: float) -> None:
    """Refuse a loss that no number of layers in float32 keeps.

    Args:
        max_drop (float): Points of the score.

    Raises:
        ValueError: It is no number, or negative.
    """
    check_number('max_drop', max_drop)
    if max_drop < 0:
        raise ValueError(f'max_drop must be at least 0 points, got {max_drop}.')


def refuse(
    source: str, exact: float, max_drop: float, attempts: list[Attempt]
) -> PrecisionError:
    """Say that nothing kept the score, and what was tried.

    Args:
        source (str): What the file is called.
        exact (float): Score of the float32 file, in percent.
        max_drop (float): Points of it that may be lost.
        attempts (list[Attempt]): What was measured.

    Returns:
        PrecisionError: To be raised.
    """
    rows = [[a.how, f'{a.score:.2f}', f'{exact - a.score:+.2f}'] for a in attempts]
    table = format_table([['int8', 'score', 'lost'], *rows])
    return PrecisionError(
        f'{source} loses more than max_drop={max_drop:g} points in int8 (float32: '
        f'{exact:.2f}):\n{table}\nThe score is the mAP, or the least that it may be. '
        'Give more pictures for calibration, allow a larger loss, or keep to float32 '
        'or bfloat16.'
    )
