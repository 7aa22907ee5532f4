"""Surfaces made of small coloured quadrilaterals."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np


def moved(point: np.ndarray, left: float, up: float, forward: float) -> np.ndarray:
    """Return a point shifted by metres, ``(3,)``."""
    return point + np.array((left, up, forward))


@dataclass(frozen=True)
class Mesh:
    """A surface with one colour per face.

    Args:
        vertices (np.ndarray): Points in metres, ``(V, 3)``.
        faces (np.ndarray): Vertex indices, counter-clockwise from outside, ``(F, 4)``.
        colours (np.ndarray): BGR, 0 to 255, ``(F, 3)``.
        lift (np.ndarray): Metres by which a face counts as nearer than it is, so that
            what is worn goes on top of what it lies on, ``(F,)``.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colours: np.ndarray
    lift: np.ndarray


def merge(meshes: Sequence[Mesh]) -> Mesh:
    """Join surfaces into one."""
    offsets = np.cumsum([0, *(len(m.vertices) for m in meshes)])
    return Mesh(
        np.concatenate([m.vertices for m in meshes]),
        np.concatenate([m.faces + o for m, o in zip(meshes, offsets, strict=False)]),
        np.concatenate([m.colours for m in meshes]),
        np.concatenate([m.lift for m in meshes]),
    )


def cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return cross products of rows, ``(N, 3)``; quicker than NumPy's for few rows."""
    (a, b, c), (d, e, f) = first.T, second.T
    return np.stack([b * f - c * e, c * d - a * f, a * e - b * d], axis=-1)


def unit(rows: np.ndarray) -> np.ndarray:
    """Return rows scaled to length one, ``(N, 3)``."""
    return rows / np.sqrt((rows * rows).sum(axis=1, keepdims=True))


@lru_cache
def _grid_faces(rings: int, sectors: int) -> np.ndarray:
    """Return the faces between consecutive rings, ``((rings - 1) * sectors, 4)``."""
    ring, sector = np.mgrid[: rings - 1, :sectors]
    here, right = ring * sectors + sector, ring * sectors + (sector + 1) % sectors
    quads = np.stack([here, right, right + sectors, here + sectors], axis=-1)
    return quads.reshape(-1, 4).astype(np.int32)


@lru_cache
def circle(sectors: int, squareness: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return cosine and sine around a superellipse, each ``(sectors,)``.

    Args:
        sectors (int): Number of points.
        squareness (float): 1 is a circle, smaller is nearer to a square.
    """
    angle = 2 * np.pi * np.arange(sectors) / sectors
    cos, sin = np.cos(angle), np.sin(angle)
    return (
        np.sign(cos) * np.abs(cos) ** squareness,
        np.sign(sin) * np.abs(sin) ** squareness,
    )


def loft(
    centres: np.ndarray,
    sides: np.ndarray,
    fronts: np.ndarray,
    colours: np.ndarray,
    sectors: int = 12,
    squareness: float = 1.0,
    lift: float = 0.0,
    keep: np.ndarray | None = None,
) -> Mesh:
    """Stretch a skin over a row of ellipses.

    Args:
        centres (np.ndarray): Centres of the rings, in the direction
            ``sides x fronts``, ``(R, 3)``.
        sides (np.ndarray): First half-axis of each ring, ``(R, 3)``.
        fronts (np.ndarray): Second half-axis of each ring, ``(R, 3)``.
        colours (np.ndarray): Broadcast to ``(R - 1, sectors, 3)``.
        sectors (int): Points of a ring; the first one lies at ``+sides``.
        squareness (float): See :func:`circle`.
        lift (float): See :class:`Mesh`.
        keep (np.ndarray, optional): Which faces exist, ``(R - 1, sectors)``.
    """
    cos, sin = circle(sectors, squareness)
    points = (
        centres[:, None]
        + cos[:, None] * sides[:, None]
        + sin[:, None] * fronts[:, None]
    )
    faces = _grid_faces(len(centres), sectors)
    shape = (len(centres) - 1, sectors, 3)
    tints = np.broadcast_to(np.asarray(colours, np.float32), shape).reshape(-1, 3)
    if keep is not None:
        faces, tints = faces[keep.reshape(-1)], tints[keep.reshape(-1)]
    return Mesh(points.reshape(-1, 3), faces, tints, np.full(len(faces), lift))


def tube(
    points: np.ndarray,
    radii: np.ndarray,
    colours: np.ndarray,
    sectors: int = 8,
    lift: float = 0.0,
) -> Mesh:
    """Draw a round tube with closed ends along a line.

    Args:
        points (np.ndarray): The line, ``(K, 3)``.
        radii (np.ndarray): Radius at each point, ``(K,)``.
        colours (np.ndarray): Broadcast to ``(K - 1, sectors, 3)``.
        sectors (int): Points around.
        lift (float): See :class:`Mesh`.
    """
    along = np.gradient(points, axis=0)
    reference = np.zeros_like(along)
    reference[:, np.argmin(np.abs(along).sum(0))] = 1.0
    sides = unit(cross(reference, along))
    fronts = unit(cross(along, sides))
    size = np.concatenate([[1e-3], radii, [1e-3]])[:, None]
    ends = np.r_[0, np.arange(len(points)), len(points) - 1]
    shape = (len(points) - 1, sectors, 3)
    tints = np.broadcast_to(np.asarray(colours, np.float32), shape)
    tints = np.concatenate([tints[:1], tints, tints[-1:]])
    return loft(
        points[ends], sides[ends] * size, fronts[ends] * size, tints, sectors, lift=lift
    )


def ball(
    centre: np.ndarray,
    radii: tuple[float, float, float],
    colours: np.ndarray,
    rings: int = 7,
    sectors: int = 10,
    squareness: float = 1.0,
    lift: float = 0.0,
    keep: np.ndarray | None = None,
) -> Mesh:
    """Draw an ellipsoid, or with a small ``squareness`` a rounded box.

    Args:
        centre (np.ndarray): Middle, ``(3,)``.
        radii (tuple): Half-axes along x (left), y (up) and z (forward).
        colours (np.ndarray): Broadcast to ``(rings - 1, sectors, 3)``, from the top.
        rings (int): Rings from pole to pole.
        sectors (int): Points of a ring.
        squareness (float): See :func:`circle`.
        lift (float): See :class:`Mesh`.
        keep (np.ndarray, optional): Which faces exist, ``(rings - 1, sectors)``.
    """
    angle = np.linspace(0, np.pi, rings)
    height = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** squareness
    width = np.maximum(np.abs(np.sin(angle)) ** squareness, 1e-3)
    width[[0, -1]] = 1e-3
    zero = np.zeros(rings)
    centres = centre + np.stack([zero, height * radii[1], zero], axis=1)
    sides = np.stack([width * radii[0], zero, zero], axis=1)
    fronts = np.stack([zero, zero, width * radii[2]], axis=1)
    return loft(centres, sides, fronts, colours, sectors, squareness, lift, keep)


@lru_cache
def ball_directions(rings: int, sectors: int) -> np.ndarray:
    """Return where the faces of a ball look, ``(rings - 1, sectors, 3)``."""
    polar = np.pi * (np.arange(rings - 1) + 0.5) / (rings - 1)
    angle = 2 * np.pi * (np.arange(sectors) + 0.5) / sectors
    y = np.broadcast_to(np.cos(polar)[:, None], (rings - 1, sectors))
    x = np.sin(polar)[:, None] * np.cos(angle)
    z = np.sin(polar)[:, None] * np.sin(angle)
    return np.stack([x, y, z], axis=-1)
