"""Areas of boxes, and what they have in common."""

import numpy as np


def common_areas(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Compute the areas in which boxes overlap.

    Args:
        one (np.ndarray): ``(N, 4)`` left, top, right, bottom.
        other (np.ndarray): ``(M, 4)``.

    Returns:
        np.ndarray: ``(N, M)``.
    """
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    return np.prod(np.maximum(high - low, 0), axis=2)


def areas(boxes: np.ndarray) -> np.ndarray:
    """Compute the areas of boxes, 0 of those whose edges are exchanged.

    Args:
        boxes (np.ndarray): ``(N, 4)`` left, top, right, bottom.

    Returns:
        np.ndarray: ``(N,)``.
    """
    return np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1)


def area_ratios(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Divide areas in common by areas of both together: the Jaccard index.

    Args:
        one (np.ndarray): ``(N, 4)`` left, top, right, bottom.
        other (np.ndarray): ``(M, 4)``.

    Returns:
        np.ndarray: ``(N, M)``, from 0 to 1; 0 where both are empty.
    """
    common = common_areas(one, other)
    both = areas(one)[:, None] + areas(other) - common
    return common / np.where(both > 0, both, 1)
