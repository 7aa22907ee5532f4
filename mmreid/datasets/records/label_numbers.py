"""Numbers for persons, cameras and clothes, the same in every process."""

import re
from collections.abc import Sequence

from mmreid.datasets.reading.file_names import quote_first
from mmreid.datasets.reading.labels import Meaning, number_labels, read_label, sort_key
from mmreid.datasets.reading.rows import Label, Row

DISTRACTOR, JUNK = 0, -1
WORDS = dict(distractor=DISTRACTOR, junk=JUNK)
# MARS fills its junk, -1, with zeros up to four characters.
_PADDED_JUNK = re.compile(r'0+-0*1')
_TWO_NUMBERS = re.compile(r'\d+-\d+')


def number_persons(
    labels: Sequence[Label], offset: int = 0, paths: Sequence[str] = ()
) -> list[int]:
    """Number persons: 0 is a distractor, -1 junk, from 1 on it is somebody.

    Every label is read by itself, see
    :func:`mmreid.datasets.reading.labels.read_label`. Numbers stay as they are, but for
    the offset; names are numbered above them. ``distractor`` and ``junk``, in small or
    large letters, are 0 and -1.

    Args:
        labels (Sequence[Label]): Who each picture shows.
        offset (int): Added to every number from 0 on; 1 where persons are numbered from
            0.
        paths (Sequence[str]): The pictures, for error messages. Defaults to (): their
            indices.

    Raises:
        ValueError: A label is missing, a number below -1, or one that may be either
            junk or a name.
    """
    persons = _read_persons(labels)
    if missing := [n for n, label in enumerate(labels) if label not in persons]:
        named = [paths[n] if paths else f'picture {n}' for n in missing]
        raise ValueError(
            f'Every picture must tell its person, but {len(missing)} of {len(labels)} '
            f'do not ({labels[missing[0]]!r} is no person): {quote_first(named)}; '
            'write who it '
            'is, 0 (distractor, a wrong answer to every query) or -1 (junk, ignored), '
            'or leave these pictures out.'
        )
    known = {*persons.values()}
    lowest = min((person for person in known if isinstance(person, int)), default=0)
    if lowest < JUNK:
        raise ValueError(
            'A person must be a name or a number: from 1, 0 (distractor) or -1 '
            f'(junk), got {lowest}.'
        )
    # Written as a word, nobody is nobody whatever number persons begin with.
    numbers = number_labels(known - WORDS.keys(), offset) | WORDS
    return [numbers[persons[label]] for label in labels]


def number_cameras(rows: Sequence[Row]) -> list[int]:
    """Number cameras; without any, every picture counts as a camera of its own.

    Numbers stay as they are; names are numbered above them in sorted order. Where no
    picture tells its camera, only one and the same file has the same number: in
    ranking, nothing but the query's own picture is ignored.

    Args:
        rows (Sequence[Row]): The pictures.

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
            f'Either all pictures or none must tell their camera, but {len(unknown)} '
            f'of {len(rows)} do not: {quote_first(unknown)}.'
        )
    numbers = number_labels(known or unknown)
    return [numbers[label] for label in known or unknown]


def number_clothes(rows: Sequence[Row], persons: Sequence[int]) -> list[int | None]:
    """Number clothes, apart for every person; None where they are unknown.

    Args:
        rows (Sequence[Row]): The pictures.
        persons (Sequence[int]): The number of the person in each of them.
    """
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


def number_tracklets(rows: Sequence[Row]) -> list[int] | list[None]:
    """Number tracklets; a number from 0 on keeps its value, -1 is a single picture.

    Two persons, cameras or halves of a test set may have the same number: a tracklet
    is of one person in one camera.

    Args:
        rows (Sequence[Row]): The pictures.

    Returns:
        list[int] | list[None]: A number each, or None each where no tracklet is known.
    """
    labels = [read_label(row.tracklet) for row in rows]
    known = [label for label in labels if label is not None]
    if not known:
        return [None] * len(rows)
    numbers = number_labels(known)
    return [-1 if label is None else max(numbers[label], -1) for label in labels]


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
            'between the numbers of a name.'
        )
    meant: dict[Meaning, Meaning] = dict.fromkeys(padded, JUNK)
    meant |= {name: name.lower() for name in names if name.lower() in WORDS}
    return {label: meant.get(m, m) for label, m in persons.items()}
