"""Several runs of one method: their mean and their standard deviation."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spread:
    """Several runs of one method.

    Attributes:
        mean: Over the runs.
        deviation: The sample standard deviation (divisor n - 1); NaN of a single run.
        count: Number of runs.
    """

    mean: float
    deviation: float
    count: int


def spread(values: np.ndarray) -> Spread:
    """Return the mean and the sample standard deviation of several runs.

    Args:
        values (np.ndarray): ``(runs,)`` one number per seed or split.

    Raises:
        ValueError: Not one or more numbers in a row.
    """
    runs = np.asarray(values, np.float64)
    if runs.ndim != 1 or not len(runs):
        raise ValueError(f'values must be one number per run, got {runs.shape}.')
    deviation = runs.std(ddof=1) if len(runs) > 1 else np.nan
    return Spread(float(runs.mean()), float(deviation), len(runs))
