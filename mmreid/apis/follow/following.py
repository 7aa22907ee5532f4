"""The whole: cameras and a model in, identities out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis.follow.box_vectors import embed_boxes
from mmreid.apis.follow.cameras import Camera, OpenCamera, open_cameras
from mmreid.apis.follow.options import FollowOptions
from mmreid.apis.follow.results import CameraResult, Following
from mmreid.apis.follow.tracklets import (
    goodness_of,
    make_tracklets,
    weights_of,
)
from mmreid.apis.follow.vector_files import VectorFiles, vector_folder
from mmreid.apis.inferencer import ReIDInferencer
from mmreid.arguments import check_number
from mmreid.search import choose_boxes, join_tracklets, shared_frames

Report = Callable[[str], Callable[[int, int], Any]]


def follow(
    cameras: Sequence[Camera],
    model: Any,
    threshold: float,
    options: FollowOptions | None = None,
    *,
    keep: str | Path | None = None,
    progress: Report | None = None,
) -> Following:
    """Tell who is who in the videos of one camera or several.

    Of each track some boxes are embedded while its frames are read, and pooled to one
    vector; tracklets are joined by :func:`mmreid.search.join_tracklets`.

    Args:
        cameras (Sequence[Camera]): Frames, boxes with tracks, and when they start.
        model (Any): A :class:`mmreid.apis.ReIDInferencer`, or what it takes.
        threshold (float): Cosine distance below which two tracklets are one person.
        options (FollowOptions | None): Defaults to None: those of the class.
        keep (str | Path | None): A folder in which vectors are kept, so that an
            interrupted run goes on there. Defaults to None.
        progress (Callable | None): Called with what is being done, returns what is
            called with the work done and in all. Defaults to None.

    Returns:
        Following: Identities, numbered from 1 in the order in which they are first
        seen. A tracklet of which no box could be embedded is one alone.

    Raises:
        OSError: A file is missing.
        ValueError: Something does not fit; see :func:`open_cameras`.
    """
    options = options or FollowOptions()
    check_number('threshold', threshold)
    opened = open_cameras(cameras)
    _check_transitions(options, [camera.name for camera in cameras])
    inferencer = model if isinstance(model, ReIDInferencer) else ReIDInferencer(model)
    results = []
    for camera in opened:
        name = camera.camera.name
        report = None if progress is None else progress(f'embedding boxes of {name}')
        results.append(_embed(inferencer, camera, options, keep, report))
    apart = Following(
        tuple(results), float(threshold), inferencer.model_key, inferencer.name
    )
    report = None if progress is None else progress('joining tracklets')
    return rejoin(apart, threshold, options, report)


def rejoin(
    following: Following,
    threshold: float,
    options: FollowOptions | None = None,
    report: Callable[[int, int], Any] | None = None,
) -> Following:
    """Join the same tracklets at another threshold.

    Args:
        following (Following): Of :func:`follow`.
        threshold (float): Cosine distance.
        options (FollowOptions | None): Linkage and constraints; the others have had
            their effect. Defaults to None: those of the class.
        report (Callable | None): Called with the work done and in all. Defaults to
            None.

    Returns:
        Following: With other identities.
    """
    cameras = following.cameras
    numbers = _join(cameras, threshold, options or FollowOptions(), report)
    joined = [
        replace(camera, identity=identity)
        for camera, identity in zip(cameras, numbers, strict=True)
    ]
    return replace(following, cameras=tuple(joined), threshold=float(threshold))


def _check_transitions(options: FollowOptions, names: list[str]) -> None:
    for pair in options.transitions or ():
        for name in pair:
            if name not in names:
                raise ValueError(
                    f'transitions must name cameras of {names}, got {name!r}.'
                )


def _embed(
    inferencer: ReIDInferencer,
    camera: OpenCamera,
    options: FollowOptions,
    keep: str | Path | None,
    report: Callable[[int, int], Any] | None,
) -> CameraResult:
    goodness, tracked = goodness_of(camera), camera.tracked
    chosen = choose_boxes(
        camera.table.track[tracked],
        camera.table.frame[tracked],
        goodness[tracked],
        options.per_track,
    )
    folder = vector_folder(
        None if keep is None else Path(keep),
        camera.camera.name,
        inferencer.model_key,
        camera.camera.frames,
    )
    files = VectorFiles(folder, inferencer.dim)
    found = embed_boxes(inferencer, camera, tracked[chosen], files, report)
    tracklets = make_tracklets(
        camera,
        found,
        goodness=goodness,
        weights=weights_of(camera, options.weights),
        pooling=options.pooling,
        hidden=options.hidden,
        split=options.split,
    )
    alone = np.arange(1, len(tracklets.track) + 1)
    return CameraResult(camera, tracklets, alone, found.faults, found.num_kept)


def _join(
    cameras: Sequence[CameraResult],
    threshold: float,
    options: FollowOptions,
    report: Callable[[int, int], Any] | None,
) -> list[np.ndarray]:
    """Return the identities of each camera's tracklets."""
    parts = [camera.tracklets for camera in cameras]
    counts = [len(one.track) for one in parts]
    offsets = np.cumsum([0, *counts])
    names = np.repeat([camera.name for camera in cameras], counts)
    has, starts, ends, vectors = (
        np.concatenate([getattr(one, name) for one in parts])
        for name in ('has_vector', 'start', 'end', 'vectors')
    )
    pairs = np.zeros((0, 2), np.int64)
    if options.constraints:
        pairs = seen_together(cameras, offsets)
        pairs = (np.cumsum(has) - 1)[pairs[has[pairs].all(1)]]
    present = {*names[has].tolist()}
    transitions = {
        pair: seconds
        for pair, seconds in (options.transitions or {}).items()
        if {*pair} <= present
    }
    numbers = np.zeros(len(has), np.int64)
    numbers[has] = join_tracklets(
        vectors[has],
        names[has],
        starts[has],
        ends[has],
        threshold,
        options.linkage,
        cannot_link=pairs,
        transitions=transitions,
        overlap=None,
        progress=report,
    )
    # Nothing is known of these: each is somebody else.
    alone = np.flatnonzero(~has)
    numbers[alone] = numbers.max(initial=0) + 1 + np.arange(len(alone))
    return np.split(numbers, offsets[1:-1])


def seen_together(cameras: Sequence[CameraResult], offsets: np.ndarray) -> np.ndarray:
    """Find tracklets that are in one frame of one camera.

    Args:
        cameras (Sequence[CameraResult]): The cameras.
        offsets (np.ndarray): Number of each camera's first tracklet among all.

    Returns:
        np.ndarray: ``(M, 2)`` pairs of tracklets, which are two persons.
    """
    pairs = [np.zeros((0, 2), np.int64)]
    for camera, offset in zip(cameras, offsets, strict=False):
        rows = camera.source.tracked
        here = np.zeros(len(rows), np.int64)
        frames = camera.source.table.frame[rows]
        tracklets = camera.tracklets.tracklet_of[rows]
        pairs.append(shared_frames(here, frames, tracklets) + offset)
    return np.concatenate(pairs)
