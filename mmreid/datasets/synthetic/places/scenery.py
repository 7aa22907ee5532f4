"""Surfaces of a scene: ground and walls, and what lies on them."""

import cv2
import numpy as np

Tint = tuple[int, int, int]


def texture(
    rng: np.random.Generator, rows: int, columns: int, scales: tuple[int, ...]
) -> np.ndarray:
    """Return cloudy noise with unit spread, ``(rows, columns, 1)``.

    Args:
        rng (np.random.Generator): Source of randomness.
        rows (int): Height in pixels.
        columns (int): Width in pixels.
        scales (tuple): Sizes of the spots in pixels.
    """
    total = np.zeros((rows, columns), np.float32)
    for scale in scales:
        shape = (rows // scale + 2, columns // scale + 2)
        coarse = rng.standard_normal(shape).astype(np.float32)
        spots = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
        total += spots / scale**0.35
    return (total / total.std())[..., None]


def roughen(
    picture: np.ndarray,
    rng: np.random.Generator,
    rows: slice,
    strength: float,
    scales: tuple[int, ...] = (1, 4, 24),
) -> None:
    """Vary the brightness of some rows in place."""
    part = picture[rows]
    noise = texture(rng, part.shape[0], part.shape[1], scales)
    picture[rows] = np.clip(part * (1 + strength * noise), 0, 255).astype(np.uint8)


def ground(picture: np.ndarray, horizon: int, near: Tint, far: Tint) -> None:
    """Fill everything below the horizon with a gradient."""
    rows = picture.shape[0] - horizon
    at = np.linspace(0, 1, rows)[:, None, None]
    picture[horizon:] = ((1 - at) * np.array(far) + at * np.array(near)).astype(
        np.uint8
    )


def patches(
    picture: np.ndarray, rng: np.random.Generator, horizon: int, tints: tuple[Tint, ...]
) -> None:
    """Lay areas of other materials on the ground, in perspective."""
    rows, columns = picture.shape[:2]
    middle = columns // 2
    for number in range(7):
        near = rng.integers(-columns // 2, columns * 3 // 2, 2)
        far = middle + (near - middle) * rng.uniform(0.35, 0.6)
        top, bottom = sorted(rng.integers(horizon + 10, rows + 80, 2).tolist())
        corners = [(near[0], bottom), (near[1], bottom), (far[1], top), (far[0], top)]
        outline = np.array(corners).astype(np.int32)
        cv2.fillConvexPoly(picture, outline, tints[number % len(tints)])


def panels(
    picture: np.ndarray,
    rng: np.random.Generator,
    rows: tuple[int, int],
    tints: tuple[Tint, ...],
) -> None:
    """Put doors, notice boards and other flat things on a wall, between two rows."""
    top, bottom = rows
    left = int(rng.integers(0, 60))
    while left < picture.shape[1]:
        width = int(rng.integers(40, 150))
        tint = tints[int(rng.integers(len(tints)))]
        upper = top + int(rng.integers(0, (bottom - top) // 2))
        cv2.rectangle(picture, (left, upper), (left + width, bottom), tint, -1)
        edge = (tint[0] // 2, tint[1] // 2, tint[2] // 2)
        cv2.rectangle(picture, (left, upper), (left + width, bottom), edge, 3)
        left += width + int(rng.integers(30, 160))


def paving(picture: np.ndarray, horizon: int, tint: Tint, step: int) -> None:
    """Draw the joints of paving stones, running to the horizon."""
    rows, columns = picture.shape[:2]
    middle = columns // 2
    for x in range(-6 * columns, 7 * columns, step):
        cv2.line(picture, (x, rows), (middle + (x - middle) // 12, horizon), tint, 1)
    y = float(rows)
    while y > horizon + 4:
        cv2.line(picture, (0, int(y)), (columns, int(y)), tint, 1)
        y -= max(3.0, (y - horizon) * step / 420)


def wall(
    picture: np.ndarray, bottom: int, tint: Tint, brick: tuple[int, int], joint: Tint
) -> None:
    """Fill everything above a row with bricks or tiles."""
    picture[:bottom] = tint
    height, width = brick
    for row, y in enumerate(range(bottom, 0, -height)):
        cv2.line(picture, (0, y), (picture.shape[1], y), joint, 1)
        for x in range(row % 2 * width // 2, picture.shape[1], width):
            cv2.line(picture, (x, y), (x, y - height), joint, 1)


def windows(
    picture: np.ndarray,
    rng: np.random.Generator,
    box: tuple[int, int, int, int],
    grid: tuple[int, int],
    frame: Tint,
) -> None:
    """Draw a grid of panes with reflections into a box ``(x, y, width, height)``."""
    left, top, width, height = box
    rows, columns = grid
    cell_w, cell_h = width // columns, height // rows
    for row in range(rows):
        for column in range(columns):
            corner = (left + column * cell_w, top + row * cell_h)
            end = (corner[0] + cell_w, corner[1] + cell_h)
            level = int(rng.integers(40, 150))
            glass = (min(255, level + 25), level + 10, level)
            cv2.rectangle(picture, corner, end, glass, -1)
            shine = np.array(
                [corner, (corner[0] + cell_w // 2, corner[1]), (corner[0], end[1])]
            )
            brighter = tuple(min(255, c + 22) for c in glass)
            cv2.fillConvexPoly(picture, shine, brighter)
            cv2.rectangle(picture, corner, end, frame, 3)
