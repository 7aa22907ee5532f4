"""Labelled pairs in the form that thresholds, intervals and probabilities need."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from mmreid.search.vectors import unit_vectors


@dataclass(frozen=True, eq=False)
class Trials:
    """Pairs of two pictures, with their distances.

    Attributes:
        distances: ``(n,)`` float64.
        first: ``(n,)`` int64, the person on one side, from 0.
        second: ``(n,)`` int64, on the other; the same where both show one person.

    Raises:
        ValueError: A distance that is no number; its pair is named.
    """

    distances: np.ndarray
    first: np.ndarray
    second: np.ndarray

    def __post_init__(self) -> None:
        wrong = np.isnan(self.distances)
        if wrong.any():
            raise ValueError(
                f'distances must be numbers, got NaN for pair {int(wrong.argmax())}.'
            )

    def __len__(self) -> int:
        return len(self.distances)

    def take(self, index: np.ndarray) -> 'Trials':
        """Return some of the pairs.

        Args:
            index (np.ndarray): Their indices, or bool for each.

        Returns:
            Trials: These pairs.
        """
        return Trials(self.distances[index], self.first[index], self.second[index])


@dataclass(frozen=True, eq=False)
class LabelledPairs:
    """Pairs whose answers somebody knows.

    Attributes:
        positive: Of one person.
        negative: Of two persons.
        num_persons: Persons behind them.
    """

    positive: Trials
    negative: Trials
    num_persons: int

    @classmethod
    def from_vectors(
        cls,
        vectors: np.ndarray,
        first: Sequence[int] | np.ndarray,
        second: Sequence[int] | np.ndarray,
        same: Sequence[bool] | np.ndarray,
    ) -> 'LabelledPairs':
        """Measure pairs of pictures.

        Who is who is what the pairs say: pictures that pairs of one person join,
        directly or through others, are one person, and a picture without any is a
        person of its own.

        Args:
            vectors (np.ndarray): ``(N, D)``, a row a picture.
            first (Sequence[int] | np.ndarray): ``(n,)`` row of one picture.
            second (Sequence[int] | np.ndarray): ``(n,)`` row of the other.
            same (Sequence[bool] | np.ndarray): ``(n,)`` whether both show one person.

        Returns:
            LabelledPairs: The pairs.

        Raises:
            ValueError: Vectors or rows that do not fit, a picture paired with itself,
                a pair given twice, or answers that contradict each other; the pair is
                named.
        """
        unit = unit_vectors(vectors)
        one, other = (
            _rows('first', first, len(unit)),
            _rows('second', second, len(unit)),
        )
        together = np.asarray(same)
        if not len(one) == len(other) == len(together) or together.dtype != bool:
            raise ValueError(
                'first, second and same must have an entry for each pair, and same '
                f'must be bool; got {len(one)}, {len(other)} and {len(together)} of '
                f'{together.dtype}.'
            )
        persons, count = join_persons(one, other, together, len(unit))
        distances = np.concatenate(
            [np.empty(0)]
            + [
                1 - np.einsum('nd,nd->n', unit[one[part]], unit[other[part]])
                for part in np.array_split(np.arange(len(one)), len(one) // 4096 + 1)
            ]
        )
        trials = Trials(distances, persons[one], persons[other])
        return cls(trials.take(together), trials.take(~together), count)


def join_persons(
    first: np.ndarray, second: np.ndarray, same: np.ndarray, num_pictures: int
) -> tuple[np.ndarray, int]:
    """Find who is who from answers, and refuse contradictions.

    Args:
        first (np.ndarray): ``(n,)`` row of one picture.
        second (np.ndarray): ``(n,)`` row of the other.
        same (np.ndarray): ``(n,)`` bool.
        num_pictures (int): Number of pictures.

    Returns:
        tuple: ``(num_pictures,)`` persons from 0, and how many of them have a pair.

    Raises:
        ValueError: A picture with itself, a pair twice, or a pair of two persons
            whose pictures other pairs join; the pair is named.
    """
    own = first == second
    if own.any():
        raise ValueError(
            f'Pair {int(own.argmax())} is a picture with itself, which is no evidence; '
            'leave it out.'
        )
    keys = np.minimum(first, second) * num_pictures + np.maximum(first, second)
    _, places = np.unique(keys, return_index=True)
    if len(places) < len(keys):
        again = int(np.setdiff1d(np.arange(len(keys)), places)[0])
        before = int(np.flatnonzero(keys == keys[again])[0])
        verb = 'repeats' if same[again] == same[before] else 'contradicts'
        raise ValueError(f'Pair {again} {verb} pair {before}; keep one of them.')
    links = (np.ones(int(same.sum())), (first[same], second[same]))
    graph = csr_array(links, shape=(num_pictures, num_pictures))
    _, persons = connected_components(graph, directed=False)
    wrong = ~same & (persons[first] == persons[second])
    if wrong.any():
        raise ValueError(
            f'Pair {int(wrong.argmax())} says that two persons are shown, but pairs of '
            'one person join its pictures through others; one of these answers is '
            'wrong.'
        )
    used = np.unique(persons[np.concatenate([first, second])])
    return persons.astype(np.int64), len(used)


def _rows(name: str, values: Sequence[int] | np.ndarray, count: int) -> np.ndarray:
    """Check rows of pictures."""
    rows = np.asarray(values)
    if rows.ndim != 1 or (len(rows) and rows.dtype.kind not in 'iu'):
        raise ValueError(f'{name} must be a row of whole numbers, got {rows.dtype}.')
    outside = (rows < 0) | (rows >= count)
    if outside.any():
        place = int(outside.argmax())
        raise ValueError(
            f'{name} must be rows of the {count} vectors, got {rows[place]} for pair '
            f'{place}.'
        )
    return rows.astype(np.int64)
