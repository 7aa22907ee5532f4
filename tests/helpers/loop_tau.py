"""Kendall's tau-b, pair by pair."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np


def loop_tau(first: Sequence[float], second: Sequence[float]) -> float:
    """Count pairs one by one; NaN where a list has no order.

    Args:
        first: Scores.
        second: Of the same methods.
    """
    agreeing = in_first = in_second = 0
    for (a, b), (c, d) in combinations(zip(first, second, strict=True), 2):
        one, two = int(a > c) - int(a < c), int(b > d) - int(b < d)
        agreeing += one * two
        in_first += one != 0
        in_second += two != 0
    if not in_first * in_second:
        return np.nan
    return agreeing / np.sqrt(in_first * in_second)
