"""What was found by following, as text and as values."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmreid.apis.follow.results import Following
from mmreid.apis.follow.truth.scores import FollowingScores
from mmreid.apis.follow.truth.texts import format_following, list_scores

# Failures that are written out.
_SHOWN = 10


def describe_run(
    following: Following,
    files: Sequence[Path],
    notes: Sequence[str],
    persons: Mapping[int, str],
    scores: FollowingScores | None,
) -> dict[str, Any]:
    """Write what was found, as text and as values.

    Args:
        following (Following): The identities.
        files (Sequence[Path]): What was written.
        notes (Sequence[str]): What has to be said besides what the cameras say.
        persons (Mapping[int, str]): Identity -> whom a gallery knows.
        scores (FollowingScores | None): Of the comparison with the truth; None where
            there was none.

    Returns:
        dict[str, Any]: ``text`` for people, and the same as values.
    """
    said = [*notes, *_list_notes(following)]
    failures = _list_failures(following)
    return dict(
        text=_write_text(following, files, said, failures, scores),
        identities=len(following.identities),
        tracklets=_count_tracklets(following),
        threshold=following.threshold,
        model=dict(name=following.model_name, key=following.model_key),
        persons={str(one): name for one, name in persons.items()},
        files=[str(path) for path in files],
        notes=said,
        failures=failures,
        scores=None if scores is None else list_scores(scores),
    )


def _count_tracklets(following: Following) -> int:
    return sum(len(camera.tracklets.track) for camera in following.cameras)


def _list_notes(following: Following) -> list[str]:
    """Tell what is to be known of each camera."""
    notes: list[str] = []
    for camera in following.cameras:
        notes += camera.source.notes
        alone = int((~camera.tracklets.has_vector).sum())
        if alone:
            notes.append(
                f'{camera.name}: {alone} tracks without any vector are identities of '
                'their own.'
            )
    return notes


def _list_failures(following: Following) -> list[str]:
    """Tell which boxes gave no vector, and why."""
    return [
        f'{camera.name}: {camera.source.table.describe(row)}: {reason}'
        for camera in following.cameras
        for row, reason in sorted(camera.faults.items())
    ]


def _write_text(
    following: Following,
    files: Sequence[Path],
    notes: list[str],
    failures: list[str],
    scores: FollowingScores | None,
) -> str:
    head = (
        f'{len(following.identities)} identities of {_count_tracklets(following)} '
        f'tracklets in {len(following.cameras)} cameras, joined below '
        f'{following.threshold:.4f}'
    )
    lines = [head, *(f'note: {note}' for note in notes)]
    if failures:
        lines.append(f'{len(failures)} boxes gave no vector:')
        lines += [f'  {line}' for line in failures[:_SHOWN]]
    if len(failures) > _SHOWN:
        lines.append(f'  ... and {len(failures) - _SHOWN} more (--json lists all)')
    lines += [f'wrote {path}' for path in files]
    if scores is not None:
        lines += ['', format_following(scores)]
    return '\n'.join(lines)
