"""The frames of a video, read in order, and the boxes cut out of them."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from mmreid.datasets.boxes.box_table import BoxTable
from mmreid.datasets.boxes.cutting import clip_box

#: Called with the row of a box that cannot be cut out, and why.
OnFault = Callable[[int, str], None]


class Frames(ABC):
    """The frames of a video or of a folder of pictures; ``open_frames`` makes them.

    Args:
        source (str): The video or the folder.
        first_frame (int): The number of the first frame.

    Attributes:
        source: As given.
        first_frame: As given.
        fps: Frames a second, or None where nothing tells.
        size: Width and height of the first frame.
    """

    fps: float | None
    size: tuple[int, int]

    def __init__(self, source: str | os.PathLike, first_frame: int) -> None:
        self.source = os.fspath(source)
        self.first_frame = first_frame

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of frames.

        Of a video it is what its header says, until it was read to its end.
        """

    @abstractmethod
    def visit(
        self, wanted: Callable[[int], bool], last: float, first: int | None = None
    ) -> Iterator[tuple[int, np.ndarray | None]]:
        """Read some frames, in order.

        Args:
            wanted (Callable[[int], bool]): Which, by number.
            last (float): The largest number that is wanted.
            first (int, optional): None below is wanted: a video is read on from where
                the visit before has ended, if that is not beyond. Defaults to None.

        Yields:
            tuple[int, np.ndarray | None]: The number and the picture (height, width,
            3), BGR; None where it cannot be read.
        """

    def __iter__(self) -> Iterator[tuple[int, np.ndarray]]:
        """Read all frames.

        Yields:
            tuple[int, np.ndarray]: Number and picture, BGR.

        Raises:
            ValueError: A frame cannot be read.
        """
        for number, picture in self.visit(lambda number: True, float('inf')):
            if picture is None:
                raise ValueError(f'{self.source!r}: frame {number} cannot be read.')
            yield number, picture

    def locate(self, table: BoxTable) -> tuple[np.ndarray, str]:
        """Tell which frame each row of a table means.

        Args:
            table (BoxTable): Boxes of these frames.

        Returns:
            tuple[np.ndarray, str]: ``(N,)``, the number of the frame of each row; and
            what had to be assumed for it, or nothing.
        """
        first, said = table.first_frame, ''
        if first is None:
            first = 1
            if int(table.frame.max(initial=0)) != len(self):
                said = (
                    'frames of the table were taken to count from 1, which neither its '
                    'format nor its numbers tell; first_frame=0 says otherwise'
                )
        return table.frame + (self.first_frame - first), said

    def crops(
        self,
        table: BoxTable,
        *,
        min_size: tuple[int, int] = (1, 1),
        on_fault: OnFault | None = None,
    ) -> Iterator[tuple[int, np.ndarray]]:
        """Cut boxes out, frame by frame; frames without boxes are passed quickly.

        Args:
            table (BoxTable): The boxes.
            min_size (tuple[int, int]): Width and height in pixels, after clipping,
                below which a box is a fault. Defaults to (1, 1).
            on_fault (Callable, optional): Called with the row of a box that cannot be
                cut out, and why: it is empty, outside the picture or too small, or
                its frame is missing or cannot be read. Defaults to None: the first
                one raises.

        Yields:
            tuple[int, np.ndarray]: The row and the crop, BGR, a view of its frame.

        Raises:
            ValueError: A box cannot be cut out, and ``on_fault`` is None; or the
                frames have another size than the table was made for.
        """
        report = on_fault or self._raise_fault(table)
        numbers, _ = self.locate(table)
        order = np.argsort(numbers, kind='stable')
        bounds = np.flatnonzero(np.diff(numbers[order], prepend=np.nan)).tolist()
        rows_of = {
            int(numbers[order[a]]): order[a:b].tolist()
            for a, b in pairwise([*bounds, len(order)])
        }
        last = int(numbers.max(initial=-1))
        for number, picture in self.visit(rows_of.__contains__, last):
            rows = rows_of.pop(number)
            if picture is None:
                for row in rows:
                    report(row, f'frame {number} of {self.source!r} cannot be read')
                continue
            self._compare_size(table, number, picture)
            for row in rows:
                try:
                    crop = _cut(picture, table.box[row], min_size)
                except ValueError as error:
                    report(row, str(error))
                    continue
                yield row, crop
        for number, rows in rows_of.items():
            for row in rows:
                report(row, self._describe_missing(number))

    def _raise_fault(self, table: BoxTable) -> OnFault:
        def report(row: int, reason: str) -> None:
            raise ValueError(f'{table.describe(row)}: {reason}.')

        return report

    def _compare_size(self, table: BoxTable, number: int, picture: np.ndarray) -> None:
        height, width = picture.shape[:2]
        if table.picture_size not in (None, (width, height)):
            raise ValueError(
                f'{self.source!r}: frame {number} is {width} x {height}, but the boxes '
                f'were made for {table.picture_size[0]} x {table.picture_size[1]}.'
            )

    def _describe_missing(self, number: int) -> str:
        return (
            f'there is no frame {number} in {self.source!r}, which has {len(self)} '
            f'from {self.first_frame} on'
        )


def _cut(picture: np.ndarray, box: np.ndarray, min_size: tuple[int, int]) -> np.ndarray:
    height, width = picture.shape[:2]
    left, top, right, bottom = clip_box(box, width, height)
    if right - left < min_size[0] or bottom - top < min_size[1]:
        raise ValueError(
            f'the box has {right - left} x {bottom - top} pixels in the picture, fewer '
            f'than {min_size[0]} x {min_size[1]}'
        )
    return picture[top:bottom, left:right]
