"""Records of pictures of which nobody is named."""

from collections.abc import Sequence
from itertools import repeat

from mmreid.datasets.reading.file_names import require_utf8
from mmreid.datasets.reading.labels import read_label
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.records.label_numbers import (
    JUNK,
    number_cameras,
    number_persons,
    number_tracklets,
)


def make_unlabelled_records(rows: Sequence[Row]) -> list[dict]:
    """Turn rows into records without labels to train on.

    Args:
        rows (Sequence[Row]): The pictures.

    Returns:
        list[dict]: ``dict(img_path, gt_label, cam_id, is_query)`` each, ``gt_label``
        -1, ``is_query`` False; with ``tracklet_id`` and ``person_id`` where any picture
        tells them, and ``time`` where this one does.

    Raises:
        ValueError: As :func:`mmreid.datasets.records.label_numbers.number_cameras` and
            ``number_persons``; or a path is not UTF-8.
    """
    require_utf8([row.path for row in rows])
    persons = _number_told_persons(rows)
    return [
        dict(img_path=row.path, gt_label=-1, cam_id=camera, is_query=False)
        | ({} if person is None else dict(person_id=person))
        | ({} if tracklet is None else dict(tracklet_id=tracklet))
        | ({} if row.time is None else dict(time=row.time))
        for row, camera, person, tracklet in zip(
            rows,
            number_cameras(rows),
            repeat(None, len(rows)) if persons is None else persons,
            number_tracklets(rows),
            strict=True,
        )
    ]


def name_cameras(rows: Sequence[Row], records: Sequence[dict]) -> dict[int, str]:
    """Tell what each number of a camera stands for; nothing where none is known.

    Args:
        rows (Sequence[Row]): The pictures.
        records (Sequence[dict]): Their records.
    """
    names: dict[int, str] = {}
    for row, record in zip(rows, records, strict=True):
        meaning = read_label(row.camera)
        if meaning is not None:
            names[record['cam_id']] = str(meaning)
    return names


def _number_told_persons(rows: Sequence[Row]) -> list[int] | None:
    """Number the persons that are told, the others as junk; None where none is."""
    known = [n for n, row in enumerate(rows) if read_label(row.person) is not None]
    if not known:
        return None
    persons = [JUNK] * len(rows)
    told = number_persons(
        [rows[n].person for n in known], 0, [rows[n].path for n in known]
    )
    for n, person in zip(known, told, strict=True):
        persons[n] = person
    return persons
