"""Tables of corrected labels, and how results tell them."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from mmreid.datasets.reading.labels import Meaning, read_label
from mmreid.datasets.records.label_numbers import JUNK, WORDS
from mmreid.files import Entry, read_entries

REQUIRED = ('path', 'person', 'correction')
_HINT = '; "mmreid check --suspects FILE" writes such a table'


@dataclass(frozen=True)
class Correction:
    """What a line of the table says.

    Attributes:
        where: Which line, for error messages.
        person: The person whom the picture is labelled as.
        correct: The person to label it as.
    """

    where: str
    person: Meaning
    correct: Meaning


@dataclass(frozen=True)
class Corrections:
    """A table of corrections.

    Attributes:
        file: Its name, without folders.
        digest: 12 hexadecimal digits that tell what it corrects: the same for the same
            corrections, whatever else the table says.
        by_name: By the picture's path below the data set's folder, with ``/``.
    """

    file: str
    digest: str
    by_name: Mapping[str, Correction]

    def describe(self, changed: int) -> str:
        """Tell in a few words what was corrected, for the version of the data set.

        Args:
            changed (int): Number of labels changed.
        """
        labels = 'label' if changed == 1 else 'labels'
        return f'{changed:,} {labels} corrected by {self.file}, {self.digest}'


def read_corrections(path: str | os.PathLike) -> Corrections:
    """Read a table of corrections.

    Args:
        path (str | os.PathLike): A CSV or JSON file, see
            :func:`mmreid.files.read_entries`, with the columns ``path`` (below the
            data set's folder), ``person`` (the label as it is) and ``correction``: the
            label that it should be, ``junk``, or nothing to leave it. Others are not
            read.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is broken, or a picture is in it twice.
    """
    path = os.path.expanduser(os.fspath(path))
    _, entries = read_entries(path, REQUIRED, _HINT)
    by_name: dict[str, Correction] = {}
    seen: dict[str, str] = {}
    for entry in entries:
        name = _name(path, entry)
        if name in seen:
            raise ValueError(
                f'{path!r} must name each picture once, but {name!r} is in '
                f'{seen[name]} and in {entry.where}; remove one of the two.'
            )
        seen[name] = entry.where
        if correction := _read_entry(path, entry):
            by_name[name] = correction
    told = ''.join(
        f'{n}\n{c.person}\n{c.correct}\n' for n, c in sorted(by_name.items())
    )
    digest = hashlib.sha256(told.encode('utf-8', 'surrogateescape')).hexdigest()[:12]
    return Corrections(os.path.basename(path), digest, by_name)


def _name(path: str, entry: Entry) -> str:
    name = entry.text('path').replace('\\', '/')
    if not name:
        raise ValueError(f'{path!r}, {entry.where}: no value for path.')
    return os.path.normpath(name).replace(os.sep, '/')


def _read_entry(path: str, entry: Entry) -> Correction | None:
    """Read a line; None where it says that nothing is to be changed."""
    try:
        person, correct = (
            read_person(entry.values.get(name)) for name in ('person', 'correction')
        )
    except ValueError as error:
        raise ValueError(f'{path!r}, {entry.where}: {error}') from error
    if correct is None:
        return None
    if person is None:
        raise ValueError(
            f'{path!r}, {entry.where}: no value for person, the label before the '
            'correction, by which a table for other data is recognised.'
        )
    return None if person == correct else Correction(entry.where, person, correct)


def read_person(label: object) -> Meaning | None:
    """Read a label; junk, however it is written, and distractors by their words.

    Args:
        label (object): A person's, as :func:`mmreid.datasets.reading.labels.read_label`
            takes it.
    """
    meaning = read_label(label)
    if isinstance(meaning, str) and meaning.lower() in WORDS:
        return meaning.lower()
    return 'junk' if meaning == JUNK else meaning


def picture_name(path: str, root: str) -> str:
    """Return how tables name a picture, wherever the data set lies.

    Args:
        path (str): Where the picture is.
        root (str): The data set's folder.

    Returns:
        str: The path below the folder, with ``/``, or the whole one where it is not.
    """
    path = os.path.normpath(path)
    below = os.path.relpath(path, root)
    return (path if below.startswith('..') else below).replace(os.sep, '/')
