"""What the command does: follow, decide, write, compare, remember."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmreid.apis.follow.cameras import Camera
from mmreid.apis.follow.following import Report, follow, rejoin
from mmreid.apis.follow.known_persons import (
    UNKNOWN,
    look_up,
    prepare_gallery,
    remember,
)
from mmreid.apis.follow.options import FollowOptions
from mmreid.apis.follow.outputs import write_following
from mmreid.apis.follow.places import check_places
from mmreid.apis.follow.results import Following
from mmreid.apis.follow.run_texts import describe_run
from mmreid.apis.follow.truth.scores import score_following
from mmreid.apis.follow.truth.tables import find_truth, read_truth
from mmreid.apis.follow.truth.thresholds import find_threshold, fit_threshold
from mmreid.apis.inferencer import ReIDInferencer
from mmreid.datasets.boxes import BoxTable
from mmreid.search import OperatingPoint, save_operating_point

# Vectors, in the folder of results.
KEPT = 'vectors'


@dataclass(frozen=True)
class FollowTask:
    """What is asked for besides cameras and model.

    Attributes:
        out: Folder of results, and of vectors that are kept.
        threshold: A cosine distance, a file of an operating point, or None for what
            ``fit`` finds, or what the gallery has.
        options: How persons are followed.
        truth: Camera -> table of true persons, empty for those of the cameras; None
            not to compare.
        fit: Where to write the operating point that fits the tracklets; None not to.
        rate: Its false accept rate.
        after: Seconds after which persons are looked for again.
        gallery: Address of a gallery that tells persons and keeps tracklets, told by
            the name of ``out``; None for none.
        pictures: Whether to write crops and a sheet.
    """

    out: Path
    threshold: str | None = None
    options: FollowOptions = field(default_factory=FollowOptions)
    truth: Mapping[str, str | os.PathLike] | None = None
    fit: Path | None = None
    rate: float = 0.01
    after: Sequence[float] = (0.0,)
    gallery: str | None = None
    pictures: bool = True


def run_task(
    task: FollowTask,
    cameras: Sequence[Camera],
    inferencer: ReIDInferencer,
    progress: Report | None = None,
) -> dict[str, Any]:
    """Do it.

    Args:
        task (FollowTask): What is asked for.
        cameras (Sequence[Camera]): Frames and boxes.
        inferencer (ReIDInferencer): The model.
        progress (Callable | None): As of :func:`follow`. Defaults to None.

    Returns:
        dict[str, Any]: ``text`` for people, and the same as values.

    Raises:
        OSError: A file cannot be read or written.
        ValueError: Something does not fit.
    """
    if task.truth is not None:
        find_truth(cameras, task.truth)
    check_places(cameras, task.out, (task.truth or {}).values())
    following, notes = _follow(task, cameras, inferencer, progress)
    tables = None if task.truth is None else read_truth(following, task.truth)
    if task.fit is not None:
        point, said = _fit(task, following, tables, cameras)
        notes.append(said)
        if task.threshold is None:
            following = rejoin(following, point.threshold, task.options)
    persons = {} if task.gallery is None else look_up(following, task.gallery)
    files = write_following(
        following, task.out, pictures=task.pictures, persons=persons
    )
    if task.gallery is not None:
        notes.append(_remember(task, following, task.gallery, persons))
    scores = None
    if tables is not None:
        scores = score_following(following, tables, task.after)
    return describe_run(following, files, notes, persons, scores)


def _fit(
    task: FollowTask,
    following: Following,
    truth: Mapping[str, BoxTable] | None,
    cameras: Sequence[Camera],
) -> tuple[OperatingPoint, str]:
    """Fit a threshold, write it, and return what has to be said of it."""
    if truth is None or task.fit is None:
        raise ValueError(
            'fit needs truth: a threshold is fitted on persons who are known.'
        )
    point = fit_threshold(following, truth, task.rate, _name(cameras))
    save_operating_point(task.fit, point)
    return point, (
        f'{task.fit} has the threshold {point.threshold:.4f}, which '
        f'{100 * point.achieved_rate:.2f} % of {point.num_negative} pairs of two '
        f'persons pass, and {100 * (point.true_accept_rate or 0):.2f} % of '
        f'{point.num_positive} of one.'
    )


def _remember(
    task: FollowTask, following: Following, gallery: str, persons: dict[int, str]
) -> str:
    """Add the tracklets to the gallery, and return what has to be said of it."""
    run = _run(task)
    count = remember(following, gallery, run, persons, task.out)
    known = sum(name != UNKNOWN for name in persons.values())
    return (
        f'gallery {gallery} knows {known} of {len(persons)} identities, and now keeps '
        f'{count} tracklets more, of run {run}.'
    )


def _run(task: FollowTask) -> str:
    """Name a run in a gallery."""
    return task.out.resolve().name


def _follow(
    task: FollowTask,
    cameras: Sequence[Camera],
    inferencer: ReIDInferencer,
    progress: Report | None,
) -> tuple[Following, list[str]]:
    """Follow, and return what has to be said."""
    known = None
    if task.gallery is not None:
        known = prepare_gallery(task.gallery, _run(task), inferencer.model_key)
    # Without a threshold nothing is joined, and all is ready to fit one.
    threshold = -1.0 if known is None or task.fit is not None else known
    notes: list[str] = []
    if task.threshold is not None:
        threshold, notes = find_threshold(task.threshold, inferencer.model_key)
    elif task.fit is None and known is None:
        raise ValueError(
            'threshold must be given, got none: a cosine distance, or a file of '
            '"mmreid threshold" or --fit; a gallery with a threshold has one too.'
        )
    following = follow(
        cameras,
        inferencer,
        threshold,
        task.options,
        keep=task.out / KEPT,
        progress=progress,
    )
    return following, notes


def _name(cameras: Sequence[Camera]) -> str:
    """Name what a threshold is fitted on."""
    return ', '.join(os.fspath(camera.frames) for camera in cameras)
