"""How many processors there are for this process; knows nothing but Python."""

import os


def count_processors() -> int:
    """Count the processors that this process may use.

    Returns:
        int: At least 1.
    """
    if hasattr(os, 'sched_getaffinity'):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
