"""What a rate asks of data: enough trials, and persons enough to hold for others."""

import math
from collections.abc import Callable

import numpy as np

from mmreid.search.decisions.person_jackknife import LeftOut, person_interval

# Fewer accepted trials tell no spread between persons.
_FEWEST = 10


def check_enough(rate: float, count: int, trials: str) -> None:
    """Refuse a rate that is below what trials can tell.

    Args:
        rate (float): The rate asked for.
        count (int): Number of trials.
        trials (str): What they are called.

    Raises:
        ValueError: Not one error in so many would keep the rate.
    """
    if rate * count * (1 + 1e-12) < 1:
        needed = math.ceil(1 / rate - 1e-9)
        least = f'{1 / count:.2g}' if count else 'none'
        raise ValueError(
            f'rate must be one that the data can tell: {rate:g} needs at least '
            f'{needed} {trials}, and ten times as many to be known well, got {count}; '
            f'label more, or ask for a rate of at least {least}.'
        )


def guaranteed_threshold(
    distances: np.ndarray,
    count: Callable[[float], LeftOut],
    everything: LeftOut,
    rate: float,
    guarantee: float,
) -> float:
    """Find a threshold of which the upper bound of the rate keeps what was asked.

    The most permissive threshold that keeps a rate on some persons breaks it about as
    often as not on others. Here the upper end of the one-sided interval over persons
    keeps it.

    Args:
        distances (np.ndarray): ``(n,)`` of wrong trials, below the threshold that keeps
            the rate on these persons.
        count (Callable): Accepted trials below a threshold.
        everything (LeftOut): All trials.
        rate (float): Rate to keep.
        guarantee (float): Level of the bound.

    Returns:
        float: The threshold.

    Raises:
        ValueError: Persons are too few; the least rate that they allow is named.
    """
    places = np.sort(distances)

    def bound(place: int) -> float:
        """Bound the rate where so many trials are accepted."""
        ends = person_interval(
            count(float(places[place])), everything, 1, confidence=2 * guarantee - 1
        )
        return ends[1]

    least = min(_FEWEST, len(places) - 1)
    if least < _FEWEST or bound(least) > rate:
        told = f', got {len(places)}'
        if least == _FEWEST:
            told = f'; they tell a rate below {bound(least):.2g} only'
        raise ValueError(
            f'guarantee must be one that the persons can give: that a rate of {rate:g} '
            f'holds for others with {guarantee:.0%} needs more than {_FEWEST} wrong '
            f'answers below its threshold{told}; label more persons, ask for a higher '
            'rate or for no guarantee.'
        )
    low, high = least, len(places)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if bound(middle) <= rate else (low, middle)
    return float(places[low])
