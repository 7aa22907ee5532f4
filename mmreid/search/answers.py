"""What a search gives, and what a gallery knows of an entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Entry:
    """All that is known of a vector.

    Attributes:
        id: Its number, never given to another one.
        person: Who it is, if known.
        camera: Where, if known.
        time: When, in seconds, if known.
        path: A picture of it, if there is one.
        fields: Whatever else its user keeps: text, numbers, truth values.
    """

    id: int
    person: str | None = None
    camera: str | None = None
    time: float | None = None
    path: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Answers:
    """The nearest entries of each query, best first.

    Attributes:
        ids: ``(Q, k)`` int64, -1 where there is no further answer.
        distances: ``(Q, k)`` float64 cosine distances, infinity where there is none.
        entries: For each query its answers' entries.
        known: ``(Q,)`` bool: whether the first answer is below the threshold of the
            gallery's operating point; False means "unknown". None without one.
        probabilities: ``(Q, k)`` float64 that query and answer show one person, 0
            where there is none. None without a calibration.
    """

    ids: np.ndarray
    distances: np.ndarray
    entries: list[list[Entry]]
    known: np.ndarray | None = None
    probabilities: np.ndarray | None = None

    @classmethod
    def decided(
        cls,
        ids: np.ndarray,
        distances: np.ndarray,
        entries: list[list[Entry]],
        point: Any = None,
    ) -> 'Answers':
        """Add what an operating point says of the distances.

        Args:
            ids (np.ndarray): As of the class.
            distances (np.ndarray): As of the class.
            entries (list[list[Entry]]): As of the class.
            point (OperatingPoint, optional): Defaults to None: nothing is decided.

        Returns:
            Answers: The whole.
        """
        if point is None:
            return cls(ids, distances, entries)
        known = point.accepts(distances[:, 0])
        probabilities = None
        if point.calibration is not None:
            there = np.isfinite(distances)
            probabilities = np.zeros(distances.shape)
            probabilities[there] = point.probability(distances[there])
        return cls(ids, distances, entries, known, probabilities)

    def numbers(self, row: int, place: int) -> dict[str, float]:
        """Tell the numbers of one answer.

        Args:
            row (int): Of the query.
            place (int): Of the answer, from 0.

        Returns:
            dict[str, float]: ``distance`` and, with a calibration, ``probability``.
        """
        told = dict(distance=float(self.distances[row, place]))
        if self.probabilities is not None:
            told['probability'] = float(self.probabilities[row, place])
        return told
