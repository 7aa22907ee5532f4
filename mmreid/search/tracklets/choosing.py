"""Which boxes of a track are worth a vector."""

import numpy as np

from mmreid.box_areas import areas, common_areas


def covered_shares(boxes: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Tell how much of each box is behind another one.

    Of two boxes that overlap, the one whose lower edge is lower stands nearer to a
    camera that looks down, and is in front.

    Args:
        boxes (np.ndarray): ``(N, 4)`` left, top, right, bottom.
        frames (np.ndarray): ``(N,)`` number of the frame.

    Returns:
        np.ndarray: ``(N,)`` share of the box's area that the one box covers that
        covers most of it, 0 to 1.
    """
    boxes, frames = np.asarray(boxes, np.float64), np.asarray(frames)
    shares = np.zeros(len(boxes))
    order = np.argsort(frames, kind='stable')
    ends = np.flatnonzero(np.diff(frames[order])) + 1
    for rows in np.split(order, ends):
        here = boxes[rows]
        in_front = here[None, :, 3] > here[:, None, 3]
        area = areas(here)
        covered = np.where(in_front, common_areas(here, here), 0).max(1, initial=0)
        shares[rows] = covered / np.where(area > 0, area, 1)
    return shares


def choose_boxes(
    tracks: np.ndarray,
    frames: np.ndarray,
    goodness: np.ndarray,
    per_track: int | None = 16,
) -> np.ndarray:
    """Choose boxes of each track, spread evenly over its time.

    A track of more boxes is cut into ``per_track`` spans of as many boxes each, or one
    more, and of each the best is taken.

    Args:
        tracks (np.ndarray): ``(N,)`` whole numbers of the tracks.
        frames (np.ndarray): ``(N,)`` number of the frame.
        goodness (np.ndarray): ``(N,)`` the larger the better; of equals the first.
        per_track (int | None): Boxes of a track at most, all for None. Defaults to 16.

    Returns:
        np.ndarray: Rows that are chosen, ascending.

    Raises:
        ValueError: ``per_track`` is below 1, or a goodness is NaN.
    """
    tracks, frames = np.asarray(tracks), np.asarray(frames)
    goodness = np.asarray(goodness, np.float64)
    if per_track is not None and per_track < 1:
        raise ValueError(f'per_track must be at least 1 or None, got {per_track}.')
    if np.isnan(goodness).any():
        raise ValueError(
            f'goodness must be a number, got NaN in row {np.argmax(np.isnan(goodness))}'
            '; give unknown ones a number of their own.'
        )
    if per_track is None:
        return np.arange(len(tracks))
    order = np.lexsort((frames, tracks))
    ends = np.flatnonzero(np.diff(tracks[order])) + 1
    chosen = []
    for rows in np.split(order, ends):
        for span in np.array_split(rows, min(per_track, len(rows)) or 1):
            if len(span):
                chosen.append(span[np.argmax(goodness[span])])
    return np.sort(np.array(chosen, np.int64))
