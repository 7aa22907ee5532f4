"""A person's way through the view of a camera, as a function of time."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from mmreid.datasets.synthetic.places.scene import COLUMNS, ROWS

#: Metres that two steps take.
_CYCLE = 1.45
#: A person of 1.7 m takes about 100 to 160 of the 540 rows.
_SHARE = 0.5
# Rows of the feet, as fractions of the picture: the ground that is walked on.
_NEAREST, _FARTHEST = 0.96, 0.60
# Metres beyond the border at which a person appears.
_OUTSIDE = 0.6
# Points of a way for each of its pieces.
_STEPS = 64


def pixels_of_metre(row: Any, horizon: int) -> Any:
    """Return how many pixels of the scene a metre takes for feet in a row.

    Args:
        row (Any): Row of the feet in the scene's 540, or an array of rows.
        horizon (int): Row in which the ground ends.
    """
    return _SHARE * (88.0 + 0.28 * (row - horizon))


@dataclass(frozen=True)
class Standing:
    """Where somebody is at a moment.

    Attributes:
        column: Column of the feet in the scene's 960.
        row: Row of the feet.
        yaw: Direction in degrees: 0 towards the camera, 90 to the right.
        phase: Phase of the walking cycle in radians.
        walks: Whether the person walks and does not stand.
    """

    column: float
    row: float
    yaw: float
    phase: float
    walks: bool


@dataclass(frozen=True)
class Walk:
    """A way through a view: from one border to another, perhaps with a stop.

    Args:
        corners (tuple): Columns and rows of the feet, at least two points.
        speed (float): Metres a second.
        horizon (int): Row in which the scene's ground ends.
        slope (float): Sine of the angle by which the camera looks down.
        stop (float): Seconds of standing at the middle of the way; 0 for none.
        phase (float): Phase of the walking cycle at the beginning.
    """

    corners: tuple[tuple[float, float], ...]
    speed: float
    horizon: int
    slope: float
    stop: float
    phase: float

    @cached_property
    def _way(self) -> tuple[np.ndarray, np.ndarray]:
        """Points of the way, ``(n, 2)``, and the metres walked until each."""
        ends = np.asarray(self.corners, float)
        shares = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
        pieces = [a + shares * (b - a) for a, b in pairwise(ends)]
        points = np.concatenate([*pieces, ends[-1:]])
        across, down = np.diff(points, axis=0).T
        zoom = pixels_of_metre(points[:-1, 1], self.horizon)
        lengths = np.hypot(across, down / self.slope) / zoom
        return points, np.concatenate([[0], np.cumsum(lengths)])

    @property
    def duration(self) -> float:
        """Seconds that the way takes, standing included."""
        return float(self._way[1][-1] / self.speed + self.stop)

    def at(self, seconds: float) -> Standing:
        """Return where the person is.

        Args:
            seconds (float): Since the beginning of the walk.
        """
        points, metres = self._way
        half = metres[-1] / 2 / self.speed
        walks = not half < seconds < half + self.stop
        moving = min(seconds, half) + max(0.0, seconds - half - self.stop)
        walked = min(moving * self.speed, float(metres[-1]))
        column, row = (np.interp(walked, metres, axis) for axis in points.T)
        # Nobody turns on the spot: the direction is that of the next half metre.
        near, far = np.clip((walked - 0.25, walked + 0.25), 0, metres[-1])
        ahead = [
            np.interp(far, metres, a) - np.interp(near, metres, a) for a in points.T
        ]
        yaw = float(np.degrees(np.arctan2(ahead[0], ahead[1] / self.slope)))
        phase = self.phase + 2 * np.pi * walked / _CYCLE
        return Standing(float(column), float(row), yaw, float(phase), walks)


def draw_walk(rng: np.random.Generator, horizon: int, elevation: float) -> Walk:
    """Draw a way through a view.

    Args:
        rng (np.random.Generator): Source of chance.
        horizon (int): Row in which the scene's ground ends.
        elevation (float): Degrees by which the camera looks down.
    """
    rows = rng.uniform(_FARTHEST, _NEAREST, 3) * ROWS
    sides = [-1.0, 1.0] if rng.random() < 0.5 else [1.0, -1.0]
    if rng.random() < 0.2:  # turns back
        sides[1] = sides[0]
    columns = []
    for side, row in zip(sides, rows[[0, 2]], strict=True):
        beyond = _OUTSIDE * pixels_of_metre(row, horizon)
        columns.append(COLUMNS + beyond if side > 0 else -beyond)
    middle = (rng.uniform(0.3, 0.7) * COLUMNS, rows[1])
    return Walk(
        corners=((columns[0], rows[0]), middle, (columns[1], rows[2])),
        speed=float(np.clip(rng.normal(1.35, 0.2), 0.9, 1.9)),
        horizon=horizon,
        slope=float(np.sin(np.radians(elevation + 12))),
        stop=float(rng.uniform(1, 3)) if rng.random() < 0.2 else 0.0,
        phase=float(rng.uniform(0, 2 * np.pi)),
    )
