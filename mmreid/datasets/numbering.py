"""Numbers for persons, cameras and clothes, the same in every process."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from mmreid.datasets.file_names import few
from mmreid.datasets.rows import Label, Row

DISTRACTOR, JUNK = 0, -1
WORDS = dict(distractor=DISTRACTOR, junk=JUNK)
_NUMBER = re.compile(r'-?[0-9]+')


def make_records(
    parts: Mapping[str, Sequence[Row]], person_offset: int = 0
) -> dict[str, list[dict]]:
    """Turn the rows of a split into records whose labels are numbers.

    Args:
        parts: Rows by part of the data set; a number means the same in all of them.
        person_offset: Added to every number of a person from 0 on.

    Returns:
        dict[str, list[dict]]: Records ``dict(img_path, gt_label, person_id, cam_id,
        is_query)`` by part, ``gt_label`` -1 and ``is_query`` True in parts named
        ``query...``; with ``clothes_id``, different for every person, where clothes
        are known.

    Raises:
        ValueError: As :func:`number_persons` and :func:`number_cameras`.
    """
    rows = [row for part in parts.values() for row in part]
    persons = number_persons([row.person for row in rows], person_offset)
    dresses = [(n, str(row.clothes)) for n, row in zip(persons, rows, strict=True)]
    clothes = rank(set(dresses))
    records = iter(
        dict(img_path=row.path, gt_label=-1, person_id=person, cam_id=camera)
        | ({} if row.clothes is None else dict(clothes_id=clothes[dress]))
        for row, person, camera, dress in zip(
            rows, persons, number_cameras(rows), dresses, strict=True
        )
    )
    return {
        part: [dict(r, is_query=is_query_part(part)) for r in islice(records, len(own))]
        for part, own in parts.items()
    }


def is_query_part(part: str) -> bool:
    """Return whether the pictures of a part are queries."""
    return part.startswith('query')


def number_persons(labels: Sequence[Label], offset: int = 0) -> list[int]:
    """Number persons: 0 is a distractor, -1 junk, from 1 on it is somebody.

    Numbers stay as they are, but for the offset. If there is a name among them, all
    are numbered from 1 in sorted order. ``distractor`` and ``junk`` are 0 and -1.

    Args:
        labels: Who each picture shows.
        offset: Added to every number from 0 on; 1 where persons are numbered from 0.

    Raises:
        ValueError: A number below -1.
    """
    texts = [str(label) for label in labels]
    numbers = _numbers(set(texts) - set(WORDS))
    if numbers is None:
        numbers = rank(set(texts) - set(WORDS))
    elif min(numbers.values(), default=0) < JUNK:
        raise ValueError(
            'a person must be a name or a number: from 1, 0 (distractor) or -1 '
            f'(junk), but got {min(numbers.values())}'
        )
    else:
        numbers = {text: n + offset if n >= 0 else n for text, n in numbers.items()}
    numbers |= WORDS
    return [numbers[text] for text in texts]


def number_cameras(rows: Sequence[Row]) -> list[int]:
    """Number cameras; without any, every picture counts as a camera of its own.

    Numbers stay as they are; names are numbered from 1 in sorted order. Where no
    picture tells its camera, only one and the same file has the same number: in
    ranking, nothing but the query's own picture is ignored.

    Raises:
        ValueError: Some pictures tell their camera and some do not.
    """
    unknown = [row.path for row in rows if row.camera is None]
    if unknown and len(unknown) < len(rows):
        raise ValueError(
            f'either all pictures or none must tell their camera, but {len(unknown)} '
            f'of {len(rows)} do not: {few(unknown)}'
        )
    texts = [row.path if unknown else str(row.camera) for row in rows]
    numbers = None if unknown else _numbers(set(texts))
    numbers = numbers or rank(set(texts))
    return [numbers[text] for text in texts]


def rank(labels: set[Any]) -> dict[Any, int]:
    """Number labels from 1 in their sorted order."""
    return {label: number for number, label in enumerate(sorted(labels), start=1)}


def _numbers(texts: set[str]) -> dict[str, int] | None:
    """Read the texts as whole numbers; None if one of them is none."""
    # Python's int would take 1_02 and 10_2, two names, for one number.
    if not all(_NUMBER.fullmatch(text) for text in texts):
        return None
    return {text: int(text) for text in texts}
