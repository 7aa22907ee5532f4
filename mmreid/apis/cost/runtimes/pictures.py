"""Pictures to measure on, where none are given: shapes, colours and noise."""

import cv2
import numpy as np

# Fields of a picture down and across: about as many as a person has parts.
_FIELDS = (12, 6)
_NOISE = 8


def draw_pictures(count: int, size: tuple[int, int]) -> np.ndarray:
    """Draw pictures, always the same.

    Args:
        count (int): How many.
        size (tuple[int, int]): Height and width.

    Returns:
        np.ndarray: ``(count, height, width, 3)`` uint8.
    """
    rng = np.random.default_rng(0)
    height, width = size
    pictures = np.empty((count, height, width, 3), np.uint8)
    for picture in pictures:
        coarse = rng.integers(0, 256, (*_FIELDS, 3), np.uint8)
        shape = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
        noise = rng.normal(0, _NOISE, shape.shape)
        picture[:] = np.clip(shape + noise, 0, 255)
    return pictures
