"""What can be seen from where, and what detector and camera do."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from mmreid.datasets.synthetic.detector import Box, detect, misdetect, tight_box
from mmreid.datasets.synthetic.figure.mesh import ball, merge, tube
from mmreid.datasets.synthetic.figure.painting import Light, paint, project, shade, turn
from mmreid.datasets.synthetic.figure.pedestrian import pedestrian
from mmreid.datasets.synthetic.figure.pose import Pose, skeleton
from mmreid.datasets.synthetic.persons.family import draw_family
from mmreid.datasets.synthetic.persons.identity import Cue, Identity
from mmreid.datasets.synthetic.places.camera import CAMERAS, Exposure, develop
from mmreid.datasets.synthetic.places.scene import make_scene
from mmreid.datasets.synthetic.shot import Shot, draw_shot

FRONT, BACK = 0.0, 180.0
NOTHING = Cue('none', (0, 0, 0))
MAGENTA = (255, 0, 255)


def plain_person() -> Identity:
    person = draw_family(0, 0, 1, 1)[0]
    upper = replace(person.upper, kind='tshirt', pattern='plain', colour=(90, 90, 90))
    return replace(person, upper=upper, chest_print=NOTHING, bag=NOTHING, hat=NOTHING)


def picture_of(person: Identity, yaw: float) -> np.ndarray:
    canvas = np.full((256, 128, 3), 128, np.uint8)
    pose = Pose(yaw, phase=0.5)
    view = shade(pedestrian(person, pose), yaw, 8, 8, Light((0, 1, 1), 0.8))
    paint(canvas, view, Box(-0.5, 1.9, 2.0).to_pixels(256))
    return canvas


def changed_pixels(person: Identity, yaw: float, **cue: Any) -> int:
    without = picture_of(person, yaw).astype(int)
    with_cue = picture_of(replace(person, **cue), yaw).astype(int)
    return int((np.abs(without - with_cue).max(2) > 20).sum())


@pytest.mark.parametrize('kind', ['square', 'disc', 'band', 'cross'])
def test_a_chest_print_is_seen_from_the_front_only(kind: str) -> None:
    cue = Cue(kind, MAGENTA)
    assert changed_pixels(plain_person(), FRONT, chest_print=cue) > 80
    assert changed_pixels(plain_person(), BACK, chest_print=cue) == 0


def test_of_a_backpack_only_the_straps_are_seen_from_the_front() -> None:
    cue = Cue('backpack', MAGENTA)
    behind = changed_pixels(plain_person(), BACK, bag=cue)
    before = changed_pixels(plain_person(), FRONT, bag=cue)
    assert behind > 700
    assert 20 < before < behind / 3


@pytest.mark.parametrize('yaw', [0, 45, 90, 135, 180, 225, 270, 315])
@pytest.mark.parametrize(
    'cue',
    [
        {'shoes': Cue('boot', MAGENTA)},
        {'hat': Cue('cap', MAGENTA)},
        {'hair': Cue('curly', MAGENTA)},
        {'bag': Cue('shoulder_bag', MAGENTA)},
    ],
)
def test_other_cues_are_seen_from_everywhere(cue: dict[str, Cue], yaw: float) -> None:
    assert changed_pixels(plain_person(), yaw, **cue) > 60


def test_surfaces_are_wound_outwards() -> None:
    white = np.full(3, 255.0)
    middle = np.array([0.3, 1.0, -0.2])
    sphere = ball(middle, (0.1, 0.2, 0.3), white)
    pipe = tube(
        middle + np.outer(np.linspace(-1, 1, 5), [0.1, 1, 0.2]), np.ones(5), white
    )
    for mesh in (sphere, pipe):
        corners = mesh.vertices[mesh.faces]
        normals = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
        outwards = corners.mean(1) - middle
        assert ((normals * outwards).sum(1) > -1e-9).all()


def test_merged_faces_keep_their_corners_and_colours() -> None:
    one = ball(np.zeros(3), (1, 1, 1), np.full(3, 10.0))
    other = ball(np.ones(3), (1, 1, 1), np.full(3, 20.0), lift=0.5)
    both = merge([one, other])
    assert np.array_equal(
        both.vertices[both.faces[len(one.faces) :]], other.vertices[other.faces]
    )
    assert (both.colours[: len(one.faces)] == 10).all()
    assert (both.lift[len(one.faces) :] == 0.5).all()


def test_a_turned_and_projected_point_lands_where_geometry_says() -> None:
    ahead = np.array([[0.0, 1.0, 2.0]])
    assert np.allclose(turn(ahead, 90), [[2.0, 1.0, 0.0]])
    seen = project(ahead, elevation=30, distance=10)[0]
    up = np.cos(np.pi / 6) - 2 * np.sin(np.pi / 6)
    near = np.sin(np.pi / 6) + 2 * np.cos(np.pi / 6)
    assert np.allclose(seen, [0, up * 10 / (10 - near), near])


@pytest.mark.parametrize('phase', np.linspace(0, 2 * np.pi, 7))
def test_a_walker_stands_on_the_ground_and_keeps_bone_lengths(phase: float) -> None:
    body = plain_person().body
    joints = skeleton(body, Pose(0, phase))
    for limbs in (joints.left, joints.right):
        thigh, shank = limbs.hip - limbs.knee, limbs.knee - limbs.ankle
        assert np.isclose(np.linalg.norm(thigh), 0.245 * body.height)
        assert np.isclose(np.linalg.norm(shank), 0.240 * body.height)
    lowest = min(joints.left.ankle[1], joints.right.ankle[1])
    assert np.isclose(lowest, 0.042 * body.height)


def overlap(one: Box, other: Box) -> float:
    """Return intersection over union."""
    right = min(one.left + one.height / 2, other.left + other.height / 2)
    bottom = max(one.top - one.height, other.top - other.height)
    wide = max(0.0, right - max(one.left, other.left))
    shared = wide * max(0.0, min(one.top, other.top) - bottom)
    return shared / (one.height**2 / 2 + other.height**2 / 2 - shared)


def test_detections_cover_the_person_and_junk_does_not() -> None:
    rng = np.random.default_rng(0)
    box = tight_box(np.array([[-0.3, 0.0], [0.3, 1.8]]))
    good = [overlap(box, detect(box, rng)) for _ in range(500)]
    bad = [overlap(box, misdetect(box, rng)) for _ in range(500)]
    assert min(good) > 0.45
    assert np.mean(good) > 0.7
    assert max(bad) < 0.5


def test_cameras_tint_the_same_picture_differently() -> None:
    grey = np.full((128, 64, 3), 128, np.uint8)
    exposure = Exposure(1.0, (1.0, 1.0, 1.0))
    tones = [
        develop(grey, camera, exposure, np.random.default_rng(0)).mean((0, 1))
        for camera in CAMERAS
    ]
    for index, one in enumerate(tones):
        for other in tones[:index]:
            assert np.abs(one - other).max() > 2


def test_scenes_differ_from_each_other_and_with_the_seed() -> None:
    scenes = [make_scene(0, camera.index).picture for camera in CAMERAS]
    small = [cv2.resize(scene, (8, 4)).astype(int) for scene in scenes]
    for index, one in enumerate(small):
        for other in small[:index]:
            assert np.abs(one - other).mean() > 5
    assert not np.array_equal(scenes[0], make_scene(1, 1).picture)


def test_a_shot_depends_on_its_key_only() -> None:
    people = {1: plain_person()}
    shot = Shot('', 1, 1, 2, 0)
    first = draw_shot(shot, people, 0)
    draw_shot(replace(shot, index=1), people, 0)
    assert np.array_equal(first, draw_shot(shot, people, 0))
    assert not np.array_equal(first, draw_shot(replace(shot, index=1), people, 0))
    assert not np.array_equal(first, draw_shot(shot, people, 1))
    assert first.shape == (128, 64, 3)
