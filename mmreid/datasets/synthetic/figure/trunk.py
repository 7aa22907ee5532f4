"""The torso, and what hangs around the legs below it."""

from dataclasses import dataclass

import numpy as np

from mmreid.datasets.synthetic.figure.mesh import Mesh, loft
from mmreid.datasets.synthetic.figure.pose import Limbs, Skeleton
from mmreid.datasets.synthetic.persons.clothes import (
    LOWER_CUTS,
    UPPER_CUTS,
    cloth,
    torso_colours,
)
from mmreid.datasets.synthetic.persons.identity import Body, Garment, Identity

SECTORS = 24
RINGS = 21
_SQUARENESS = 0.82

# Fraction of the way from neck to crotch, half width and half depth in metres.
_LEVELS = np.array([0.00, 0.04, 0.09, 0.16, 0.30, 0.45, 0.62, 0.82, 1.00])
_WIDTHS = np.array([0.055, 0.10, 0.148, 0.166, 0.178, 0.172, 0.155, 0.172, 0.150])
_DEPTHS = np.array([0.055, 0.07, 0.085, 0.100, 0.120, 0.115, 0.108, 0.125, 0.105])


@dataclass(frozen=True)
class Trunk:
    """Shape of the clothed torso.

    Args:
        top (float): Height of the neck's base.
        bottom (float): Height of the crotch.
        body (Body): Proportions.
        ease (float): Metres between body and cloth.
    """

    top: float
    bottom: float
    body: Body
    ease: float

    def height(self, level: np.ndarray | float) -> np.ndarray:
        """Return heights of levels, 0 at the neck and 1 at the crotch."""
        return np.asarray(self.top + (self.bottom - self.top) * np.asarray(level))

    def radii(self, level: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Return half width and half depth at a level."""
        body = self.body
        shape = np.interp(
            level,
            (0, 0.12, 0.3, 0.62, 0.85, 1.0),
            (1, body.shoulders, body.shoulders, body.waist, body.hips, body.hips),
        )
        girth = np.interp(level, (0, 0.2, 0.6), (1, 0.5 + body.build / 2, body.build))
        width = np.interp(level, _LEVELS, _WIDTHS) * shape * girth
        depth = np.interp(level, _LEVELS, _DEPTHS) * girth
        ease = self.ease * np.interp(level, (0, 0.15), (0.3, 1))
        return width + ease, depth + ease

    def surface(self, turn: float, level: float, gap: float = 0.0) -> np.ndarray:
        """Return a point on the torso, ``(3,)``.

        Args:
            turn (float): Degrees around: 0 left, 90 front, 180 right, 270 back.
            level (float): 0 at the neck, 1 at the crotch.
            gap (float): Metres above the cloth.
        """
        width, depth = self.radii(level)
        cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        x = np.sign(cos) * abs(cos) ** _SQUARENESS * (width + gap)
        z = np.sign(sin) * abs(sin) ** _SQUARENESS * (depth + gap)
        return np.array([x, float(self.height(level)), z])


def make_trunk(identity: Identity, joints: Skeleton) -> Trunk:
    """Return the torso's shape in a pose."""
    ease = UPPER_CUTS[identity.upper.kind].ease
    return Trunk(joints.neck, joints.crotch, identity.body, ease)


def _axes(widths: np.ndarray, depths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    zero = np.zeros_like(widths)
    sides = np.stack([widths, zero, zero], axis=1)
    return sides, np.stack([zero, zero, depths], axis=1)


def torso(identity: Identity, trunk: Trunk) -> Mesh:
    """Draw the torso: upper clothes to the hem, lower clothes below it."""
    levels = np.linspace(0, 1.04, RINGS)
    widths, depths = trunk.radii(levels)
    hem = round(0.86 * RINGS)
    widths[hem + 1 :] -= trunk.ease
    depths[hem + 1 :] -= trunk.ease
    widths[-1], depths[-1] = 0.6 * widths[-1], 0.6 * depths[-1]
    colours = torso_colours(
        identity.upper, identity.chest_print, identity.skin, RINGS - 1, SECTORS
    )
    colours[hem:] = identity.lower.colour
    zero = np.zeros(RINGS)
    centres = np.stack([zero, trunk.height(levels), zero], axis=1)
    sides, fronts = _axes(widths, depths)
    return loft(centres, sides, fronts, colours, SECTORS, _SQUARENESS)


def _leg_at(leg: Limbs, heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far forward and sideways a leg is at some heights."""
    line = np.stack([leg.ankle, leg.knee, leg.hip])
    order = np.argsort(line[:, 1])
    known = line[order]
    forward = np.interp(heights, known[:, 1], known[:, 2])
    return forward, np.interp(heights, known[:, 1], known[:, 0])


def _hanging(
    trunk: Trunk,
    joints: Skeleton,
    start: float,
    skirt: float,
    flare: float,
    tints: Garment,
) -> Mesh:
    """Draw cloth that hangs from a level of the torso around both legs."""
    leg = trunk.bottom
    heights = np.linspace(float(trunk.height(start)), leg - skirt * leg, 11)
    level = np.clip((trunk.top - heights) / (trunk.top - trunk.bottom), 0, 0.9)
    widths, depths = trunk.radii(level)
    below = np.clip((trunk.bottom - heights) / max(skirt * leg, 1e-6), 0, 1)
    left, left_x = _leg_at(joints.left, heights)
    right, right_x = _leg_at(joints.right, heights)
    wide = np.maximum(np.maximum(left_x, -right_x) + 0.09, widths) + flare * below
    reach = np.abs(left - right) / 2
    deep = np.maximum(depths, np.minimum(below * 4, 1) * (reach + 0.10)) + flare * below
    middle = (left + right) / 2 * np.minimum(below * 4, 1)
    centres = np.stack([np.zeros(11), heights, middle], axis=1)
    sides, fronts = _axes(wide, deep)
    return loft(
        centres, sides, fronts, cloth(tints, 10, SECTORS), SECTORS, 0.9, lift=0.01
    )


def skirts(identity: Identity, trunk: Trunk, joints: Skeleton) -> list[Mesh]:
    """Draw what hangs below the torso: a skirt, a dress or the tails of a coat."""
    upper, lower = UPPER_CUTS[identity.upper.kind], LOWER_CUTS[identity.lower.kind]
    meshes = []
    if lower.skirt:
        cut = (0.80, lower.skirt, lower.flare)
        meshes.append(_hanging(trunk, joints, *cut, identity.lower))
    if upper.skirt:
        cut = (0.72, upper.skirt, upper.flare)
        meshes.append(_hanging(trunk, joints, *cut, identity.upper))
    return meshes
