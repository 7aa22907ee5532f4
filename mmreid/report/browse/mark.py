"""What somebody said of two pictures, and who is who by all that was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.search.decisions.evidence.labelled_pairs import join_persons

# Longer labels would make a table that csv does not read again.
_LONGEST = 1000


@dataclass(frozen=True)
class Mark:
    """What somebody said of a query and an answer.

    Attributes:
        a: The query's picture.
        b: The answer's picture.
        same: Whether both show one person.
        distance: How far the two are from each other.
        entry: The answer's number in the gallery.
        person: Whom the gallery calls it; empty where unknown.
        camera: Its camera, likewise.
        query_entry: The query's number, where it is an entry.
        query_person: Whom the gallery calls it, likewise.
        query_camera: Its camera, likewise.
    """

    a: str
    b: str
    same: bool
    distance: float | str = ''
    entry: int | str = ''
    person: str = ''
    camera: str = ''
    query_entry: int | str = ''
    query_person: str = ''
    query_camera: str = ''

    @classmethod
    def of(cls, **values: object) -> 'Mark':
        """Make a mark of what a gallery knows, in the form in which tables are read.

        Args:
            **values (object): The attributes; None where unknown.

        Raises:
            ValueError: A path that no table can hold.
        """
        for side in 'ab':
            path = str(values[side])
            if path != path.strip() or any(sign in path for sign in '\r\n\x04'):
                raise ValueError(
                    f'A picture must have a name that a table can hold, got {path!r}.'
                )
        for name in ('person', 'camera', 'query_person', 'query_camera'):
            text = ' '.join(str(values.get(name) or '').split())
            values[name] = text if len(text) <= _LONGEST else ''
        known: dict[str, Any] = {k: '' if v is None else v for k, v in values.items()}
        return cls(**known)


def join_marks(marks: Sequence[Mark]) -> dict[str, int]:
    """Number the persons whom right answers make of pictures.

    Args:
        marks (Sequence[Mark]): All of them.

    Returns:
        dict[str, int]: The person of each picture.

    Raises:
        ValueError: They contradict each other, or one is of a picture with itself.
    """
    places: dict[str, int] = {}
    first, second = (
        np.array(
            [places.setdefault(getattr(m, side), len(places)) for m in marks], np.int64
        )
        for side in 'ab'
    )
    same = np.array([m.same for m in marks], bool)
    persons, _ = join_persons(first, second, same, len(places))
    return dict(zip(places, persons.tolist(), strict=True))


def check_marks(
    marks: Sequence[Mark], fault: str = 'This mark contradicts others'
) -> None:
    """Refuse marks that say that a person is and is not another.

    Args:
        marks (Sequence[Mark]): All of them.
        fault (str): What is said then. Defaults to ``'This mark contradicts others'``.

    Raises:
        ValueError: They contradict each other, or one is of a picture with itself.
    """
    if any(m.a == m.b for m in marks):
        raise ValueError('A picture cannot be marked as its own answer.')
    try:
        join_marks(marks)
    except ValueError as error:
        raise ValueError(
            f'{fault}, which join both pictures to one person or part them; take one '
            'of them back.'
        ) from error
