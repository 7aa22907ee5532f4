"""Which boxes of a result show which true boxes."""

from collections.abc import Iterator

import numpy as np
from scipy.optimize import linear_sum_assignment

from mmreid.box_areas import area_ratios


def overlapping_boxes(
    true_frames: np.ndarray,
    true_boxes: np.ndarray,
    frames: np.ndarray,
    boxes: np.ndarray,
    least: float = 0.5,
) -> np.ndarray:
    """Find pairs of a true box and one of the result that overlap in a frame.

    Args:
        true_frames (np.ndarray): ``(N,)`` number of the frame of each true box.
        true_boxes (np.ndarray): ``(N, 4)`` left, top, right, bottom.
        frames (np.ndarray): ``(M,)`` number of the frame of each box of the result.
        boxes (np.ndarray): ``(M, 4)``.
        least (float): Least area in common over area of both. Defaults to 0.5.

    Returns:
        np.ndarray: ``(P, 2)`` rows of the two.
    """
    pairs = [
        np.stack([one[i], other[j]], 1)
        for one, other, i, j, _ in _overlaps(
            true_frames, true_boxes, frames, boxes, least
        )
    ]
    return np.concatenate([np.zeros((0, 2), np.int64), *pairs])


def match_boxes(
    true_frames: np.ndarray,
    true_boxes: np.ndarray,
    frames: np.ndarray,
    boxes: np.ndarray,
    least: float = 0.5,
) -> np.ndarray:
    """Give each box of a result the one true box that it shows.

    Args:
        true_frames (np.ndarray): As of :func:`overlapping_boxes`.
        true_boxes (np.ndarray): As of that.
        frames (np.ndarray): As of that.
        boxes (np.ndarray): As of that.
        least (float): As of that. Defaults to 0.5.

    Returns:
        np.ndarray: ``(M,)`` row of the true box, -1 for none. Each true box is given
        once; as many as can be are, and of such the overlap is largest in sum.
    """
    found = np.full(len(boxes), -1)
    for one, other, i, j, ratios in _overlaps(
        true_frames, true_boxes, frames, boxes, least
    ):
        # A pair more outweighs any overlap.
        gains = np.zeros_like(ratios)
        gains[i, j] = len(ratios) + 1 + ratios[i, j]
        rows, columns = linear_sum_assignment(-gains)
        right = gains[rows, columns] > 0
        found[other[columns[right]]] = one[rows[right]]
    return found


def _overlaps(
    true_frames: np.ndarray,
    true_boxes: np.ndarray,
    frames: np.ndarray,
    boxes: np.ndarray,
    least: float,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Yield frame by frame: rows of both, places that overlap, and the ratios."""
    true_rows, rows = _by_frame(true_frames), _by_frame(frames)
    for frame in sorted({*true_rows} & {*rows}):
        one, other = true_rows[frame], rows[frame]
        ratios = area_ratios(true_boxes[one], boxes[other])
        # As others do, so that a ratio of exactly the least counts.
        i, j = np.nonzero(ratios >= least - np.finfo(float).eps)
        yield one, other, i, j, ratios


def _by_frame(frames: np.ndarray) -> dict[int, np.ndarray]:
    frames = np.asarray(frames)
    order = np.argsort(frames, kind='stable')
    if not len(order):
        return {}
    parts = np.split(order, np.flatnonzero(np.diff(frames[order])) + 1)
    return {int(frames[rows[0]]): rows for rows in parts}
