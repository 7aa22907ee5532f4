"""Rank lists: queries with their first answers, right and wrong told by colour."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

# BGR. A green and a red that differ in brightness too.
RIGHT = (96, 174, 39)
WRONG = (48, 48, 214)
QUERY = (128, 92, 60)
_PAPER = (255, 255, 255)
_INK = (40, 40, 40)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
# Height of a line for text of scale 1, in pixels, and how far text may shrink.
_LINE_OF_SCALE_1 = 48
_SMALLEST = 0.75


@dataclass(frozen=True)
class RankedPicture:
    """A picture in a rank list.

    Attributes:
        image: ``(H, W, 3)`` uint8 BGR.
        caption: A few words under the picture, such as camera and distance.
        correct: True for a right answer, False for a wrong one, None for the query.
    """

    image: np.ndarray
    caption: str
    correct: bool | None = None


@dataclass(frozen=True)
class SheetLayout:
    """Where the pictures of a sheet are; all sizes in pixels.

    Args:
        height (int): Height of a picture.
        width (int): Width of a picture.
        frame (int): Thickness of the coloured frame around a picture.
        gap (int): Space between frames.
        caption (int): Height of the line under a picture.
        title (int): Height of a line at the top.
    """

    height: int = 192
    width: int = 96
    frame: int = 5
    gap: int = 8
    caption: int = 20
    title: int = 44

    def corner(self, row: int, column: int) -> tuple[int, int]:
        """Return y and x of a frame's upper left corner; the query is column 0."""
        y = self.title + row * (self.height + 2 * self.frame + self.caption + self.gap)
        x = self.gap + column * (self.width + 2 * self.frame + self.gap)
        # The query stands apart from its answers.
        return y, x + (2 * self.gap if column else 0)

    def size(self, num_rows: int, num_columns: int) -> tuple[int, int]:
        """Return height and width of the sheet."""
        height, _ = self.corner(num_rows, 0)
        _, width = self.corner(0, num_columns)
        return height, width


def draw_sheet(
    rows: Sequence[Sequence[RankedPicture]],
    title: str = '',
    layout: SheetLayout | None = None,
) -> np.ndarray:
    """Draw a sheet with a query and its answers in every row.

    Args:
        rows (Sequence[Sequence[RankedPicture]]): Each a query followed by its answers,
            nearest first. Pictures may have any size; they are drawn in one.
        title (str): Written over the sheet, in one line or more.
        layout (SheetLayout, optional): Sizes. Defaults to None: pictures of 192 x 96.

    Returns:
        ``(H, W, 3)`` uint8 BGR.

    Raises:
        ValueError: No row, or a row without a query.
    """
    if not rows or not all(len(row) for row in rows):
        raise ValueError(
            'A sheet needs at least one row, and every row its query, but the rows '
            f'have {[len(row) for row in rows]} pictures.'
        )
    layout, lines = layout or SheetLayout(), title.split('\n')
    line, gap = layout.title - 2 * layout.gap, layout.gap
    # Further lines stand close to the first.
    layout = replace(layout, title=layout.title + (len(lines) - 1) * line)
    num_columns = max(len(row) for row in rows)
    height, width = layout.size(len(rows), num_columns)
    sheet = np.full((height, width, 3), _PAPER, np.uint8)
    for number, text in enumerate(lines):
        _write(sheet, text, gap, gap + number * line, width - 2 * gap, line)
    for i, row in enumerate(rows):
        for j, picture in enumerate(row):
            _draw_picture(sheet, picture, layout, *layout.corner(i, j))
    return sheet


def _draw_picture(
    sheet: np.ndarray, picture: RankedPicture, layout: SheetLayout, y: int, x: int
) -> None:
    """Draw a picture with frame and caption; (y, x) is the frame's corner."""
    colours = {True: RIGHT, False: WRONG, None: QUERY}
    height = layout.height + 2 * layout.frame
    width = layout.width + 2 * layout.frame
    sheet[y : y + height, x : x + width] = colours[picture.correct]
    top, left = y + layout.frame, x + layout.frame
    sheet[top : top + layout.height, left : left + layout.width] = _resize(
        picture.image, layout
    )
    _write(sheet, picture.caption, x, y + height, width, layout.caption)


def _resize(image: np.ndarray, layout: SheetLayout) -> np.ndarray:
    """Resize to the layout's picture, without aliasing where it shrinks."""
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(
            f'Pictures must be (H, W, 3) uint8 BGR, but one is {image.shape} '
            f'{image.dtype}.'
        )
    shrinks = image.shape[0] > layout.height
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(image, (layout.width, layout.height), interpolation=method)


def _write(sheet: np.ndarray, text: str, x: int, y: int, width: int, line: int) -> None:
    """Write into a line ``line`` pixels high whose upper left corner is (y, x).

    Text too long for the width is written smaller, then cut.
    """
    # OpenCV's strokes know no accents.
    text = text.encode('ascii', 'replace').decode()
    scale = line / _LINE_OF_SCALE_1
    smallest = _SMALLEST * scale
    # A text's width is not quite proportional to its scale.
    while scale > smallest and _text_width(text, scale) > width:
        scale *= 0.98
    while text and _text_width(text, scale) > width:
        text = text[:-1]
    cv2.putText(
        sheet, text, (x, y + int(0.7 * line)), _FONT, scale, _INK, 1, cv2.LINE_AA
    )


def _text_width(text: str, scale: float) -> int:
    return cv2.getTextSize(text, _FONT, scale, 1)[0][0]
