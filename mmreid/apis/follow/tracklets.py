"""Boxes with vectors become tracklets: weighed, cut, pooled."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mmreid.apis.follow.box_vectors import BoxVectors
from mmreid.apis.follow.cameras import OpenCamera
from mmreid.box_areas import areas
from mmreid.search import covered_shares, pool_tracklets, split_tracklets

WEIGHTS = ('none', 'score', 'visibility', 'size')
# A box that is hidden counts for nothing beside one that is not, and yet for something.
_LEAST = 1e-3


@dataclass(frozen=True, eq=False)
class Tracklets:
    """The tracklets of a camera; those without a vector have none of its rows.

    Attributes:
        track: ``(T,)`` number of the track in the table.
        piece: ``(T,)`` number of the piece where a track was cut, from 0.
        first: ``(T,)`` number of the first frame, of the table.
        last: ``(T,)`` number of the last frame.
        start: ``(T,)`` seconds.
        end: ``(T,)`` seconds.
        boxes: ``(T,)`` how many.
        sample: ``(T,)`` row of the box that shows it best.
        has_vector: ``(T,)`` bool.
        vectors: ``(T, D)`` float64 unit vectors, zero where there is none.
        tracklet_of: ``(N,)`` number of the tracklet of each row of the table, -1
            where it has no track.
    """

    track: np.ndarray
    piece: np.ndarray
    first: np.ndarray
    last: np.ndarray
    start: np.ndarray
    end: np.ndarray
    boxes: np.ndarray
    sample: np.ndarray
    has_vector: np.ndarray
    vectors: np.ndarray
    tracklet_of: np.ndarray


def goodness_of(camera: OpenCamera) -> np.ndarray:
    """Tell how well boxes show their person.

    Args:
        camera (OpenCamera): Frames and boxes.

    Returns:
        np.ndarray: ``(N,)`` score, share that is not behind another box, share that is
        inside the picture, and root of the area, multiplied.
    """
    boxes = camera.table.box
    inside = boxes.clip(0, np.tile(camera.frames.size, 2))
    area = areas(boxes)
    share = areas(inside) / np.where(area > 0, area, 1)
    return weights_of(camera, 'score') * _visible(camera) * share * np.sqrt(area)


def weights_of(camera: OpenCamera, how: str) -> np.ndarray:
    """Tell how much each box counts in its tracklet's vector.

    Args:
        camera (OpenCamera): Frames and boxes.
        how (str): ``'none'``, ``'score'`` (of the detector; 1 where unknown),
            ``'visibility'`` (what is not behind another box) or ``'size'`` (height).

    Returns:
        np.ndarray: ``(N,)``, at least 0.
    """
    table = camera.table
    if how == 'score':
        return np.where(np.isnan(table.score), 1.0, table.score.clip(_LEAST))
    if how == 'visibility':
        return _visible(camera)
    if how == 'size':
        return np.maximum(table.box[:, 3] - table.box[:, 1], _LEAST)
    return np.ones(len(table))


def _visible(camera: OpenCamera) -> np.ndarray:
    table = camera.table
    return np.maximum(1 - covered_shares(table.box, table.frame), _LEAST)


def make_tracklets(
    camera: OpenCamera,
    found: BoxVectors,
    *,
    goodness: np.ndarray,
    weights: np.ndarray,
    pooling: str,
    hidden: float | None,
    split: float | None,
) -> Tracklets:
    """Cut and pool the tracks of a camera.

    Args:
        camera (OpenCamera): Frames and boxes.
        found (BoxVectors): Vectors of some of the boxes.
        goodness (np.ndarray): ``(N,)`` how well boxes show their person.
        weights (np.ndarray): ``(N,)`` how much they count.
        pooling (str): ``'mean'`` or ``'median'``.
        hidden (float | None): Boxes of which another covers more than this share are
            left out, unless a tracklet has no others; None to take all.
        split (float | None): Distance from which on a track is cut; None not to.

    Returns:
        Tracklets: All, in the order of track and time.
    """
    table, rows = camera.table, found.rows
    tracked, pieces = camera.tracked, _cut(camera, found, split)
    keys = np.stack([table.track[tracked], pieces[tracked]], 1)
    keys, places = np.unique(keys, axis=0, return_inverse=True)
    tracklet_of = np.full(len(table), -1)
    tracklet_of[tracked] = places.reshape(-1)
    vectors = np.zeros((len(keys), found.vectors.shape[1]))
    used = _used(camera, rows, tracklet_of, hidden)
    if len(rows):
        kept = rows[used]
        numbers, pooled = pool_tracklets(
            found.vectors[used], tracklet_of[kept], weights[kept], pooling
        )
        vectors[numbers] = pooled
    has_vector = np.linalg.norm(vectors, axis=1) > 0
    times, frames = camera.times(table), table.frame
    good = goodness.copy()
    # Of boxes without a vector none is a sample, unless there are no others.
    good[np.setdiff1d(tracked, rows)] -= goodness.max(initial=0) + 1
    order = np.argsort(tracklet_of[tracked], kind='stable')
    bounds = np.searchsorted(tracklet_of[tracked][order], np.arange(len(keys) + 1))
    groups = [tracked[order[start:end]] for start, end in pairwise(bounds)]
    return Tracklets(
        track=keys[:, 0],
        piece=keys[:, 1],
        first=np.array([frames[group].min() for group in groups], np.int64),
        last=np.array([frames[group].max() for group in groups], np.int64),
        start=np.array([times[group].min() for group in groups]),
        end=np.array([times[group].max() for group in groups]),
        boxes=np.array([len(group) for group in groups], np.int64),
        sample=np.array([group[np.argmax(good[group])] for group in groups], np.int64),
        has_vector=has_vector,
        vectors=vectors,
        tracklet_of=tracklet_of,
    )


def _cut(camera: OpenCamera, found: BoxVectors, split: float | None) -> np.ndarray:
    """Return of each box the number of the piece of its track."""
    table, rows = camera.table, found.rows
    if split is None or not len(rows):
        return np.zeros(len(table), np.int64)
    cut = split_tracklets(found.vectors, table.track[rows], table.frame[rows], split)
    return _spread(camera, rows, cut)


def _spread(camera: OpenCamera, rows: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Give all boxes the piece of the last embedded one that is not after them."""
    table = camera.table
    pieces = np.zeros(len(table), np.int64)
    for track in np.unique(table.track[rows[cut > 0]]):
        mine = np.flatnonzero(table.track[rows] == track)
        mine = mine[np.argsort(table.frame[rows[mine]], kind='stable')]
        changes = mine[1:][np.diff(cut[mine]) > 0]
        before = mine[:-1][np.diff(cut[mine]) > 0]
        # In the middle between the two boxes that differ.
        middles = (table.frame[rows[changes]] + table.frame[rows[before]]) / 2
        all_of_it = table.track == track
        frames = table.frame[all_of_it]
        pieces[all_of_it] = np.searchsorted(middles, frames, side='left')
    return pieces


def _used(
    camera: OpenCamera, rows: np.ndarray, tracklet_of: np.ndarray, hidden: float | None
) -> np.ndarray:
    """Return which of the embedded boxes are pooled."""
    if hidden is None:
        return np.ones(len(rows), bool)
    table = camera.table
    used = covered_shares(table.box, table.frame)[rows] <= hidden
    with_any = np.unique(tracklet_of[rows[used]])
    return used | ~np.isin(tracklet_of[rows], with_any)
