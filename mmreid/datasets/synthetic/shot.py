"""Draw one picture of the data set."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from mmreid.datasets.synthetic import detector
from mmreid.datasets.synthetic.detector import Box
from mmreid.datasets.synthetic.figure.painting import View, paint, shade
from mmreid.datasets.synthetic.figure.pedestrian import pedestrian
from mmreid.datasets.synthetic.figure.pose import Pose
from mmreid.datasets.synthetic.persons.family import draw_stranger
from mmreid.datasets.synthetic.persons.identity import Identity
from mmreid.datasets.synthetic.places.camera import (
    CAMERAS,
    Camera,
    Exposure,
    develop,
    draw_exposure,
)
from mmreid.datasets.synthetic.places.occluder import occlude
from mmreid.datasets.synthetic.places.scene import COLUMNS, ROWS, Scene, make_scene
from mmreid.datasets.synthetic.rendering import USUAL, Rendering
from mmreid.datasets.synthetic.seeding import Stream, generator

_OVERSAMPLING = 3
_CANVAS = (detector.ROWS * _OVERSAMPLING, detector.COLUMNS * _OVERSAMPLING)
_EMPTY = 0.5


@dataclass(frozen=True)
class Shot:
    """One picture to draw.

    Args:
        path (str): File name below the data set's folder.
        label (int): Person id in the file name: 0 is a distractor, -1 junk.
        person_id (int): Who is drawn; for a distractor the number of a stranger.
        camera (int): Number of the camera, from 1.
        index (int): Number of the picture among those of this person and camera.
    """

    path: str
    label: int
    person_id: int
    camera: int
    index: int


@dataclass(frozen=True)
class Visit:
    """How a person passes a camera: the same for all pictures of the passage.

    Args:
        pose (Pose): Pose without its phase.
        place (tuple): Column and row of the feet in the scene.
        exposure (Exposure): Exposure of the camera.
    """

    pose: Pose
    place: tuple[float, float]
    exposure: Exposure


def draw_visit(rng: np.random.Generator, camera: Camera) -> Visit:
    """Draw how somebody passes a camera."""
    heading = rng.choice(camera.headings, p=(0.55, 0.27, 0.18))
    stands = rng.random() < 0.10
    pose = Pose(
        yaw=float(heading + rng.normal(0, 18)),
        phase=0.0,
        stride=4.0 if stands else float(rng.uniform(18, 30)),
        swing=3.0 if stands else float(rng.uniform(10, 28)),
        lean=float(rng.uniform(0.0, 0.06)),
        phone=bool(rng.random() < 0.08),
    )
    place = (rng.uniform(0.12, 0.88) * COLUMNS, rng.uniform(0.72, 0.98) * ROWS)
    return Visit(pose, (float(place[0]), float(place[1])), draw_exposure(rng))


def _look(
    identity: Identity, pose: Pose, camera: Camera, rng: np.random.Generator
) -> View:
    """Return the view of a person at some moment of the walking cycle."""
    pose = replace(
        pose,
        yaw=pose.yaw + float(rng.normal(0, 10)),
        phase=float(rng.uniform(0, 2 * np.pi)),
    )
    elevation = camera.elevation + float(rng.normal(0, 1.5))
    mesh = pedestrian(identity, pose)
    return shade(mesh, pose.yaw, elevation, camera.distance, camera.light)


def _background(scene: Scene, place: tuple[float, float], box: Box) -> np.ndarray:
    """Cut out what lies behind a box, on the oversampled canvas."""
    zoom = scene.scale(place[1])
    corners = np.array([[0, 0], [1, 0], [0, 1]], np.float32)
    metres = (box.left, -box.top) + corners * (box.height / 2, box.height)
    source = (metres * zoom + place).astype(np.float32)
    target = (corners * _CANVAS[::-1]).astype(np.float32)
    warp = cv2.getAffineTransform(target, source)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (_CANVAS[1], _CANVAS[0])
    return cv2.warpAffine(
        scene.picture, warp, size, flags=flags, borderMode=cv2.BORDER_REFLECT
    )


def _shadow(canvas: np.ndarray, box: Box, camera: Camera) -> None:
    """Darken the ground about the feet, away from the light."""
    right, up, near = camera.light.direction
    slope = np.sin(np.radians(camera.elevation))
    centre = np.array([-0.25 * right / (up + 0.2), -0.25 * near * slope])
    x, y = box.to_pixels(canvas.shape[0]) @ [*centre, 1]
    zoom = canvas.shape[0] / box.height
    axes = (int(0.45 * zoom), int((0.10 + 0.3 * slope) * zoom))
    mask = np.zeros((canvas.shape[0] // 4, canvas.shape[1] // 4), np.float32)
    strength = 0.75 * (1 - camera.light.ambient)
    small = (axes[0] // 4, max(2, axes[1] // 4))
    cv2.ellipse(mask, (int(x) // 4, int(y) // 4), small, 0, 0, 360, strength, -1)
    mask = cv2.resize(cv2.blur(mask, (9, 5)), (canvas.shape[1], canvas.shape[0]))
    top = max(0, int(y) - 2 * axes[1])
    canvas[top:] = (canvas[top:] * (1 - mask[top:, :, None])).astype(np.uint8)


def _passer_by(
    canvas: np.ndarray, box: Box, camera: Camera, seed: int, front: bool
) -> None:
    """Draw a stranger beside the person: behind, or in front and partly over."""
    rng = generator(seed, Stream.STRANGER, 1, int(abs(box.left) * 1e9) % (1 << 31))
    stranger = draw_stranger(seed, int(rng.integers(1 << 20, 1 << 21)))
    view = _look(stranger, draw_visit(rng, camera).pose, camera, rng)
    size = rng.uniform(1.05, 1.25) if front else rng.uniform(0.72, 0.95)
    aside = rng.choice((-1, 1)) * rng.uniform(0.38, 0.62)
    down = -rng.uniform(0.05, 0.2) if front else rng.uniform(0.05, 0.3)
    moved = view.points * size + (aside, down)
    paint(canvas, replace(view, points=moved), box.to_pixels(canvas.shape[0]))


def _place_box(view: View, shot: Shot, rng: np.random.Generator) -> Box:
    box = detector.tight_box(view.points)
    return (
        detector.misdetect(box, rng) if shot.label == -1 else detector.detect(box, rng)
    )


def draw_shot(
    shot: Shot,
    people: Mapping[int, Identity],
    seed: int,
    rendering: Rendering = USUAL,
) -> np.ndarray:
    """Draw a picture.

    Args:
        shot (Shot): Which picture.
        people (Mapping): The identities by person id.
        seed (int): Seed of the data set.
        rendering (Rendering): How hard it is. Defaults to the usual one.

    Returns:
        np.ndarray: BGR, uint8, ``(height, height / 2, 3)``, by default 128 x 64.
    """
    camera = CAMERAS[shot.camera - 1]
    stranger = int(shot.label == 0)
    key = (stranger, shot.person_id, shot.camera)
    visit = draw_visit(generator(seed, Stream.VISIT, *key), camera)
    rng = generator(seed, Stream.SHOT, *key, int(shot.label == -1), shot.index)
    person = draw_stranger(seed, shot.person_id) if stranger else people[shot.person_id]
    view = _look(person, visit.pose, camera, rng)
    box = _place_box(view, shot, rng)
    place = (visit.place[0] + float(rng.normal(0, 30)), visit.place[1])
    canvas = _background(make_scene(seed, shot.camera), place, box)
    crowded, share = rng.random(), rendering.crowded
    if crowded < 0.7 * share:
        _passer_by(canvas, box, camera, seed, front=False)
    if not (stranger and rng.random() < _EMPTY):
        _shadow(canvas, box, camera)
        paint(canvas, view, box.to_pixels(canvas.shape[0]))
    if 0.7 * share <= crowded < share:
        _passer_by(canvas, box, camera, seed, front=True)
    if rng.random() < rendering.occluded:
        occlude(canvas, rng)
    size = (rendering.height // 2, rendering.height)
    small = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
    return develop(small, camera, visit.exposure, rng)
