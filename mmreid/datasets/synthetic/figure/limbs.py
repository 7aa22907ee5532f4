"""Arms, hands, legs and feet, with what covers them."""

import numpy as np

from mmreid.datasets.synthetic.figure.mesh import Mesh, ball, loft, tube
from mmreid.datasets.synthetic.figure.pose import Limbs
from mmreid.datasets.synthetic.persons import palette
from mmreid.datasets.synthetic.persons.clothes import LOWER_CUTS, UPPER_CUTS, cloth
from mmreid.datasets.synthetic.persons.identity import Garment, Identity
from mmreid.datasets.synthetic.persons.palette import Colour, tint

_ARM_RADII = (0.050, 0.050, 0.043, 0.038, 0.037, 0.028)
_LEG_RADII = (0.086, 0.080, 0.066, 0.054, 0.056, 0.050, 0.038)
_SECTORS = 10


def _bend(
    first: np.ndarray, middle: np.ndarray, last: np.ndarray, count: int
) -> np.ndarray:
    """Return points along two segments with the corner rounded, ``(count, 3)``."""
    at = np.linspace(0, 1, count)
    known = np.stack([first, middle, last])
    line = np.stack([np.interp(at, (0, 0.5, 1), known[:, i]) for i in range(3)], axis=1)
    line[1:-1] = 0.25 * line[:-2] + 0.5 * line[1:-1] + 0.25 * line[2:]
    return line


def _colours(garment: Garment, skin: Colour, covered: np.ndarray) -> np.ndarray:
    """Return cloth where a limb is covered and skin elsewhere."""
    tints = cloth(garment, len(covered), _SECTORS)
    return np.where(covered[:, None, None], tints, tint(skin))


def arm(identity: Identity, joints: Limbs) -> list[Mesh]:
    """Draw an arm with its sleeve and hand."""
    cut = UPPER_CUTS[identity.upper.kind]
    count = 11
    points = _bend(joints.shoulder, joints.elbow, joints.wrist, count)
    at = np.linspace(0, 1, count)
    radii = np.interp(at, np.linspace(0, 1, 6), _ARM_RADII) * identity.body.build**0.5
    covered = at <= cut.sleeve + 0.02
    radii = radii + covered * (0.8 * cut.ease + 0.004)
    # A round shoulder: the tube starts thin and a little inside.
    radii[0] *= 0.55
    points[0] += (-0.25 * points[0, 0], 0.02, 0.0)
    colours = _colours(identity.upper, identity.skin, covered[1:])
    along = joints.wrist - joints.elbow
    middle = joints.wrist + 0.25 * along
    hand = tube(
        np.stack([joints.wrist, middle, joints.wrist + 0.45 * along]),
        np.array([0.026, 0.036, 0.018]),
        tint(identity.skin),
        6,
    )
    return [tube(points, radii, colours, _SECTORS), hand]


def leg(identity: Identity, joints: Limbs) -> list[Mesh]:
    """Draw a leg with its trouser leg and shoe."""
    cut = LOWER_CUTS[identity.lower.kind]
    count = 13
    points = _bend(joints.hip, joints.knee, joints.ankle, count)
    at = np.linspace(0, 1, count)
    radii = np.interp(at, np.linspace(0, 1, 7), _LEG_RADII) * identity.body.build**0.5
    bare = bool(cut.skirt) or UPPER_CUTS[identity.upper.kind].skirt > 0.4
    covered = (at <= cut.length + 0.02) & (not bare)
    radii = np.where(covered, np.maximum(radii + cut.ease, cut.hem), radii)
    colours = _colours(identity.lower, identity.skin, covered[1:])
    return [tube(points, radii, colours, _SECTORS), *_shoe(identity, joints)]


def _shoe(identity: Identity, joints: Limbs) -> list[Mesh]:
    """Draw a shoe: a sneaker has a pale sole, a boot a shaft."""
    shoe, size = identity.shoes, identity.body.height / 1.72
    slope = joints.foot_slope
    ahead = np.array([0.0, np.sin(slope), np.cos(slope)])
    up = np.array([0.0, np.cos(slope), -np.sin(slope)])
    reach = np.array([-0.085, -0.075, -0.02, 0.05, 0.12, 0.165, 0.185]) * size
    high = np.array([0.004, 0.042, 0.054, 0.045, 0.034, 0.026, 0.004])
    wide = np.array([0.004, 0.036, 0.040, 0.044, 0.048, 0.040, 0.004])
    drop = -0.070 + high
    centres = joints.ankle + reach[:, None] * ahead + (drop + 0.012)[:, None] * up
    # Rings run forward, so that side x front points to the toes: x cross up.
    sides = np.array([1.0, 0, 0]) * wide[:, None]
    colours = np.tile(tint(shoe.colour), (6, 8, 1))
    if shoe.kind == 'sneaker':
        colours[:, 5:7] = palette.RUBBER
    meshes = [loft(centres, sides, up * high[:, None], colours, 8, 0.8, lift=0.01)]
    if shoe.kind == 'boot':
        shaft = _bend(joints.ankle, (joints.ankle + joints.knee) / 2, joints.knee, 9)[
            :6
        ]
        radii = np.linspace(0.056, 0.072, 6)
        meshes.append(tube(shaft, radii, tint(shoe.colour), 8, lift=0.02))
    return meshes


def neck(identity: Identity, base: float, head: float) -> Mesh:
    """Draw the neck, and the hood that lies behind it."""
    points = np.array(
        [[0, base + 0.10, 0.015], [0, base - 0.01, 0], [0, base - 0.05, 0]]
    )
    points[0, 1] = max(points[0, 1], head - 0.06)
    return tube(points, np.array([0.052, 0.056, 0.075]), tint(identity.skin), 10)


def hood(identity: Identity, base: float) -> list[Mesh]:
    """Draw the hood of a hooded garment on the back."""
    if not UPPER_CUTS[identity.upper.kind].hood:
        return []
    centre = np.array([0.0, base - 0.015, -0.055])
    colour = tint(identity.upper.colour) * 0.92
    return [ball(centre, (0.115, 0.065, 0.085), colour, 6, 10, lift=0.02)]
