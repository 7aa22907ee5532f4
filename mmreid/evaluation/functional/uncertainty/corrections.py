"""P values of several comparisons, corrected for their number."""

import numpy as np


def correct_holm(p_values: np.ndarray) -> np.ndarray:
    """Adjust p values so that one claim too many is rare over the whole family.

    Whatever depends on what among the comparisons, claiming all differences whose
    adjusted p value is at most 0.05 makes any false claim with a probability of at
    most 0.05. The smallest of m p values is multiplied by m, the next by m - 1, and so
    on; none is less than one before it (Holm, A Simple Sequentially Rejective Multiple
    Test Procedure, Scandinavian Journal of Statistics 6(2), 1979).

    Args:
        p_values (np.ndarray): ``(m,)``, those of the whole family.

    Returns:
        np.ndarray: ``(m,)`` float64 adjusted p values in the same order, at most 1.

    Raises:
        ValueError: Not a row of numbers from 0 to 1.
    """
    values = np.asarray(p_values, np.float64)
    if values.ndim != 1:
        raise ValueError(f'p_values must be a row, (m,), got the shape {values.shape}.')
    wrong = ~((values >= 0) & (values <= 1))
    if wrong.any():
        place = int(wrong.argmax())
        raise ValueError(
            f'p values must lie between 0 and 1, but number {place} is '
            f'{values[place]}; leave out comparisons that no test was made of.'
        )
    order = np.argsort(values, kind='stable')
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.maximum.accumulate(factors * values[order]).clip(max=1)
    return adjusted
