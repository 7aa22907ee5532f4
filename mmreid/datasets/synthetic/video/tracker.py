"""A plain tracker of one camera: boxes of neighbouring frames that overlap are one.

In the manner of Bewley et al., Simple Online and Realtime Tracking, ICIP 2016
(https://arxiv.org/abs/1602.00763), with a moving average of the velocity in place of
the Kalman filter. It knows nothing of looks, so its tracks break where somebody is
hidden, and may go over to another person: real faults, as a user's tracker has them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from mmreid.box_areas import area_ratios
from mmreid.datasets.synthetic.video.detections import Detection

# An overlap that is enough, and frames for which a track waits for its next box.
_ENOUGH, _PATIENCE = 0.3, 5
# Boxes of which a track must have this many, or it was a mistake.
_LEAST_BOXES = 3
# Boxes below this score begin no track.
_SURE = 0.5


@dataclass
class _Track:
    """A track under way."""

    number: int
    box: np.ndarray
    velocity: np.ndarray
    frame: int

    def predict(self, frame: int) -> np.ndarray:
        """Say where the box is in a frame."""
        return self.box + (frame - self.frame) * self.velocity

    def follow(self, box: np.ndarray, frame: int) -> None:
        """Take the next box."""
        step = (box - self.box) / (frame - self.frame)
        self.velocity = 0.6 * self.velocity + 0.4 * step
        self.box, self.frame = box, frame


def track_boxes(frames: Sequence[Sequence[Detection]]) -> list[list[int]]:
    """Number the boxes of a camera by track.

    Args:
        frames (Sequence[Sequence[Detection]]): The boxes of each frame, in order.

    Returns:
        list[list[int]]: For each box its track, from 1; 0 where it belongs to none.
    """
    numbers: list[list[int]] = []
    tracks: list[_Track] = []
    begun = 0
    for frame, found in enumerate(frames):
        tracks = [t for t in tracks if frame - t.frame <= _PATIENCE]
        boxes = np.array([one.box for one in found], float).reshape(-1, 4)
        given = [0] * len(found)
        for place, track in _match(tracks, boxes, frame):
            track.follow(boxes[place], frame)
            given[place] = track.number
        for place, one in enumerate(found):
            if not given[place] and one.score >= _SURE:
                begun += 1
                given[place] = begun
                tracks.append(_Track(begun, boxes[place], np.zeros(4), frame))
        numbers.append(given)
    return _without_short(numbers)


def _match(
    tracks: list[_Track], boxes: np.ndarray, frame: int
) -> list[tuple[int, _Track]]:
    """Give boxes to tracks so that the overlaps sum up to most."""
    if not tracks or not len(boxes):
        return []
    common = area_ratios(np.array([t.predict(frame) for t in tracks]), boxes)
    pairs = zip(*linear_sum_assignment(-common), strict=True)
    return [(int(b), tracks[t]) for t, b in pairs if common[t, b] >= _ENOUGH]


def _without_short(numbers: list[list[int]]) -> list[list[int]]:
    """Leave out tracks of hardly any box, and number the others without gaps."""
    every = np.array([n for given in numbers for n in given if n], int)
    values, counts = np.unique(every, return_counts=True)
    kept = values[counts >= _LEAST_BOXES].tolist()
    new = {old: place for place, old in enumerate(kept, start=1)}
    return [[new.get(n, 0) for n in given] for given in numbers]
