"""Frames of a video file, read by OpenCV."""

import os
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from mmengine.logging import MMLogger

from mmreid.datasets.boxes.frames import Frames

#: Endings of files that are taken for videos.
VIDEOS = ('.mp4', '.avi', '.mov', '.mkv', '.webm', '.m4v', '.mpg', '.mpeg', '.ts')


class VideoFrames(Frames):
    """A video file.

    The number of frames in a header is often wrong: what counts is what can be read.
    Frames are numbered in their order, whatever their time.

    Args:
        source (str): The file.
        first_frame (int): The number of the first frame. Defaults to 1.

    Raises:
        ValueError: OpenCV cannot read it.
    """

    def __init__(self, source: str | os.PathLike, first_frame: int = 1) -> None:
        super().__init__(source, first_frame)
        self._paused: tuple[cv2.VideoCapture, int] | None = None
        capture = self._open()
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps < 1000 else None
        self._count = max(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), 0)
        is_there, picture = capture.read()
        capture.release()
        if not is_there:
            raise ValueError(
                f'{self.source!r}: not one frame can be read; the file is cut off or '
                'has a codec that OpenCV lacks; "ffmpeg -i FILE new.mp4" may help.'
            )
        self.size = (picture.shape[1], picture.shape[0])

    def __len__(self) -> int:
        """Return how many frames it has, as far as that is known."""
        return self._count

    def visit(
        self, wanted: Callable[[int], bool], last: float, first: int | None = None
    ) -> Iterator[tuple[int, np.ndarray | None]]:
        """Read some frames, see :meth:`Frames.visit`.

        Args:
            wanted (Callable[[int], bool]): Which, by number.
            last (float): The largest number that is wanted.
            first (int, optional): None below is wanted. Defaults to None.

        Yields:
            tuple[int, np.ndarray | None]: Number and picture.
        """
        capture, number = self._resume(first)
        while number <= last:
            if not capture.grab():
                self._end(number - self.first_frame)
                return
            if wanted(number):
                is_there, picture = capture.retrieve()
                yield number, picture if is_there else None
            number += 1
        self._paused = capture, number

    def _resume(self, first: int | None) -> tuple[cv2.VideoCapture, int]:
        """Return where reading goes on: OpenCV's own jumps are not exact."""
        paused, self._paused = self._paused, None
        if paused is not None and first is not None and paused[1] <= first:
            return paused
        return self._open(), self.first_frame

    def _open(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(self.source)
        if not capture.isOpened():
            raise ValueError(
                f'{self.source!r} is no video that OpenCV can open; it is damaged or '
                'of a kind that OpenCV lacks; "ffmpeg -i FILE new.mp4" may help.'
            )
        return capture

    def _end(self, count: int) -> None:
        """Note how many frames there really are."""
        if count < self._count:
            MMLogger.get_current_instance().warning(
                f'{self.source!r}: {count} frames can be read, of {self._count} that '
                'its header tells; the file may be cut off.'
            )
        self._count = count
