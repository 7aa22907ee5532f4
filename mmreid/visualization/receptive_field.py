"""Receptive fields: which positions of a picture a position takes its features from.

As Figures 4 and 8 of Interaction-and-Aggregation Network for Person Re-Identification,
CVPR 2019, show them.
"""

from collections.abc import Sequence

import cv2
import numpy as np

# How strongly a heat map covers the picture, and what is left of the picture elsewhere.
_COVER = 0.55
_DIMMED = 0.45
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


def automatic_points(response: np.ndarray, count: int = 5) -> list[tuple[float, float]]:
    """Choose points from top to bottom, such as head, trunk, belt, legs and shoes.

    The map is cut into horizontal bands; of each it takes the position of the strongest
    response, near the middle, where the person is.

    Args:
        response (np.ndarray): How much a position answers, ``(H, W)``.
        count (int): Number of points. Defaults to 5.

    Returns:
        Points (x, y) as fractions of width and height.
    """
    height, width = response.shape
    margin = width // 4
    middle = response[:, margin : width - margin]
    points = []
    for band in range(count):
        top = band * height // count
        bottom = max(top + 1, (band + 1) * height // count)
        index = middle[top:bottom].argmax()
        row, column = divmod(int(index), middle.shape[1])
        points.append(((margin + column + 0.5) / width, (top + row + 0.5) / height))
    return points


def field_of(
    relations: np.ndarray, size: tuple[int, int], point: tuple[float, float]
) -> np.ndarray:
    """Take a point's row of a relation map.

    Args:
        relations (np.ndarray): ``(M, M)``, M = H * W; row i tells what position i takes
            from each.
        size (tuple[int, int]): Height and width of the map.
        point (tuple[float, float]): (x, y) as fractions of width and height.

    Returns:
        The receptive field ``(H, W)``.

    Raises:
        ValueError: The point is not in the picture.
    """
    if not all(0 <= value < 1 for value in point):
        raise ValueError(f'A point must lie in the picture, got {point}.')
    height, width = size
    column, row = int(point[0] * width), int(point[1] * height)
    return relations[row * width + column].reshape(size)


def draw_field(
    image: np.ndarray,
    field: np.ndarray,
    point: tuple[float, float],
    threshold: float = 0.5,
) -> np.ndarray:
    """Draw a receptive field over a picture, warmer where it is stronger.

    Valid is what exceeds the threshold; the rest of the picture is dimmed.

    Args:
        image (np.ndarray): ``(H, W, 3)`` uint8 BGR.
        field (np.ndarray): ``(h, w)``; its own smallest and largest value are blue and
            red.
        point (tuple[float, float]): Whose field it is, (x, y) as fractions of width and
            height.
        threshold (float): Between the smallest value, 0, and the largest, 1. Defaults
            to 0.5.

    Returns:
        ``(H, W, 3)`` uint8 BGR.
    """
    strength = _stretched(field, image.shape[:2])
    heat = _blend(image, strength)
    dimmed = (_DIMMED * image).astype(np.uint8)
    drawn = np.where((strength >= threshold)[..., None], heat, dimmed)
    return _mark(np.ascontiguousarray(drawn), point)


def draw_channel(image: np.ndarray, channel: np.ndarray) -> np.ndarray:
    """Draw a channel's map over a picture, warmer where it answers more.

    Args:
        image (np.ndarray): ``(H, W, 3)`` uint8 BGR.
        channel (np.ndarray): ``(h, w)``.

    Returns:
        ``(H, W, 3)`` uint8 BGR.
    """
    return _blend(image, _stretched(channel, image.shape[:2]))


def draw_points(image: np.ndarray, points: Sequence[tuple[float, float]]) -> np.ndarray:
    """Draw numbered points into a picture.

    Args:
        image (np.ndarray): ``(H, W, 3)`` uint8 BGR.
        points (Sequence[tuple[float, float]]): Each (x, y) as fractions of width and
            height; the first is number 1.

    Returns:
        ``(H, W, 3)`` uint8 BGR.
    """
    drawn = image.copy()
    height, width = image.shape[:2]
    for number, point in enumerate(points, 1):
        _mark(drawn, point)
        x, y = int(point[0] * width), int(point[1] * height)
        place = (min(x + 6, width - 12), max(12, y - 5))
        for colour, thickness in ((_BLACK, 3), (_WHITE, 1)):
            cv2.putText(
                drawn,
                str(number),
                place,
                cv2.FONT_HERSHEY_SIMPLEX,
                0.45,
                colour,
                thickness,
                cv2.LINE_AA,
            )
    return drawn


def _stretched(values: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Stretch a map's values to [0, 1] and its sides to a picture's."""
    values = values.astype(np.float64)
    spread = np.ptp(values)
    values = (values - values.min()) / spread if spread else np.zeros_like(values)
    large = cv2.resize(values, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    return large.clip(0, 1)


def _blend(image: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Cover a picture with the colours of a map of [0, 1]."""
    colours = cv2.applyColorMap((255 * strength).astype(np.uint8), cv2.COLORMAP_JET)
    return cv2.addWeighted(colours, _COVER, image, 1 - _COVER, 0)


def _mark(image: np.ndarray, point: tuple[float, float]) -> np.ndarray:
    """Draw a point into a picture, in place."""
    height, width = image.shape[:2]
    place = (int(point[0] * width), int(point[1] * height))
    cv2.circle(image, place, 4, _BLACK, -1, cv2.LINE_AA)
    cv2.circle(image, place, 3, _WHITE, -1, cv2.LINE_AA)
    return image
