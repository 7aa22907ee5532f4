"""Shares, also of nothing."""


def divide(part: float, whole: int) -> float:
    """Divide, NaN where there is nothing to count.

    Args:
        part (float): How much was right.
        whole (int): Of how many.
    """
    return float(part) / whole if whole else float('nan')
