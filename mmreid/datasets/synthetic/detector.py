"""What a pedestrian detector delivers: boxes that are nearly right."""

from dataclasses import dataclass

import numpy as np

ROWS, COLUMNS = 128, 64


@dataclass(frozen=True)
class Box:
    """A box in the metres of a view, twice as tall as wide.

    Args:
        left (float): Left border.
        top (float): Upper border.
        height (float): Height.
    """

    left: float
    top: float
    height: float

    def to_pixels(self, rows: int) -> np.ndarray:
        """Return the affine map onto a canvas with so many rows, ``(2, 3)``."""
        zoom = rows / self.height
        return np.array([[zoom, 0, -zoom * self.left], [0, -zoom, zoom * self.top]])


def tight_box(points: np.ndarray, margin: float = 0.04) -> Box:
    """Return the box around a view's points, ``(V, 2)``, with a relative margin."""
    (left, bottom), (right, top) = points.min(0), points.max(0)
    height = (top - bottom) * (1 + 2 * margin)
    middle = (left + right) / 2
    return Box(middle - height / 4, (top + bottom + height) / 2, height)


def _moved(box: Box, right: float, up: float, zoom: float) -> Box:
    """Shift a box by fractions of its height and resize it about its middle."""
    height = box.height * zoom
    left = box.left + box.height / 4 - height / 4 + right * box.height
    return Box(left, box.top + (height - box.height) / 2 + up * box.height, height)


def detect(box: Box, rng: np.random.Generator) -> Box:
    """Return what the detector makes of a box.

    Most boxes are good. The faults are: much too loose, much too tight, head cut off,
    feet cut off, shifted to a side. All keep more than half of the union, as boxes of
    Market-1501 do that count as a person.
    """
    right, up = rng.normal(0, (0.015, 0.015))
    zoom = float(np.exp(rng.normal(0.02, 0.04)))
    fault = int(rng.choice(6, p=(0.76, 0.07, 0.05, 0.03, 0.05, 0.04)))
    if fault == 1:
        zoom *= rng.uniform(1.12, 1.28)
    elif fault == 2:
        zoom *= rng.uniform(0.80, 0.9)
    elif fault == 3:
        up -= rng.uniform(0.08, 0.15)
    elif fault == 4:
        up += rng.uniform(0.08, 0.2)
    elif fault == 5:
        right += rng.uniform(0.06, 0.12) * rng.choice((-1, 1))
    zoom = float(np.clip(zoom, 0.76, 1.32))
    return _moved(box, float(right), float(up), zoom)


def misdetect(box: Box, rng: np.random.Generator) -> Box:
    """Return a box that covers less than half of the union with a person's: junk."""
    zoom = float(rng.uniform(0.55, 1.3))
    right = float(rng.uniform(0.22, 0.32) * rng.choice((-1, 1)))
    up = float(rng.uniform(-0.35, 0.35))
    return _moved(box, right, up, zoom)
