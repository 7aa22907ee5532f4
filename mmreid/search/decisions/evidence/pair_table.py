"""Tables of pairs that somebody has labelled."""

import os
from dataclasses import dataclass

import numpy as np

from mmreid.files import Entry, check_file, read_entries
from mmreid.search.decisions.evidence.labelled_pairs import join_persons

COLUMNS = ('a', 'b', 'same')
_ANSWERS = {
    **dict.fromkeys(('1', 'true', 'yes'), True),
    **dict.fromkeys(('0', 'false', 'no'), False),
}


@dataclass(frozen=True, eq=False)
class PairTable:
    """Pairs of pictures.

    Attributes:
        pictures: Each picture once, as the table names it.
        first: ``(n,)`` int64, place of one picture in ``pictures``.
        second: ``(n,)`` int64, of the other.
        same: ``(n,)`` bool, whether both show one person.
    """

    pictures: tuple[str, ...]
    first: np.ndarray
    second: np.ndarray
    same: np.ndarray

    def __len__(self) -> int:
        return len(self.same)

    def only(self, known: np.ndarray) -> 'PairTable':
        """Leave out pairs with a picture that is not known.

        Args:
            known (np.ndarray): ``(len(pictures),)`` bool.

        Returns:
            PairTable: The other pairs, of the known pictures.
        """
        kept = known[self.first] & known[self.second]
        place = np.cumsum(known) - 1
        return PairTable(
            tuple(
                p for p, is_known in zip(self.pictures, known, strict=True) if is_known
            ),
            place[self.first[kept]],
            place[self.second[kept]],
            self.same[kept],
        )


def read_pairs(path: str | os.PathLike) -> PairTable:
    """Read a table of labelled pairs.

    Args:
        path (str | os.PathLike): Of :func:`mmreid.files.read_entries`, with the columns
            ``a`` and ``b``, which name pictures, and ``same``: 1, true or yes; 0, false
            or no. Further columns are left alone.

    Returns:
        PairTable: The pairs.

    Raises:
        OSError: The file cannot be read.
        ValueError: A missing column, an empty cell or another answer, with its line; a
            picture paired with itself, a pair twice, or contradictory answers.
    """
    name = str(check_file(path))
    _, entries = read_entries(name, COLUMNS)
    if not entries:
        raise ValueError(f'{name} must hold pairs, got its header alone.')
    places: dict[str, int] = {}
    rows = [_read_row(entry, places, f'{name}, {entry.where}') for entry in entries]
    first, second, same = map(np.array, zip(*rows, strict=True))
    try:
        join_persons(first, second, same, len(places))
    except ValueError as error:
        raise ValueError(
            f'{name}: {error} Pairs count from 0, below the first line.'
        ) from error
    return PairTable(tuple(places), first, second, same)


def _read_row(
    entry: Entry, places: dict[str, int], where: str
) -> tuple[int, int, bool]:
    """Read a pair and number its pictures."""
    one, other, same = map(entry.text, COLUMNS)
    if not one or not other:
        raise ValueError(
            f'{where}: a and b must name pictures, got {one!r}, {other!r}.'
        )
    if same.lower() not in _ANSWERS:
        raise ValueError(
            f'{where}: same must be one of {list(_ANSWERS)}, got {same!r}.'
        )
    number = [places.setdefault(picture, len(places)) for picture in (one, other)]
    return number[0], number[1], _ANSWERS[same.lower()]
