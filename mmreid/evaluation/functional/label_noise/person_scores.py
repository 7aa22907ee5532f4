"""How alike each picture is to each person, streamed."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from mmreid.evaluation.functional.label_noise.cosines import Cosines

#: A person is compared by as many of his or her pictures, the nearest.
NEAREST = 3


class ScoreBlock(NamedTuple):
    """Scores of some pictures.

    Attributes:
        rows: ``(b,)`` their indices.
        everywhere: ``(b, K)`` float32 scores by pictures of all cameras.
        elsewhere: ``(b, K)`` float32 scores by pictures of other cameras; -1 of persons
            who have none there. As ``everywhere`` where the picture's own person has
            none there, or cameras are unknown.
    """

    rows: np.ndarray
    everywhere: np.ndarray
    elsewhere: np.ndarray


class PersonScores:
    """Mean cosines of pictures to the nearest pictures of each person.

    A picture is not compared with itself.

    Args:
        vectors (np.ndarray): ``(N, D)``, of no zero length.
        persons (np.ndarray): ``(N,)`` numbers of persons from 0 to K - 1, each of them
            with two pictures or more.
        cam_id (np.ndarray, optional): ``(N,)`` cameras. Defaults to None: unknown.

    Attributes:
        count: Number of persons, K.
    """

    def __init__(
        self,
        vectors: np.ndarray,
        persons: np.ndarray,
        cam_id: np.ndarray | None = None,
    ) -> None:
        self.count = int(persons.max()) + 1
        self._cosines = Cosines(vectors)
        self._groups = _group_by_size(persons, self.count)
        self._cameras = cam_id
        if cam_id is not None:
            pairs = np.unique(np.stack([persons, cam_id], axis=1), axis=0)
            several = np.bincount(pairs[:, 0], minlength=self.count) > 1
            self._seen_elsewhere = several[persons]

    def blocks(
        self, rows: np.ndarray, progress: Callable[[int, int], None] | None = None
    ) -> Iterator[ScoreBlock]:
        """Yield the scores of some pictures, many at a time.

        Args:
            rows (np.ndarray): ``(n,)`` indices of pictures, ascending.
            progress (Callable, optional): Called with pictures done and in all.
                Defaults to None.
        """
        for queries, cosines in self._cosines.blocks(rows, progress):
            cosines[np.arange(len(queries)), queries] = -np.inf
            everywhere = self._reduce(cosines)
            elsewhere = self._leave_camera(queries, cosines, everywhere)
            yield ScoreBlock(queries, everywhere, elsewhere)

    def _leave_camera(
        self, rows: np.ndarray, cosines: np.ndarray, everywhere: np.ndarray
    ) -> np.ndarray:
        """Return the scores by pictures of other cameras; ``cosines`` are changed."""
        if self._cameras is None:
            return everywhere
        seen = self._seen_elsewhere[rows]
        same = self._cameras == self._cameras[rows, None]
        cosines[same & seen[:, None]] = -np.inf
        return self._reduce(cosines)

    def _reduce(self, cosines: np.ndarray) -> np.ndarray:
        """Turn ``(b, N)`` cosines into scores ``(b, K)``; -inf is left out."""
        scores = np.empty((len(cosines), self.count), np.float32)
        for persons, columns in self._groups:
            own = cosines[:, columns]  # (b, persons of this size, pictures of each)
            number = min(NEAREST, own.shape[2])
            own = np.partition(own, own.shape[2] - number, axis=2)[:, :, -number:]
            known = own > -np.inf
            number_known = known.sum(axis=2)
            means = np.where(known, own, 0).sum(axis=2) / np.maximum(number_known, 1)
            scores[:, persons] = np.where(number_known, means, -1)
        return scores


def _group_by_size(
    persons: np.ndarray, count: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return persons of as many pictures, and the indices of these, a row each."""
    order = np.argsort(persons, kind='stable')
    sizes = np.bincount(persons, minlength=count)
    starts = sizes.cumsum() - sizes
    groups = []
    for size in np.unique(sizes):
        alike = np.flatnonzero(sizes == size)
        groups.append((alike, order[starts[alike, None] + np.arange(size)]))
    return groups
