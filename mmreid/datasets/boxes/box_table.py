"""Boxes of a video as arrays, a row a box."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

_TYPES = dict(frame=np.int64, track=np.int64, box=np.float64, score=np.float64)


@dataclass(frozen=True, eq=False)
class BoxTable:
    """The boxes of one camera, in the order of their file.

    Attributes:
        frame: ``(N,)`` int64, the frame's number.
        track: ``(N,)`` int64, the track's number, or a person's; -1 where unknown.
        box: ``(N, 4)`` float64, ``x1, y1, x2, y2`` in pixels; (0, 0) is the corner of
            the picture. Boxes may reach beyond the picture or be empty.
        score: ``(N,)`` float64, nan where unknown.
        camera: Its name, where the file tells it.
        label: ``(N,)`` text, what the box shows, as the file has it (``'person'``,
            ``'1'``), or None.
        extra: Further columns of the file, each ``(N,)``, which are written back.
        first_frame: The number that the file has for a video's first frame; None
            where neither its format nor its numbers tell.
        picture_size: ``(width, height)`` of the pictures that the boxes belong to,
            where that is known.

    Raises:
        ValueError: Columns differ in length, or a number is not finite.
    """

    frame: np.ndarray
    track: np.ndarray
    box: np.ndarray
    score: np.ndarray
    camera: str | None = None
    label: np.ndarray | None = None
    extra: Mapping[str, np.ndarray] = field(default_factory=dict)
    first_frame: int | None = None
    picture_size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Give every column its type, and compare the lengths."""
        for name, kind in _TYPES.items():
            object.__setattr__(self, name, np.asarray(getattr(self, name), kind))
        if self.label is not None:
            object.__setattr__(self, 'label', np.asarray(self.label, np.str_))
        extra = {name: np.asarray(column) for name, column in self.extra.items()}
        object.__setattr__(self, 'extra', extra)
        size = len(self.frame)
        own = dict(frame=self.frame, track=self.track, score=self.score)
        own |= {} if self.label is None else dict(label=self.label)
        # A further column may have the name of one of these.
        for name, column in [*own.items(), *extra.items()]:
            if column.shape != (size,):
                raise ValueError(
                    f'{name} must have one value for each of {size} frames, got the '
                    f'shape {column.shape}.'
                )
        if self.box.shape != (size, 4):
            raise ValueError(
                f'box must have the shape ({size}, 4), got {self.box.shape}.'
            )
        if not (good := np.isfinite(self.box).all(1)).all():
            row = int(np.argmin(good))
            raise ValueError(f'box of row {row} is not finite: {self.box[row]}.')

    def __len__(self) -> int:
        """Return the number of boxes."""
        return len(self.frame)

    @property
    def ltwh(self) -> np.ndarray:
        """``(N, 4)``: left, top, width and height."""
        return np.hstack([self.box[:, :2], self.box[:, 2:] - self.box[:, :2]])

    def select(self, rows: Any) -> 'BoxTable':
        """Return some rows as a table.

        Args:
            rows (Any): What indexes an array: a mask, or row numbers.

        Returns:
            BoxTable: The same columns, of these rows.
        """
        own = {
            column.name: value[rows]
            for column in fields(self)
            if isinstance(value := getattr(self, column.name), np.ndarray)
        }
        extra = {name: column[rows] for name, column in self.extra.items()}
        return replace(self, **own, extra=extra)

    def describe(self, row: int) -> str:
        """Name a row, for messages.

        Args:
            row (int): Its number, from 0.

        Returns:
            str: Its number, frame, track and box.
        """
        corners = ', '.join(f'{value:g}' for value in self.box[row])
        track = f', track {self.track[row]}' if self.track[row] >= 0 else ''
        return f'row {row} (frame {self.frame[row]}{track}, box {corners})'


def from_ltwh(ltwh: np.ndarray) -> np.ndarray:
    """Turn left, top, width and height into corners.

    Args:
        ltwh (np.ndarray): ``(N, 4)``.

    Returns:
        np.ndarray: ``(N, 4)``, ``x1, y1, x2, y2``.
    """
    return np.hstack([ltwh[:, :2], ltwh[:, :2] + ltwh[:, 2:]])


def whole_numbers(name: str, values: np.ndarray, places: Sequence[str]) -> np.ndarray:
    """Turn floats that are whole numbers, such as ``1.0``, into int64.

    Args:
        name (str): What they are, for error messages.
        values (np.ndarray): ``(N,)`` float64.
        places (Sequence[str]): Where each stands, for error messages.

    Returns:
        np.ndarray: ``(N,)`` int64.

    Raises:
        ValueError: One is not whole, or too large for a float to be exact.
    """
    # nan compares unequal to all.
    good = (values == np.rint(values)) & (np.abs(values) <= 2**53)
    if not good.all():
        row = int(np.argmin(good))
        raise ValueError(
            f'{places[row]}: the {name} must be a whole number, got {values[row]:g}.'
        )
    return values.astype(np.int64)
