"""A person or a thing, cut out: its pixels, and where they lie in a frame."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from mmreid.datasets.synthetic.figure.painting import paint, shade
from mmreid.datasets.synthetic.figure.pedestrian import pedestrian
from mmreid.datasets.synthetic.figure.pose import Pose
from mmreid.datasets.synthetic.persons.identity import Identity
from mmreid.datasets.synthetic.places.camera import Camera
from mmreid.datasets.synthetic.video.walk import Standing

_OPAQUE = 255


class Window(NamedTuple):
    """The part of a cutout that lies within a frame.

    Attributes:
        frame: Rows and columns of the frame.
        patch: The same rows and columns of the cutout.
    """

    frame: tuple[slice, slice]
    patch: tuple[slice, slice]


@dataclass(frozen=True)
class Cutout:
    """Pixels with a mask, which may reach beyond the frame.

    Args:
        pixels (np.ndarray): BGR and opacity (0 or 255), uint8, ``(h, w, 4)``.
        left (int): Column of the frame in which its first column lies.
        top (int): Row of the frame in which its first row lies.
        foot (float): Row of the frame that it stands on: whoever stands on a lower
            row of the picture is nearer.
    """

    pixels: np.ndarray
    left: int
    top: int
    foot: float

    @property
    def mask(self) -> np.ndarray:
        """Where it is, ``(h, w)`` bool."""
        return self.pixels[..., 3] == _OPAQUE

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what is opaque, also outside the frame."""
        rows, columns = (
            np.flatnonzero(self.mask.any(1)),
            np.flatnonzero(self.mask.any(0)),
        )
        return (
            float(self.left + columns[0]),
            float(self.top + rows[0]),
            float(self.left + columns[-1] + 1),
            float(self.top + rows[-1] + 1),
        )

    def window(self, shape: tuple[int, ...]) -> Window:
        """Find what lies within a frame.

        Args:
            shape (tuple[int, ...]): Of the frame: rows, columns.
        """
        frame, patch = [], []
        for start, size, limit in zip(
            (self.top, self.left), self.pixels.shape[:2], shape[:2], strict=True
        ):
            low, high = max(start, 0), max(min(start + size, limit), max(start, 0))
            frame.append(slice(low, high))
            patch.append(slice(low - start, high - start))
        return Window((frame[0], frame[1]), (patch[0], patch[1]))


def cut_out_person(
    identity: Identity, standing: Standing, phone: bool, camera: Camera, zoom: float
) -> Cutout:
    """Draw a person at a moment.

    Args:
        identity (Identity): Who.
        standing (Standing): Where and how; its column and row are those of the frame.
        phone (bool): Whether the person looks at a telephone.
        camera (Camera): Who looks on.
        zoom (float): Pixels of a metre.
    """
    pose = Pose(standing.yaw, standing.phase, phone=phone)
    if not standing.walks:
        pose = replace(pose, stride=4.0, swing=3.0)
    mesh = pedestrian(identity, pose)
    view = shade(mesh, pose.yaw, camera.elevation, camera.distance, camera.light)
    opaque = np.full((len(view.colours), 1), float(_OPAQUE))
    view = replace(view, colours=np.hstack([view.colours, opaque]))
    (low_x, low_y), (high_x, high_y) = view.points.min(0), view.points.max(0)
    left = int(np.floor(standing.column + zoom * low_x)) - 1
    top = int(np.floor(standing.row - zoom * high_y)) - 1
    width = int(np.ceil(standing.column + zoom * high_x)) + 2 - left
    height = int(np.ceil(standing.row - zoom * low_y)) + 2 - top
    pixels = np.zeros((height, width, 4), np.uint8)
    to_pixels = np.array(
        [[zoom, 0, standing.column - left], [0, -zoom, standing.row - top]]
    )
    paint(pixels, view, to_pixels)
    return Cutout(pixels, left, top, standing.row)
