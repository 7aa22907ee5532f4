"""Sheets: rows of pictures under a title, of which every drawing here is one."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmreid.visualization import (
    RankedPicture,
    SheetLayout,
    automatic_points,
    draw_sheet,
    write_picture,
)

LAYOUT = SheetLayout(height=256, width=128, frame=1, caption=22)
Points = Sequence[tuple[float, float]]


def check_sheet(out_file: str | Path) -> Path:
    """Refuse a sheet that cannot be written, before anything is computed.

    Args:
        out_file (str | Path): Its file.

    Returns:
        Path: The same.

    Raises:
        ValueError: It is neither .jpg nor .png.
    """
    target = Path(out_file)
    if target.suffix not in ('.jpg', '.jpeg', '.png'):
        raise ValueError(f'A drawing is a .jpg or .png file, but the name is {target}.')
    return target


def write_sheet(
    target: Path, rows: Sequence[Sequence[RankedPicture]], title: str
) -> Path:
    """Draw rows of pictures into a file; folders are made.

    Args:
        target (Path): A .jpg or .png file.
        rows (Sequence[Sequence[RankedPicture]]): Of any length.
        title (str): Line above them.

    Returns:
        Path: ``target``.
    """
    sheet = draw_sheet(rows, title, LAYOUT)
    return write_picture(target, sheet)


def place_points(points: Points, picture: np.ndarray, response: np.ndarray) -> Points:
    """Express points as fractions of the picture's sides, or choose some.

    Args:
        points (Sequence[tuple[float, float]]): (x, y) in pixels of the picture; none
            for five automatic ones.
        picture (np.ndarray): ``(H, W, 3)``.
        response (np.ndarray): How much a position of the map answers, ``(h, w)``.

    Returns:
        Points: (x, y), each in [0, 1).

    Raises:
        ValueError: A point lies outside of the picture.
    """
    if not points:
        return automatic_points(response)
    height, width = picture.shape[:2]
    outside = [(x, y) for x, y in points if not (0 <= x < width and 0 <= y < height)]
    if outside:
        raise ValueError(
            f'Points must lie in the picture of {width} x {height} pixels, got '
            f'{outside}.'
        )
    return [(x / width, y / height) for x, y in points]


def caption_range(number: int, field: np.ndarray) -> str:
    """Caption of a point's field: smallest and largest value times their number.

    A mean over the whole map has 1 everywhere; values near it are written with the
    digits that tell them apart.

    Args:
        number (int): Of the point.
        field (np.ndarray): What the point takes from each position, ``(h, w)``.

    Returns:
        str: Such as ``'2: 0.999993 - 1.000004'``.
    """
    ends = (field.min() * field.size, field.max() * field.size)
    low, high = (f'{v:.6f}' if abs(v - 1) < 0.01 else f'{v:.3g}' for v in ends)
    return f'{number}: {low} - {high}'
