"""The part of a picture that a box shows."""

import math
from collections.abc import Sequence

import numpy as np

Corners = tuple[float, float, float, float]


def clip_corners(box: Sequence[float] | np.ndarray, width: int, height: int) -> Corners:
    """Clip a box to its picture.

    Args:
        box (Sequence[float] | np.ndarray): ``x1, y1, x2, y2`` in pixels.
        width (int): Of the picture.
        height (int): Of the picture.

    Returns:
        Corners: The part of the box that is inside.

    Raises:
        ValueError: The box is not finite, reversed, empty, or outside the picture.
    """
    x1, y1, x2, y2 = (float(value) for value in box)
    if not all(map(math.isfinite, (x1, y1, x2, y2))):
        raise ValueError('the box is not finite')
    if x2 < x1 or y2 < y1:
        raise ValueError('the box is reversed')
    if x2 == x1 or y2 == y1:
        raise ValueError('the box is empty')
    if x2 <= 0 or y2 <= 0 or x1 >= width or y1 >= height:
        raise ValueError(f'the box is outside the picture of {width} x {height}')
    return max(x1, 0.0), max(y1, 0.0), min(x2, float(width)), min(y2, float(height))


def clip_box(
    box: Sequence[float] | np.ndarray, width: int, height: int
) -> tuple[int, int, int, int]:
    """Find the pixels that a box covers by half or more; one where it has none.

    Args:
        box (Sequence[float] | np.ndarray): ``x1, y1, x2, y2`` in pixels.
        width (int): Of the picture.
        height (int): Of the picture.

    Returns:
        tuple[int, int, int, int]: Left, top, and the first column and row that no
        longer belong to it, so that ``picture[top:bottom, left:right]`` is the crop.

    Raises:
        ValueError: As of :func:`clip_corners`.
    """
    x1, y1, x2, y2 = clip_corners(box, width, height)
    left, right = _round(x1, x2, width)
    top, bottom = _round(y1, y2, height)
    return left, top, right, bottom


def _round(start: float, stop: float, size: int) -> tuple[int, int]:
    """Round the ends of a stretch to whole pixels, of which one remains."""
    first = min(round(start), size - 1)
    return first, max(round(stop), first + 1)
