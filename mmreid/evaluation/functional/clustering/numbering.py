"""Numbers of clusters."""

import numpy as np


def number_clusters(labels: np.ndarray) -> np.ndarray:
    """Number clusters from 0 in the order of their first pictures.

    Args:
        labels (np.ndarray): ``(N,)`` whole numbers, those below 0 noise.

    Returns:
        np.ndarray: ``(N,)`` int64, noise -1.
    """
    numbered = np.full(len(labels), -1, np.int64)
    members = np.flatnonzero(labels >= 0)
    _, first, groups = np.unique(
        labels[members], return_index=True, return_inverse=True
    )
    numbers = np.empty(len(first), np.int64)
    numbers[np.argsort(first)] = np.arange(len(first))
    numbered[members] = numbers[groups]
    return numbered
