"""Pictures that stand out among those of their data set by one measure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mmreid.datasets.picture_measures.measuring import Measures

# Pictures of colour have more than this, whatever the others of a data set have.
_GREY = 3.0
_BINS = 30


class Quality(NamedTuple):
    """A way in which a picture may be bad.

    Attributes:
        measure: What is measured.
        unit: Of it; empty where there is none.
        value: Returns it.
        worst: ``'low'``, ``'high'`` or ``'both'``: which values are bad.
        ratios: Whether values are compared by their ratios, not by differences.
    """

    measure: str
    unit: str
    value: Callable[[Measures], float]
    worst: str
    ratios: bool


KINDS = {
    'blurred': Quality(
        'variance of the Laplacian', '', lambda m: m.sharpness, 'low', True
    ),
    'tiny': Quality('height', 'px', lambda m: m.height, 'low', True),
    'dark': Quality('mean luminance', 'of 255', lambda m: m.brightness, 'low', False),
    'bright': Quality(
        'mean luminance', 'of 255', lambda m: m.brightness, 'high', False
    ),
    'odd shape': Quality(
        'height by width', '', lambda m: m.height / m.width, 'both', True
    ),
    'grey': Quality(
        'difference of colour channels', 'of 255', lambda m: m.colour, 'low', False
    ),
}


@dataclass(frozen=True, eq=False)
class Outliers:
    """Pictures in the order of one measure.

    Attributes:
        order: ``(n,)`` int64 indices of all pictures, the worst first.
        values: ``(n,)`` float64 in that order.
        threshold: Beyond it pictures stand out; of two the one on the side of the worst
            picture.
        rule: How it was chosen, a sentence.
        found: How many stand out: the first of ``order``.
        edges: ``(b + 1,)`` float64 of the histogram.
        counts: ``(b,)`` int64.
    """

    order: np.ndarray
    values: np.ndarray
    threshold: float
    rule: str
    found: int
    edges: np.ndarray
    counts: np.ndarray


def find_outliers(kind: str, measures: Sequence[Measures]) -> Outliers:
    """Order pictures by a measure and say which stand out.

    They do beyond Tukey's fence: one and a half times the distance of the quartiles
    below the lower or above the upper one (Tukey, Exploratory Data Analysis, 1977,
    chapter 2), of logarithms where ratios matter; ``'grey'`` below a difference of 3.

    Args:
        kind (str): One of ``KINDS``.
        measures (Sequence[Measures]): Of all pictures, one or more.
    """
    quality = KINDS[kind]
    values = np.array([quality.value(one) for one in measures], np.float64)
    # A picture of one colour has no sharpness at all, and no logarithm.
    scaled = np.log(np.maximum(values, 1e-3)) if quality.ratios else values
    low, middle, high = np.percentile(scaled, [25, 50, 75])
    fences = low - 1.5 * (high - low), high + 1.5 * (high - low)
    if kind == 'grey':
        fences = _GREY, np.inf
    beyond = {
        'low': fences[0] - scaled,
        'high': scaled - fences[1],
        'both': np.maximum(fences[0] - scaled, scaled - fences[1]),
    }[quality.worst]
    order = np.argsort(-beyond, kind='stable')
    first = scaled[order[0]]
    is_high = quality.worst == 'high' or (quality.worst == 'both' and first > middle)
    fence = fences[1] if is_high else fences[0]
    counts, edges = np.histogram(values, _BINS)
    return Outliers(
        order=order,
        values=values[order],
        threshold=float(np.exp(fence) if quality.ratios else fence),
        rule=_describe(kind, quality),
        # What rounding alone puts beyond a fence does not stand out.
        found=int((beyond > 1e-9).sum()),
        edges=edges,
        counts=counts,
    )


def _describe(kind: str, quality: Quality) -> str:
    """Say how the threshold was chosen."""
    if kind == 'grey':
        return f'Less than {_GREY:g} of 255: hardly any colour, in any data set.'
    side = {'low': 'below the lower', 'high': 'above the upper', 'both': 'outside the'}
    of = 'its logarithm' if quality.ratios else 'it'
    return (
        f'{side[quality.worst].capitalize()} quartile{"s" * (quality.worst == "both")} '
        f'of this data set by more than 1.5 times the distance of the quartiles, of '
        f"{of} (Tukey's fence)."
    )
