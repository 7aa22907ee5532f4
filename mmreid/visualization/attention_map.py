"""Attention maps: what a reference point attends to, and its strongest points.

As Figure 3 of Second-order Non-local Attention Networks for Person Re-identification,
ICCV 2019, shows them.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from mmreid.visualization.receptive_field import draw_channel

# BGR.
_REFERENCE = (60, 220, 60)
_RELATED = (40, 40, 230)
_EDGE = (255, 255, 255)


def related_points(
    field: np.ndarray, point: tuple[float, float], count: int = 10
) -> list[tuple[float, float]]:
    """Find the positions that a reference point is most related to, but its own.

    Args:
        field (np.ndarray): What the point takes from each position, ``(H, W)``.
        point (tuple[float, float]): The reference, (x, y) as fractions of width and
            height.
        count (int): How many; fewer on a smaller map. Defaults to 10.

    Returns:
        Middles of the positions as fractions of width and height, strongest first.
    """
    height, width = field.shape
    own = int(point[1] * height) * width + int(point[0] * width)
    order = np.argsort(-field.ravel(), kind='stable')
    return [
        ((index % width + 0.5) / width, (index // width + 0.5) / height)
        for index in order[order != own][:count].tolist()
    ]


def draw_attention(
    image: np.ndarray,
    field: np.ndarray,
    point: tuple[float, float],
    related: Sequence[tuple[float, float]] = (),
) -> np.ndarray:
    """Draw a heat map over a picture, its reference in green, related points in red.

    Args:
        image (np.ndarray): ``(H, W, 3)`` uint8 BGR.
        field (np.ndarray): ``(h, w)``; its own smallest and largest value are blue and
            red.
        point (tuple[float, float]): The reference, (x, y) as fractions of width and
            height.
        related (Sequence[tuple[float, float]]): Points to mark, likewise. Defaults to
            none.

    Returns:
        ``(H, W, 3)`` uint8 BGR.
    """
    drawn = draw_channel(image, field)
    for other in related:
        _dot(drawn, other, _RELATED, 3)
    return _dot(drawn, point, _REFERENCE, 4)


def _dot(
    image: np.ndarray,
    point: tuple[float, float],
    colour: tuple[int, int, int],
    radius: int,
) -> np.ndarray:
    """Draw a point with a white edge into a picture, in place."""
    height, width = image.shape[:2]
    place = (int(point[0] * width), int(point[1] * height))
    cv2.circle(image, place, radius + 1, _EDGE, cv2.FILLED, cv2.LINE_AA)
    return cv2.circle(image, place, radius, colour, cv2.FILLED, cv2.LINE_AA)
