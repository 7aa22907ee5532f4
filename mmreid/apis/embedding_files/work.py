"""What there is to embed, numbered, so that processes can share it."""

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis.inference.sources import find_files
from mmreid.datasets.boxes import (
    VIDEOS,
    BoxTable,
    Frames,
    open_frames,
    open_with_boxes,
)


class Work(ABC):
    """Pictures or frames in a fixed order, the units of the work."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of units."""

    @abstractmethod
    def pictures(self, start: int, stop: int) -> Any:
        """Return the pictures of some units, for ``ReIDInferencer``.

        Args:
            start (int): The first unit.
            stop (int): The unit behind the last one.
        """

    def boxes(self, start: int, stop: int) -> list[np.ndarray] | None:
        """Return the boxes of some units, None for whole pictures.

        Args:
            start (int): The first unit.
            stop (int): The unit behind the last one.
        """
        return None

    @abstractmethod
    def columns(self, unit: np.ndarray, box_index: np.ndarray) -> dict[str, np.ndarray]:
        """Say where vectors are from.

        Args:
            unit (np.ndarray): ``(N,)``, the unit of each.
            box_index (np.ndarray): ``(N,)``, which of the unit's boxes it is.

        Returns:
            dict[str, np.ndarray]: ``img_path`` and, of frames, ``frame``; of boxes
            ``row`` and ``track``, too.
        """

    @abstractmethod
    def fingerprint(self) -> str:
        """Return what changes where the work is another: names, sizes, times, boxes."""


class FileWork(Work):
    """Picture files.

    Args:
        paths (Sequence[str]): The files.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = [*paths]

    def __len__(self) -> int:
        return len(self.paths)

    def pictures(self, start: int, stop: int) -> list[str]:
        """Return paths, see :class:`Work`."""
        return self.paths[start:stop]

    def columns(self, unit: np.ndarray, box_index: np.ndarray) -> dict[str, np.ndarray]:
        """Return the paths, see :class:`Work`."""
        return dict(img_path=np.array([self.paths[i] for i in unit], np.str_))

    def fingerprint(self) -> str:
        """Return a hash of names, sizes and times, see :class:`Work`."""
        return _hash(_state(path) for path in self.paths)


class FrameWork(Work):
    """Frames of a video or of a folder, whole or their boxes.

    Args:
        frames (Frames): The frames.
        table (BoxTable | None): Boxes; only frames that have some are units.
    """

    def __init__(self, frames: Frames, table: BoxTable | None) -> None:
        self.frames, self.table, self.note = frames, table, ''
        if table is None:
            first = frames.first_frame
            self.numbers = np.arange(first, first + len(frames))
            return
        located, self.note = frames.locate(table)
        order = np.argsort(located, kind='stable')
        self.numbers, firsts = np.unique(located[order], return_index=True)
        self._rows = np.split(order, firsts[1:])

    def __len__(self) -> int:
        return len(self.numbers)

    def pictures(self, start: int, stop: int) -> Iterator[tuple[int, Any]]:
        """Yield numbered frames, None where one is missing; see :class:`Work`."""
        wanted = [int(number) for number in self.numbers[start:stop]]
        place = 0
        known = set(wanted)
        last = wanted[-1] if wanted else -1
        for number, picture in self.frames.visit(
            known.__contains__, last, min(known, default=0)
        ):
            while wanted[place] < number:
                yield wanted[place], None
                place += 1
            yield number, picture
            place += 1
        for number in wanted[place:]:
            yield number, None

    def boxes(self, start: int, stop: int) -> list[np.ndarray] | None:
        """Return the boxes of frames, see :class:`Work`."""
        if self.table is None:
            return None
        return [self.table.box[rows] for rows in self._rows[start:stop]]

    def columns(self, unit: np.ndarray, box_index: np.ndarray) -> dict[str, np.ndarray]:
        """Return frames, rows of the table and tracks, see :class:`Work`."""
        names = np.full(len(unit), self.frames.source, np.str_)
        columns = dict(img_path=names, frame=self.numbers[unit].astype(np.int64))
        if self.table is None:
            return columns
        pairs = zip(unit, box_index, strict=True)
        rows = np.array([self._rows[u][b] for u, b in pairs], np.int64)
        return dict(columns, row=rows, track=self.table.track[rows])

    def fingerprint(self) -> str:
        """Return a hash of the video's name, size and time, and boxes."""
        boxes = b'' if self.table is None else self.table.box.tobytes()
        numbers = self.numbers.astype(np.int64).tobytes()
        content = hashlib.sha256(boxes + numbers).hexdigest()
        return _hash([_state(self.frames.source), content])


def find_work(sources: Sequence[str], boxes: str | None = None) -> Work:
    """List what a command line names.

    Args:
        sources (Sequence[str]): Pictures, folders with all that is below them and
            patterns; or one video, or with ``boxes`` one folder of frames.
        boxes (str | None): A table of boxes, see
            :func:`mmreid.datasets.boxes.read_boxes`. Defaults to None: whole pictures.

    Returns:
        Work: The pictures in order.

    Raises:
        FileNotFoundError: A source leads to no picture.
        ValueError: Boxes or a video beside other sources; the table cannot be read.
    """
    is_video = [Path(source).suffix.lower() in VIDEOS for source in sources]
    if boxes is not None or any(is_video):
        if len(sources) > 1:
            raise ValueError(
                'SOURCES must be one video, or with --boxes one video or folder of '
                f'frames, got {len(sources)}; call the command for each.'
            )
        if boxes is None:
            return FrameWork(open_frames(sources[0]), None)
        frames, table = open_with_boxes(sources[0], boxes)
        if not len(table):
            raise ValueError(f'--boxes {boxes} has no box.')
        return FrameWork(frames, table)
    return FileWork([path for source in sources for path in find_files(source)])


def _state(path: str) -> str:
    """Tell a file from its successor of the same name."""
    try:
        status = os.stat(path)
    except OSError:
        return path
    return f'{path}\0{status.st_size}\0{status.st_mtime_ns}'


def _hash(words: Any) -> str:
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode('utf-8', 'surrogateescape') + b'\n')
    return digest.hexdigest()
