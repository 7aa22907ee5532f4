"""Things that stand between the camera and a person."""

import cv2
import numpy as np

from mmreid.datasets.synthetic.places.props import any_tint, bicycle, bush

KINDS = ('pole', 'bicycle', 'railing', 'plant')


def _pole(canvas: np.ndarray, rng: np.random.Generator) -> None:
    """A pole with a round shade across its width."""
    columns = canvas.shape[1]
    width = int(columns * rng.uniform(0.07, 0.16))
    left = int(rng.uniform(0.05, 0.8) * columns)
    width = min(width, columns - left)
    grey = rng.uniform(70, 190) * np.sin(np.linspace(0.3, 2.9, width))
    canvas[:, left : left + width] = grey[None, :, None].astype(np.uint8)


def _railing(canvas: np.ndarray, rng: np.random.Generator) -> None:
    """Bars of a fence in front of the legs."""
    rows, columns = canvas.shape[:2]
    top, tint = int(rows * rng.uniform(0.58, 0.75)), any_tint(rng)
    cv2.line(canvas, (0, top), (columns, top), tint, 8)
    cv2.line(canvas, (0, rows - 14), (columns, rows - 14), tint, 6)
    for x in range(int(rng.integers(0, 20)), columns, 26):
        cv2.line(canvas, (x, top), (x, rows), tint, 4)


def occlude(canvas: np.ndarray, rng: np.random.Generator) -> None:
    """Draw one thing over a canvas in place."""
    rows, columns = canvas.shape[:2]
    kind = KINDS[int(rng.integers(len(KINDS)))]
    if kind == 'pole':
        _pole(canvas, rng)
    elif kind == 'railing':
        _railing(canvas, rng)
    elif kind == 'bicycle':
        foot = (int(rng.uniform(-0.3, 0.5) * columns), rows - int(rng.integers(2, 20)))
        bicycle(canvas, foot, int(columns * rng.uniform(0.9, 1.2)), any_tint(rng), 6)
    else:
        centre = (int(rng.uniform(0, 1) * columns), int(rows * rng.uniform(0.92, 1.05)))
        bush(canvas, rng, centre, int(columns * rng.uniform(0.28, 0.5)))
