"""Things that stand about: plants, cars, bicycles."""

import cv2
import numpy as np

from mmreid.datasets.synthetic.places.scenery import Tint


def any_tint(rng: np.random.Generator) -> Tint:
    """Draw a colour of no great strength."""
    blue, green, red = rng.integers(50, 180, 3).tolist()
    return blue, green, red


def tree(
    picture: np.ndarray, rng: np.random.Generator, foot: tuple[int, int], size: int
) -> None:
    """Draw a tree of a height in pixels, as a trunk and a cloud of leaves."""
    x, y = foot
    bark = (50, 66, 84)
    cv2.rectangle(
        picture, (x - size // 28, y - size // 2), (x + size // 28, y), bark, -1
    )
    bush(picture, rng, (x, y - int(0.68 * size)), int(0.30 * size))


def bush(
    picture: np.ndarray, rng: np.random.Generator, centre: tuple[int, int], size: int
) -> None:
    """Draw a cloud of leaves of a radius in pixels."""
    for number in range(120):
        angle, reach = rng.uniform(0, 2 * np.pi), size * rng.random() ** 0.5
        x = int(centre[0] + 1.2 * reach * np.cos(angle))
        y = int(centre[1] + reach * np.sin(angle))
        light = 0.55 + 0.45 * number / 120 - 0.25 * (y - centre[1]) / size
        leaf = tuple(np.clip(np.array([45, 105, 72]) * light, 0, 255).tolist())
        cv2.circle(
            picture, (x, y), max(2, int(size * rng.uniform(0.08, 0.2))), leaf, -1
        )


def car(picture: np.ndarray, foot: tuple[int, int], width: int, tint: Tint) -> None:
    """Draw a parked car seen from the side, its left wheel near ``foot``."""
    x, y = foot
    w, h = width, width // 4
    dark = tuple(int(c * 0.55) for c in tint)
    body = [
        (0, 0),
        (0, -h // 2),
        (w // 8, -h * 5 // 8),
        (w * 7 // 8, -h * 5 // 8),
        (w, -h // 2),
    ]
    outline = np.array([*body, (w, 0)]) + np.array((x, y - h // 8))
    roof = np.array(
        [(w // 5, 0), (w // 3, -h // 2), (w * 2 // 3, -h // 2), (w * 5 // 6, 0)]
    )
    cv2.ellipse(picture, (x + w // 2, y), (w // 2, h // 8), 0, 0, 360, (40, 40, 42), -1)
    cv2.fillPoly(picture, [roof + np.array((x, y - h * 5 // 8))], (80, 72, 66))
    cv2.fillPoly(picture, [outline], tint)
    cv2.line(picture, (x, y - h // 3), (x + w, y - h // 3), dark, 2)
    for wheel in (x + w // 5, x + w * 4 // 5):
        cv2.circle(picture, (wheel, y - h // 8), h // 4, (30, 30, 32), -1)
        cv2.circle(picture, (wheel, y - h // 8), h // 8, (120, 120, 124), -1)


def bicycle(
    picture: np.ndarray, foot: tuple[int, int], width: int, tint: Tint, thick: int
) -> None:
    """Draw a bicycle with its left wheel on ``foot``, in lines of some thickness."""
    x, y = foot
    radius = int(0.29 * width)
    rear, front = (x, y - radius), (x + int(0.62 * width), y - radius)
    for hub in (rear, front):
        cv2.circle(picture, hub, radius, (35, 35, 38), thick, cv2.LINE_AA)
        for angle in np.radians(range(0, 180, 30)):
            right, up = int(radius * np.cos(angle)), int(radius * np.sin(angle))
            start, end = (hub[0] + right, hub[1] - up), (hub[0] - right, hub[1] + up)
            cv2.line(picture, start, end, (120, 120, 124), 1, cv2.LINE_AA)
    seat = (x + int(0.17 * width), y - int(0.62 * width))
    crank = (x + int(0.26 * width), y - radius)
    bar = (x + int(0.54 * width), y - int(0.64 * width))
    frame = [(rear, seat), (seat, crank), (rear, crank), (seat, bar), (crank, bar)]
    for one, other in [*frame, (bar, front)]:
        cv2.line(picture, one, other, tint, thick, cv2.LINE_AA)
    cv2.line(
        picture,
        (seat[0] - 6, seat[1]),
        (seat[0] + 10, seat[1]),
        (25, 25, 25),
        thick + 2,
    )
    cv2.line(picture, bar, (bar[0] - 8, bar[1] - 8), (25, 25, 25), thick)
