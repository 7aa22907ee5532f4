"""Identities compared with the truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmreid.apis.follow.results import Following
from mmreid.datasets.boxes import BoxTable
from mmreid.evaluation.functional.following import (
    GroupingScores,
    IdentityScores,
    Reassociation,
    grouping_scores,
    identity_scores,
    match_boxes,
    overlapping_boxes,
    reassociate,
)


@dataclass(frozen=True)
class FollowingScores:
    """How right a following is.

    Attributes:
        joint: IDF1 over all cameras at once.
        cameras: IDF1 of each camera alone.
        unjoined: IDF1 over all cameras of the tracks as they were given, each an
            identity: what joining has to improve. None where only tables are compared.
        grouping: Of the tracklets that show a person of the truth; None likewise.
        reassociations: Whether persons are found again, after some times.
    """

    joint: IdentityScores
    cameras: Mapping[str, IdentityScores]
    unjoined: IdentityScores | None = None
    grouping: GroupingScores | None = None
    reassociations: tuple[Reassociation, ...] = ()


def evaluate_following(
    truth: Mapping[str, BoxTable], result: Mapping[str, BoxTable]
) -> FollowingScores:
    """Compare tables of identities with true ones.

    A box of the truth whose score is 0 is left out, as MOTChallenge marks what is not
    to be counted, and so are boxes without a number in either table.

    Args:
        truth (Mapping[str, BoxTable]): Camera -> boxes with true persons, numbered
            alike in all cameras.
        result (Mapping[str, BoxTable]): Camera -> boxes with identities.

    Returns:
        FollowingScores: IDF1 over all cameras and of each.

    Raises:
        ValueError: A camera is missing in either, or a truth counts nobody.
    """
    for name in sorted({*truth} ^ {*result}):
        where = 'truth' if name in result else 'result'
        raise ValueError(
            f'truth and result must have the same cameras, got no {name!r} in {where}.'
        )
    counted = {name: _counted(name, table) for name, table in truth.items()}
    found = {
        name: _renumber(table, table.track).select(table.track >= 0)
        for name, table in result.items()
    }
    single = {name: _score([(counted[name], found[name])]) for name in truth}
    joint = _score([(counted[name], found[name]) for name in truth])
    return FollowingScores(joint, single)


def score_following(
    following: Following,
    truth: Mapping[str, BoxTable],
    after: Sequence[float] = (0.0,),
) -> FollowingScores:
    """Compare what was found with the truth.

    Args:
        following (Following): Of :func:`mmreid.apis.follow.follow`.
        truth (Mapping[str, BoxTable]): Camera -> boxes with true persons.
        after (Sequence[float]): Seconds after which persons are looked for again.
            Defaults to 0.

    Returns:
        FollowingScores: All of them. A tracklet's person is that of most of its boxes.

    Raises:
        ValueError: See :func:`evaluate_following`.
    """
    result = {
        camera.name: replace(camera.source.table, track=camera.row_identity())
        for camera in following.cameras
    }
    scores = evaluate_following(truth, result)
    tracks, offset = [], 0
    for camera in following.cameras:
        table = camera.source.table
        own = np.where(table.track >= 0, table.track + offset, -1)
        offset = max(offset, int(own.max(initial=-1)) + 1)
        part = _renumber(table, own)
        true = _counted(camera.name, truth[camera.name])
        tracks.append((true, part.select(part.track >= 0)))
    persons = true_persons(following, truth)
    shown = persons >= 0
    identities = np.concatenate([camera.identity for camera in following.cameras])
    found = _reassociations(following, persons, after)
    return FollowingScores(
        scores.joint,
        scores.cameras,
        _score(tracks),
        grouping_scores(persons[shown], identities[shown]),
        found,
    )


def true_persons(following: Following, truth: Mapping[str, BoxTable]) -> np.ndarray:
    """Tell whom tracklets show.

    Args:
        following (Following): Of :func:`mmreid.apis.follow.follow`.
        truth (Mapping[str, BoxTable]): Camera -> boxes with true persons.

    Returns:
        np.ndarray: ``(T,)`` of the tracklets of all cameras, in order: the person of
        most boxes, -1 where none shows anybody.
    """
    persons = []
    for camera in following.cameras:
        table = camera.source.table
        true = _counted(camera.name, truth[camera.name])
        rows = match_boxes(true.frame, true.box, _frames(table), table.box)
        tracklet_of = camera.tracklets.tracklet_of
        mine = np.full(len(camera.tracklets.track), -1)
        for number in np.unique(tracklet_of[(tracklet_of >= 0) & (rows >= 0)]):
            seen = true.track[rows[(tracklet_of == number) & (rows >= 0)]]
            names, counts = np.unique(seen, return_counts=True)
            mine[number] = names[np.argmax(counts)]
        persons.append(mine)
    return np.concatenate(persons)


def _reassociations(
    following: Following, persons: np.ndarray, after: Sequence[float]
) -> tuple[Reassociation, ...]:
    parts = [camera.tracklets for camera in following.cameras]
    usable = (persons >= 0) & np.concatenate([one.has_vector for one in parts])
    vectors, starts, ends = (
        np.concatenate([getattr(one, name) for one in parts])[usable]
        for name in ('vectors', 'start', 'end')
    )
    return tuple(
        reassociate(vectors, persons[usable], starts, ends, seconds)
        for seconds in after
    )


def _counted(name: str, table: BoxTable) -> BoxTable:
    """Leave out what a truth does not count."""
    part = table.select((table.track >= 0) & (table.score != 0))
    if not len(part):
        raise ValueError(
            f'truth of camera {name!r} must have boxes with persons, got {len(table)} '
            'rows, of which none has a number and a score other than 0.'
        )
    return _renumber(part, part.track)


def _renumber(table: BoxTable, track: np.ndarray) -> BoxTable:
    return BoxTable(_frames(table), track, table.box, table.score)


def _frames(table: BoxTable) -> np.ndarray:
    """Number frames from 0: two tables of one video may count differently."""
    return table.frame - (1 if table.first_frame is None else table.first_frame)


def _score(pairs: Sequence[tuple[BoxTable, BoxTable]]) -> IdentityScores:
    """Score tables of several cameras at once."""
    true_rows = np.cumsum([0, *(len(true) for true, _ in pairs)])
    rows = np.cumsum([0, *(len(found) for _, found in pairs)])
    common = [np.zeros((0, 2), np.int64)]
    for place, (true, found) in enumerate(pairs):
        here = overlapping_boxes(true.frame, true.box, found.frame, found.box)
        common.append(here + np.array([true_rows[place], rows[place]]))
    return identity_scores(
        np.concatenate([true.track for true, _ in pairs]),
        np.concatenate([found.track for _, found in pairs]),
        np.concatenate(common),
    )
