"""Paint a surface as a camera sees it: project, shade, draw from back to front."""

from dataclasses import dataclass

import cv2
import numpy as np

from mmreid.datasets.synthetic.figure.mesh import Mesh, cross, unit

_SHIFT = 4


@dataclass(frozen=True)
class Light:
    """Light in view coordinates.

    Args:
        direction (tuple): Towards the sun: right, up, to the camera.
        ambient (float): Share of the light that comes from everywhere, 0 to 1.
    """

    direction: tuple[float, float, float]
    ambient: float


@dataclass(frozen=True)
class View:
    """A surface as seen.

    Args:
        points (np.ndarray): Metres to the right of and above the feet, ``(V, 2)``.
        faces (np.ndarray): Faces that look at the camera, farthest first, ``(F, 4)``.
        colours (np.ndarray): Shaded BGR, ``(F, 3)``.
    """

    points: np.ndarray
    faces: np.ndarray
    colours: np.ndarray


def turn(points: np.ndarray, yaw: float) -> np.ndarray:
    """Turn body coordinates about the vertical: 0 degrees faces the camera."""
    cos, sin = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    x, y, z = points.T
    return np.stack([x * cos + z * sin, y, z * cos - x * sin], axis=1)


def project(points: np.ndarray, elevation: float, distance: float) -> np.ndarray:
    """Project onto the picture: right, up and towards the camera.

    Args:
        points (np.ndarray): Metres: right, up, towards the camera, ``(V, 3)``.
        elevation (float): Degrees by which the camera looks down.
        distance (float): Metres from the camera to the person.
    """
    cos, sin = np.cos(np.radians(elevation)), np.sin(np.radians(elevation))
    x, y, z = points.T
    up, near = y * cos - z * sin, y * sin + z * cos
    zoom = distance / (distance - near)
    return np.stack([x * zoom, up * zoom, near], axis=1)


def shade(
    mesh: Mesh, yaw: float, elevation: float, distance: float, light: Light
) -> View:
    """Project a surface and light its faces."""
    seen = project(turn(mesh.vertices, yaw), elevation, distance)
    corners = seen[mesh.faces]
    first = corners[:, 2] - corners[:, 0]
    second = corners[:, 3] - corners[:, 1]
    normals = cross(first, second)
    facing = np.flatnonzero(normals[:, 2] > 0)
    depth = corners[facing, :, 2].mean(1) + mesh.lift[facing]
    order = facing[np.argsort(depth, kind='stable')]
    normal = unit(normals[order])
    sun = np.asarray(light.direction) / np.linalg.norm(light.direction)
    direct = np.clip(normal @ sun, 0, 1)
    sky = 0.72 + 0.28 * normal[:, 1] + 0.10 * normal[:, 2]
    # Cloth has folds: slow waves of brightness that belong to the body.
    x, y, z = mesh.vertices[mesh.faces[order, 0]].T
    folds = 1 + 0.07 * np.sin(31 * y + 17 * x - 11 * z) * np.sin(
        13 * x + 23 * z + 7 * y
    )
    level = (light.ambient * sky + (1 - light.ambient) * 1.25 * direct) * folds
    colours = np.clip(mesh.colours[order] * level[:, None], 0, 255)
    return View(seen[:, :2], mesh.faces[order], colours)


def paint(canvas: np.ndarray, view: View, to_pixels: np.ndarray) -> None:
    """Draw a view on a canvas in place.

    Args:
        canvas (np.ndarray): BGR picture, uint8.
        view (View): What to draw.
        to_pixels (np.ndarray): Affine map from metres to pixels, ``(2, 3)``.
    """
    pixels = view.points @ to_pixels[:, :2].T + to_pixels[:, 2]
    fixed = np.rint(pixels * (1 << _SHIFT)).astype(np.int32)
    for quad, colour in zip(fixed[view.faces], view.colours.tolist(), strict=True):
        cv2.fillConvexPoly(canvas, quad, colour, cv2.LINE_8, _SHIFT)
