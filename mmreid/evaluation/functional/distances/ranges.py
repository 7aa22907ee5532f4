"""Many ranges of whole numbers as one array."""

import numpy as np


def join_ranges(starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Return the numbers of some ranges, one range after another.

    Args:
        starts: ``(n,)`` first numbers.
        stops: ``(n,)`` where the ranges end, not below ``starts``; ``stops`` itself is
            not in the range.

    Returns:
        int64, of the ranges' lengths together.

    Example:
        >>> import numpy as np
        >>> join_ranges(np.array([3, 8, 0]), np.array([5, 8, 3]))
        array([3, 4, 0, 1, 2])
    """
    lengths = stops - starts
    ends = lengths.cumsum()
    total = ends[-1] if len(ends) else 0
    return np.arange(total) + (starts - (ends - lengths)).repeat(lengths)


def join_union(starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Return the numbers in any of some ranges, ascending.

    Args:
        starts: ``(n,)`` first numbers, ascending.
        stops: ``(n,)`` where the ranges end, ascending too.
    """
    return join_ranges(np.maximum(starts, np.append(0, stops[:-1])), stops)
