"""Bags, with their straps."""

import numpy as np

from mmreid.datasets.synthetic.figure.mesh import Mesh, ball, moved, tube
from mmreid.datasets.synthetic.figure.pose import Skeleton
from mmreid.datasets.synthetic.figure.trunk import Trunk
from mmreid.datasets.synthetic.persons.identity import Identity
from mmreid.datasets.synthetic.persons.palette import tint

_STRAP = 0.02


def _strap(points: list[np.ndarray], colour: np.ndarray) -> Mesh:
    """Draw a strap through points on the cloth."""
    return tube(np.stack(points), np.full(len(points), _STRAP), colour, 5, lift=0.03)


def _backpack(trunk: Trunk, colour: np.ndarray) -> list[Mesh]:
    """Draw a backpack; from the front only its straps can be seen."""
    depth = float(trunk.radii(0.4)[1])
    centre = np.array([0.0, float(trunk.height(0.42)), -depth - 0.075])
    sack = ball(centre, (0.150, 0.215, 0.095), colour, 10, 14, 0.5)
    pocket = ball(
        moved(centre, 0, -0.07, -0.085), (0.105, 0.09, 0.04), colour * 0.8, 7, 8, 0.5
    )
    # Down from the shoulder in front, then under the arm to the back.
    path = ((270, 0.09), (300, 0.03), (60, 0.07), (58, 0.2), (48, 0.34), (20, 0.46))
    straps = [
        _strap(
            [trunk.surface(t if left else 180 - t, v, 0.008) for t, v in path], colour
        )
        for left in (True, False)
    ]
    return [sack, pocket, *straps]


def _shoulder_bag(trunk: Trunk, colour: np.ndarray) -> list[Mesh]:
    """Draw a bag at the left hip, its strap over the right shoulder."""
    hip = trunk.surface(0, 0.92, 0.075)
    bag = ball(
        moved(hip, 0, -0.02, -0.02), (0.058, 0.125, 0.165), colour, 8, 12, 0.5, 0.02
    )
    flap = ball(
        moved(hip, 0.012, 0.035, -0.02),
        (0.054, 0.07, 0.168),
        colour * 0.8,
        7,
        12,
        0.5,
        0.03,
    )
    front = ((150, 0.05), (120, 0.16), (95, 0.36), (60, 0.62), (22, 0.82))
    straps = [
        _strap([trunk.surface(t, v, 0.01) for t, v in front], colour),
        _strap([trunk.surface(-t, v, 0.01) for t, v in front], colour),
    ]
    return [bag, flap, *straps]


def _hand_bag(joints: Skeleton, colour: np.ndarray) -> list[Mesh]:
    """Draw a bag that hangs from the left hand."""
    arm = joints.left
    hand = arm.wrist + 0.3 * (arm.wrist - arm.elbow)
    centre = moved(hand, 0.02, -0.215, 0.0)
    bag = ball(centre, (0.055, 0.115, 0.155), colour, 8, 12, 0.4, 0.02)
    left, right = moved(centre, 0, 0.1, -0.08), moved(centre, 0, 0.1, 0.08)
    handle = tube(np.stack([left, hand, right]), np.full(3, 0.012), colour * 0.8, 5)
    return [bag, handle]


def bag(identity: Identity, trunk: Trunk, joints: Skeleton) -> list[Mesh]:
    """Draw what a person carries."""
    colour = tint(identity.bag.colour)
    if identity.bag.kind == 'backpack':
        return _backpack(trunk, colour)
    if identity.bag.kind == 'shoulder_bag':
        return _shoulder_bag(trunk, colour)
    if identity.bag.kind == 'hand_bag':
        return _hand_bag(joints, colour)
    return []
