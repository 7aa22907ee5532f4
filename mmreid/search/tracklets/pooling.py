"""One vector of the vectors of a track."""

import numpy as np

from mmreid.arguments import check_choice
from mmreid.search.vectors import check_length, lengths_of

POOLINGS = ('mean', 'median')
# Steps of Weiszfeld's iteration at most; some ten are enough for tracks of pictures.
_STEPS = 100
_CLOSE = 1e-9


def pool_tracklets(
    vectors: np.ndarray,
    tracks: np.ndarray,
    weights: np.ndarray | None = None,
    how: str = 'mean',
) -> tuple[np.ndarray, np.ndarray]:
    """Make one unit vector of all vectors of each track.

    MARS compares tracks by the mean of their vectors (Zheng et al., ECCV 2016). The
    median is the point whose summed distance to the unit vectors is smallest (Weiszfeld
    1937, in the form of Vardi and Zhang, PNAS 2000): less than half of the weight,
    however wrong, moves it only so far.

    Args:
        vectors (np.ndarray): ``(N, D)``, of any length; each is scaled to one.
        tracks (np.ndarray): ``(N,)`` numbers or names of the tracks.
        weights (np.ndarray | None): ``(N,)`` how much each vector counts, at least 0;
            where a track has none above 0, all of its vectors count alike. Defaults
            to None: all count alike.
        how (str): ``'mean'`` or ``'median'``. Defaults to ``'mean'``.

    Returns:
        tuple[np.ndarray, np.ndarray]: The tracks, sorted, and their vectors ``(T, D)``
        float64.

    Raises:
        ValueError: A vector has no direction, lists are of other lengths, a weight is
            below 0, or the vectors of a track cancel each other.
    """
    check_choice('how', how, POOLINGS)
    vectors, tracks = np.asarray(vectors), np.asarray(tracks)
    lengths = lengths_of(vectors)
    check_length('tracks', tracks, len(vectors))
    counts = _check_weights(weights, len(vectors))
    keys, members = np.unique(tracks, return_inverse=True)
    pooled = np.zeros((len(keys), vectors.shape[1]))
    order = np.argsort(members, kind='stable')
    starts = np.searchsorted(members[order], np.arange(len(keys) + 1))
    for place, key in enumerate(keys):
        rows = order[starts[place] : starts[place + 1]]
        unit = vectors[rows] / lengths[rows, None]
        share = counts[rows] if counts[rows].any() else np.ones(len(rows))
        point = share @ unit / share.sum()
        if how == 'median' and len(rows) > 2:
            point = _median(unit, share, point)
        length = np.linalg.norm(point)
        if length < _CLOSE:
            raise ValueError(
                f'vectors of track {key} must not cancel each other, got a mean of '
                'length zero; the track shows opposites, cut it.'
            )
        pooled[place] = point / length
    return keys, pooled


def _check_weights(weights: np.ndarray | None, count: int) -> np.ndarray:
    """Return weights as numbers."""
    if weights is None:
        return np.ones(count)
    array = np.asarray(weights, np.float64)
    check_length('weights', array, count)
    right = np.isfinite(array) & (array >= 0)
    if not right.all():
        row = np.argmin(right)
        raise ValueError(
            f'weights must be at least 0, got {array[row]} in row {row}; a box whose '
            'score is unknown may weigh 1.'
        )
    return array


def _median(points: np.ndarray, weights: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Find the geometric median from a start."""
    here = start
    for _ in range(_STEPS):
        distance = np.linalg.norm(points - here, axis=1)
        apart = distance > _CLOSE
        pull = np.where(apart, weights / np.maximum(distance, _CLOSE), 0)
        if not pull.any():
            return here
        there = pull @ points / pull.sum()
        # A point that we stand on holds us with its weight.
        force = np.linalg.norm(pull @ (points - here))
        held = weights[~apart].sum()
        share = min(1.0, held / force) if force > _CLOSE else 1.0
        step = (1 - share) * (there - here)
        here = here + step
        if np.linalg.norm(step) < _CLOSE:
            return here
    return here
