"""Persons cut out of pictures by their boxes."""

from collections.abc import Iterable, Iterator, Sized
from typing import Any

import numpy as np
import torch

from mmreid.datasets.boxes import cutting
from mmreid.datasets.boxes.cutting import Corners


def pair_boxes(items: Iterable[Any], boxes: Any) -> Iterator[tuple[Any, Any]]:
    """Put the boxes of each picture beside it.

    Args:
        items (Iterable[Any]): Pictures.
        boxes (Any): One array ``(n, 4)`` for each, or None: whole pictures.

    Yields:
        tuple: A picture and its boxes.

    Raises:
        ValueError: There are more of the one than of the other. Where both are lists,
            that is seen before the first is yielded.
    """
    if boxes is None:
        yield from ((item, None) for item in items)
        return
    if isinstance(items, Sized) and isinstance(boxes, Sized):
        check_lengths(len(items), len(boxes))
    iterator = iter(boxes)
    count = 0
    for count, item in enumerate(items, 1):
        try:
            rows = next(iterator)
        except StopIteration:
            check_lengths(count, count - 1, 'at least ')
        yield item, rows
    if next(iterator, None) is not None:
        check_lengths(count, count + 1, '', 'at least ')


def check_lengths(pictures: int, boxes: int, first: str = '', second: str = '') -> None:
    """Refuse boxes that do not go with the pictures.

    Args:
        pictures (int): How many pictures there are.
        boxes (int): How many arrays of boxes.
        first (str): Said before the pictures' number. Defaults to ``''``.
        second (str): Said before the other. Defaults to ``''``.

    Raises:
        ValueError: The numbers differ.
    """
    if pictures != boxes:
        raise ValueError(
            f'boxes must hold one array (n, 4) for each picture, got {second}{boxes} '
            f'for {first}{pictures} pictures; give an empty array where there is '
            'nobody.'
        )


def read_boxes_of(boxes: Any) -> np.ndarray:
    """Read the boxes of one picture.

    Args:
        boxes (Any): ``(n, 4)`` numbers: array, tensor or list; empty for none.

    Returns:
        np.ndarray: ``(n, 4)`` float64.

    Raises:
        ValueError: Another shape, or no numbers.
    """
    if isinstance(boxes, torch.Tensor):
        boxes = boxes.detach().cpu().double().numpy()
    try:
        array = np.asarray(boxes, np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f'boxes must be numbers (n, 4): {error}.') from error
    if not array.size:
        return array.reshape(0, 4)
    if array.ndim != 2 or array.shape[1] != 4:
        raise ValueError(
            'boxes of a picture must be (n, 4), x1, y1, x2, y2 in pixels, got the '
            f'shape {array.shape}.'
        )
    return array


def clip_box(box: np.ndarray, width: int, height: int) -> Corners:
    """Clip a box to its picture; an error tells which box.

    Args:
        box (np.ndarray): ``(4,)``: x1, y1, x2, y2 in pixels.
        width (int): Of the picture.
        height (int): Of the picture.

    Returns:
        Corners: The box inside the picture.

    Raises:
        ValueError: It is not finite, reversed, empty or outside.
    """
    try:
        return cutting.clip_corners(box, width, height)
    except ValueError as error:
        shown = ', '.join(f'{value:g}' for value in box)
        raise ValueError(
            f'The box ({shown}) cannot be cut out: {error}; it must be x1, y1, x2, y2 '
            '(not x, y, width, height) in pixels.'
        ) from error


def cut(picture: np.ndarray, box: Corners) -> np.ndarray:
    """Cut a box out, with all pixels that it touches by half or more, at least one.

    Args:
        picture (np.ndarray): ``(H, W, 3)``.
        box (Corners): Inside the picture.

    Returns:
        np.ndarray: ``(h, w, 3)``, a view.
    """
    height, width = picture.shape[:2]
    left, top, right, bottom = cutting.clip_box(box, width, height)
    return picture[top:bottom, left:right]
