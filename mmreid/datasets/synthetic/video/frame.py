"""Draw a frame of a camera, and know who is where in it and how visible."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from mmreid.datasets.synthetic.figure.painting import Light
from mmreid.datasets.synthetic.places.camera import CAMERAS, Camera, develop
from mmreid.datasets.synthetic.places.scene import ROWS, make_scene
from mmreid.datasets.synthetic.seeding import Stream, generator
from mmreid.datasets.synthetic.video.cutout import Cutout, cut_out_person
from mmreid.datasets.synthetic.video.itinerary import Itinerary
from mmreid.datasets.synthetic.video.obstacles import place_obstacles
from mmreid.datasets.synthetic.video.walk import Standing, pixels_of_metre

# Persons are drawn larger and made small, so that their edges are soft.
_OVERSAMPLING = 2
# A person is written down while this share of the box lies within the frame.
_LEAST_INSIDE = 0.1
_NOBODY, _THING = 0, -1


@dataclass(frozen=True)
class TrueBox:
    """A person in a frame.

    Attributes:
        person: Who.
        box: Left, top, right, bottom in pixels of the frame, from 0; it may reach
            beyond the frame.
        visibility: Share of the person's pixels that the frame shows, 0 to 1.
    """

    person: int
    box: tuple[float, float, float, float]
    visibility: float


def draw_frame(
    plan: Itinerary, camera: int, number: int
) -> tuple[np.ndarray, list[TrueBox]]:
    """Draw a frame.

    Args:
        plan (Itinerary): The scene.
        camera (int): Number of the camera, from 1.
        number (int): Number of the frame, from 1.

    Returns:
        tuple: BGR, uint8, and who is in it, by number.
    """
    looks = CAMERAS[camera - 1]
    scale = plan.size.height * _OVERSAMPLING / ROWS
    figures = _figures(plan, camera, number, scale)
    canvas, who = _compose(plan, camera, scale, figures)
    rows, columns = plan.size.height, plan.size.width
    small = cv2.resize(canvas, (columns, rows), interpolation=cv2.INTER_AREA)
    noise = generator(plan.seed, Stream.VIDEO, 3, camera, number)
    recorded = develop(small, looks, plan.exposures[camera - 1], noise)
    boxes = [
        _true_box(person, figure, who) for person, figure in sorted(figures.items())
    ]
    return recorded, [box for box in boxes if _is_inside(box, rows, columns)]


def _figures(
    plan: Itinerary, camera: int, number: int, scale: float
) -> dict[int, Cutout]:
    """Cut out everybody who passes a camera at the moment of a frame."""
    now = plan.time_of(camera, number)
    horizon = make_scene(plan.seed, camera).horizon
    figures = {}
    for visit in plan.visits:
        if visit.camera != camera or not visit.start <= now <= visit.end:
            continue
        at = visit.walk.at(now - visit.start)
        zoom = scale * pixels_of_metre(at.row, horizon)
        at = Standing(at.column * scale, at.row * scale, at.yaw, at.phase, at.walks)
        person = plan.people[visit.person]
        looks = CAMERAS[camera - 1]
        figures[visit.person] = cut_out_person(person, at, visit.phone, looks, zoom)
    return figures


def _compose(
    plan: Itinerary, camera: int, scale: float, figures: dict[int, Cutout]
) -> tuple[np.ndarray, np.ndarray]:
    """Put persons and things into the scene, the farthest first.

    Returns:
        tuple: The picture, and who is seen at each of its pixels.
    """
    canvas = _background(plan.seed, camera, scale).copy()
    horizon = make_scene(plan.seed, camera).horizon
    things = place_obstacles(plan.seed, camera, horizon, scale)
    layers = [*figures.items(), *((_THING, thing) for thing in things)]
    light = CAMERAS[camera - 1]
    for _, layer in layers:
        _shadow(canvas, layer, light)
    who = np.full(canvas.shape[:2], _NOBODY, np.int32)
    for number, layer in sorted(layers, key=lambda pair: pair[1].foot):
        window = layer.window(canvas.shape)
        mask = layer.mask[window.patch]
        canvas[window.frame][mask] = layer.pixels[window.patch][mask, :3]
        who[window.frame][mask] = number
    return canvas, who


@lru_cache(maxsize=8)
def _background(seed: int, camera: int, scale: float) -> np.ndarray:
    """Enlarge a place without people; it is kept for the next frame."""
    picture = make_scene(seed, camera).picture
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)


def _shadow(canvas: np.ndarray, figure: Cutout, camera: Camera) -> None:
    """Darken the ground about the feet, away from the light."""
    light: Light = camera.light
    right, up, _ = light.direction
    left, top, beyond, bottom = figure.box
    height = bottom - top
    wide = 0.5 * max(beyond - left, 0.2 * height)
    x = (left + beyond) / 2 - 0.25 * wide * right / (up + 0.2)
    axes = (max(int(wide), 1), max(int(0.16 * wide), 1))
    margin = 3 * axes[1]
    area = Cutout(
        np.zeros((2 * margin + 1, 2 * (axes[0] + margin) + 1, 4), np.uint8),
        int(x) - axes[0] - margin,
        int(figure.foot) - margin,
        figure.foot,
    )
    depth = np.zeros(area.pixels.shape[:2], np.float32)
    centre = (axes[0] + margin, margin)
    cv2.ellipse(depth, centre, axes, 0, 0, 360, 0.75 * (1 - light.ambient), -1)
    soft = cv2.blur(depth, (axes[1] + 1, axes[1] + 1))
    window = area.window(canvas.shape)
    ground = canvas[window.frame]
    ground[:] = (ground * (1 - soft[window.patch][..., None])).astype(np.uint8)


def _true_box(person: int, figure: Cutout, who: np.ndarray) -> TrueBox:
    """Measure a person: the box, and how much of it nothing hides."""
    window = figure.window(who.shape)
    seen = int((who[window.frame] == person).sum())
    left, top, right, bottom = (edge / _OVERSAMPLING for edge in figure.box)
    share = seen / int(figure.mask.sum())
    return TrueBox(person, (left, top, right, bottom), share)


def _is_inside(true: TrueBox, rows: int, columns: int) -> bool:
    """Whether enough of a box lies within the frame."""
    left, top, right, bottom = true.box
    width = min(right, columns) - max(left, 0)
    height = min(bottom, rows) - max(top, 0)
    inside = max(width, 0) * max(height, 0)
    return inside >= _LEAST_INSIDE * (right - left) * (bottom - top)
