"""Numbers for persons, cameras and clothes, the same in every process."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice

from mmreid.datasets.reading.file_names import few, require_utf8
from mmreid.datasets.reading.labels import Meaning, number_labels, read_label, sort_key
from mmreid.datasets.reading.rows import Label, Row

DISTRACTOR, JUNK = 0, -1
WORDS = dict(distractor=DISTRACTOR, junk=JUNK)
# MARS fills its junk, -1, with zeros up to four characters.
_PADDED_JUNK = re.compile(r'0+-0*1')
_TWO_NUMBERS = re.compile(r'\d+-\d+')


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
        ValueError: As :func:`number_persons` and :func:`number_cameras`; or a path is
            not UTF-8.
    """
    rows = [row for part in parts.values() for row in part]
    paths = [row.path for row in rows]
    require_utf8(paths)
    persons = number_persons([row.person for row in rows], person_offset, paths)
    cameras = number_cameras(rows)
    clothes = _number_clothes(rows, persons)
    records = iter(
        dict(img_path=row.path, gt_label=-1, person_id=person, cam_id=camera)
        | ({} if dress is None else dict(clothes_id=dress))
        for row, person, camera, dress in zip(
            rows, persons, cameras, clothes, strict=True
        )
    )
    return {
        part: [dict(r, is_query=is_query_part(part)) for r in islice(records, len(own))]
        for part, own in parts.items()
    }


def is_query_part(part: str) -> bool:
    """Return whether the pictures of a part are queries."""
    return part.startswith('query')


def number_persons(
    labels: Sequence[Label], offset: int = 0, paths: Sequence[str] = ()
) -> list[int]:
    """Number persons: 0 is a distractor, -1 junk, from 1 on it is somebody.

    Every label is read by itself, see
    :func:`mmreid.datasets.reading.labels.read_label`. Numbers stay as they are, but for
    the offset; names are numbered above them. ``distractor`` and ``junk``, in small or
    large letters, are 0 and -1.

    Args:
        labels: Who each picture shows.
        offset: Added to every number from 0 on; 1 where persons are numbered from 0.
        paths: The pictures, for error messages. Defaults to (): their indices.

    Raises:
        ValueError: A label is missing, a number below -1, or one that may be either
            junk or a name.
    """
    persons = _read_persons(labels)
    if missing := [n for n, label in enumerate(labels) if label not in persons]:
        named = [paths[n] if paths else f'picture {n}' for n in missing]
        raise ValueError(
            f'every picture must tell its person, but {len(missing)} of {len(labels)} '
            f'do not ({labels[missing[0]]!r} is no person): {few(named)}; write who it '
            'is, 0 (distractor, a wrong answer to every query) or -1 (junk, ignored), '
            'or leave these pictures out'
        )
    known = {*persons.values()}
    lowest = min((person for person in known if isinstance(person, int)), default=0)
    if lowest < JUNK:
        raise ValueError(
            'a person must be a name or a number: from 1, 0 (distractor) or -1 '
            f'(junk), but got {lowest}'
        )
    # Written as a word, nobody is nobody whatever number persons begin with.
    numbers = number_labels(known - WORDS.keys(), offset) | WORDS
    return [numbers[persons[label]] for label in labels]


def number_cameras(rows: Sequence[Row]) -> list[int]:
    """Number cameras; without any, every picture counts as a camera of its own.

    Numbers stay as they are; names are numbered above them in sorted order. Where no
    picture tells its camera, only one and the same file has the same number: in
    ranking, nothing but the query's own picture is ignored.

    Raises:
        ValueError: Some pictures tell their camera and some do not.
    """
    cameras = [read_label(row.camera) for row in rows]
    known = [camera for camera in cameras if camera is not None]
    unknown = [
        row.path for row, camera in zip(rows, cameras, strict=True) if camera is None
    ]
    if unknown and known:
        raise ValueError(
            f'either all pictures or none must tell their camera, but {len(unknown)} '
            f'of {len(rows)} do not: {few(unknown)}'
        )
    numbers = number_labels(known or unknown)
    return [numbers[label] for label in known or unknown]


def _number_clothes(rows: Sequence[Row], persons: Sequence[int]) -> list[int | None]:
    """Number clothes, apart for every person; None where they are unknown."""
    dresses = [
        (person, read_label(row.clothes))
        for row, person in zip(rows, persons, strict=True)
    ]
    known = {dress for dress in dresses if dress[1] is not None}
    numbers = {
        dress: number
        for number, dress in enumerate(
            sorted(known, key=lambda dress: (dress[0], sort_key(dress[1]))), start=1
        )
    }
    return [numbers.get(dress) for dress in dresses]


def _read_persons(labels: Sequence[Label]) -> dict[Label, Meaning]:
    """Read what each label says; ``WORDS`` in small letters, no missing ones."""
    persons = {
        label: meaning
        for label in set(labels)
        if (meaning := read_label(label)) is not None
    }
    names = {meaning for meaning in persons.values() if isinstance(meaning, str)}
    padded = {name for name in names if _PADDED_JUNK.fullmatch(name)}
    alike = sorted(n for n in names - padded if _TWO_NUMBERS.fullmatch(n))
    if padded and alike:
        raise ValueError(
            f'{min(padded)!r} is -1 (junk) with zeros before it, but beside '
            f'{alike[0]!r} it may be a name; write -1 for junk, or another sign than - '
            'between the numbers of a name'
        )
    meant: dict[Meaning, Meaning] = dict.fromkeys(padded, JUNK)
    meant |= {name: name.lower() for name in names if name.lower() in WORDS}
    return {label: meant.get(m, m) for label, m in persons.items()}
