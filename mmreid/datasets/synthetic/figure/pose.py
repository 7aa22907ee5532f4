"""Where the joints of a walking body are.

Body coordinates in metres: x to the person's left, y up from the ground, z forward.
"""

from dataclasses import dataclass

import numpy as np

from mmreid.datasets.synthetic.persons.identity import Body

# Segment lengths as fractions of the height.
_THIGH, _SHANK, _ANKLE = 0.245, 0.240, 0.042
_UPPER_ARM, _FOREARM = 0.172, 0.150


@dataclass(frozen=True)
class Pose:
    """What a person does in one picture.

    Args:
        yaw (float): Walking direction in degrees: 0 towards the camera, 90 to the
            right of the picture, 180 away.
        phase (float): Phase of the walking cycle in radians.
        stride (float): Amplitude of the legs in degrees; about 4 is standing.
        swing (float): Amplitude of the arms in degrees.
        lean (float): Forward shift of the body per metre of height.
        phone (bool): Whether the right hand holds a telephone to look at.
    """

    yaw: float
    phase: float
    stride: float = 26.0
    swing: float = 22.0
    lean: float = 0.03
    phone: bool = False


@dataclass(frozen=True)
class Limbs:
    """The joints of one side, each ``(3,)``, and the slope of the foot in radians."""

    shoulder: np.ndarray
    elbow: np.ndarray
    wrist: np.ndarray
    hip: np.ndarray
    knee: np.ndarray
    ankle: np.ndarray
    foot_slope: float


@dataclass(frozen=True)
class Skeleton:
    """All joints. ``crotch``, ``neck`` and ``head`` are heights in metres."""

    crotch: float
    neck: float
    head: float
    left: Limbs
    right: Limbs


def _hang(length: float, angle: float, spread: float = 0.0) -> np.ndarray:
    """Return a segment that hangs down, turned forward and sideways (radians)."""
    down = -np.cos(angle) * np.cos(spread)
    ahead = np.sin(angle) * np.cos(spread)
    return length * np.array([np.sin(spread), down, ahead])


def _leg(
    body: Body, pose: Pose, side: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return hip, knee and ankle with the pelvis at height 0, and the foot's slope."""
    phase = pose.phase + (0.0 if side > 0 else np.pi)
    amplitude = np.radians(pose.stride)
    thigh = amplitude * np.sin(phase) + 0.1 * amplitude
    # The knee bends while the leg comes forward, and stays nearly straight otherwise.
    bend = 0.10 + 2.0 * amplitude * max(0.0, np.cos(phase)) ** 1.5
    hip = np.array([side * 0.092 * body.hips, 0.0, 0.0])
    knee = hip + _hang(_THIGH * body.height, thigh, -0.02 * side)
    ankle = knee + _hang(_SHANK * body.height, thigh - bend, -0.02 * side)
    slope = float(np.clip(0.7 * (thigh - bend), -0.9, 0.25))
    return hip, knee, ankle, slope


def _arm(
    body: Body, pose: Pose, side: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shoulder, elbow and wrist."""
    phase = pose.phase + (np.pi if side > 0 else 0.0)
    swing = np.radians(pose.swing) * np.sin(phase)
    bend = 0.25 + 0.45 * max(0.0, swing)
    spread = 0.10 * body.build * side
    shoulder = np.array([side * 0.176 * body.shoulders, 0.818 * body.height, 0.0])
    inward = 0.0
    if pose.phone and side < 0:
        swing, bend, inward = 0.35, 1.75, 0.5
    elbow = shoulder + _hang(_UPPER_ARM * body.height, swing, spread)
    wrist = elbow + _hang(_FOREARM * body.height, swing + bend, spread * 0.5 + inward)
    return shoulder, elbow, wrist


def skeleton(body: Body, pose: Pose) -> Skeleton:
    """Return the joints of a body; its lower foot stands on the ground."""
    legs = {side: _leg(body, pose, side) for side in (1, -1)}
    lowest = min(legs[1][2][1], legs[-1][2][1])
    pelvis = np.array([0.0, _ANKLE * body.height - lowest, 0.0])
    # The trunk sinks with the pelvis when the legs are spread.
    drop = pelvis - [0.0, (_THIGH + _SHANK + _ANKLE) * body.height, 0.0]
    limbs = {}
    for side in (1, -1):
        hip, knee, ankle, slope = legs[side]
        shoulder, elbow, wrist = (joint + drop for joint in _arm(body, pose, side))
        hip, knee, ankle = hip + pelvis, knee + pelvis, ankle + pelvis
        limbs[side] = Limbs(shoulder, elbow, wrist, hip, knee, ankle, slope)
    return Skeleton(
        crotch=0.475 * body.height + drop[1],
        neck=0.850 * body.height + drop[1],
        head=0.925 * body.height + drop[1],
        left=limbs[1],
        right=limbs[-1],
    )
