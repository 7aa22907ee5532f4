"""What a detector of persons makes of a frame: boxes that are nearly right."""

from typing import NamedTuple

import numpy as np

from mmreid.box_areas import area_ratios
from mmreid.datasets.synthetic.seeding import Stream, generator
from mmreid.datasets.synthetic.video.frame import TrueBox
from mmreid.datasets.synthetic.video.itinerary import Itinerary

# Below the first visibility nobody is found, above the second nearly everybody.
_HIDDEN, _PLAIN, _FOUND = 0.2, 0.6, 0.97
# Of two boxes that overlap more, the nearer alone is found.
_SUPPRESSED = 0.65
# Deviation of an edge as a share of the box, and boxes of nothing in a frame.
_LOOSE, _WRONG = 0.02, 0.04


class Detection(NamedTuple):
    """A box that was found.

    Attributes:
        box: Left, top, right, bottom in pixels, within the frame.
        score: How sure the detector is, 0 to 1.
    """

    box: tuple[float, float, float, float]
    score: float


def detect_persons(
    plan: Itinerary, camera: int, number: int, truth: list[TrueBox]
) -> list[Detection]:
    """Find persons in a frame, with the faults of a detector.

    Args:
        plan (Itinerary): The scene.
        camera (int): Number of the camera, from 1.
        number (int): Number of the frame, from 1.
        truth (list[TrueBox]): Who is in the frame.

    Returns:
        list[Detection]: Those found, and a few boxes of nothing.
    """
    rng = generator(plan.seed, Stream.VIDEO, 4, camera, number)
    size = (plan.size.width, plan.size.height)
    found: list[Detection] = []
    # Whoever stands lower in the picture is nearer.
    for true in sorted(truth, key=lambda box: -box.box[3]):
        chance, jitter, doubt = (
            rng.random(),
            rng.normal(0, _LOOSE, 4),
            rng.normal(0, 0.05),
        )
        sure = np.clip((true.visibility - _HIDDEN) / (_PLAIN - _HIDDEN), 0, 1)
        box = np.array(true.box)
        if chance >= _FOUND * sure or _is_hidden(box, found):
            continue
        spread = np.tile(box[2:] - box[:2], 2) * jitter
        score = np.clip(0.35 + 0.6 * true.visibility + doubt, 0.05, 0.999)
        found += _clipped(box + spread, float(score), size)
    if rng.random() < _WRONG:
        height = rng.uniform(0.12, 0.35) * size[1]
        corner = rng.uniform(0, 1, 2) * (size[0] - height / 2, size[1] - height)
        wrong = np.array([*corner, corner[0] + 0.42 * height, corner[1] + height])
        found += _clipped(wrong, float(rng.uniform(0.2, 0.55)), size)
    return found


def _is_hidden(box: np.ndarray, found: list[Detection]) -> bool:
    """Whether a box is taken for another one that was found before."""
    others = np.array([other.box for other in found]).reshape(-1, 4)
    return bool((area_ratios(box[None], others) > _SUPPRESSED).any())


def _clipped(box: np.ndarray, score: float, size: tuple[int, int]) -> list[Detection]:
    """Keep what of a box lies within the frame, if that can be called a box."""
    left, right = np.clip(box[[0, 2]], 0, size[0]).round(2).tolist()
    top, bottom = np.clip(box[[1, 3]], 0, size[1]).round(2).tolist()
    if min(right - left, bottom - top) < 2:
        return []
    return [Detection((left, top, right, bottom), round(score, 4))]
