"""Which boxes of a table become pictures of a data set."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmreid.arguments import check_number
from mmreid.datasets.boxes.box_table import BoxTable


@dataclass(frozen=True)
class CropChoice:
    """What is asked of a box.

    Attributes:
        every: Of the boxes of a track every n-th is taken, from the first on.
        min_size: Width and height in pixels, after clipping.
        min_score: The least score; a box without one is taken. None: all, but those
            that MOTChallenge's ground truth marks by 0 as not to be considered.
        labels: The labels that are taken; None: all.

    Raises:
        ValueError: A number is out of range.
    """

    every: int = 1
    min_size: tuple[int, int] = (1, 1)
    min_score: float | None = None
    labels: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_number('every', self.every, above=0)
        for length in self.min_size:
            check_number('min_size', length, above=0)

    def choose(self, table: BoxTable) -> tuple[np.ndarray, Counter[str]]:
        """Choose the rows of a table.

        Args:
            table (BoxTable): The boxes.

        Returns:
            tuple[np.ndarray, Counter[str]]: The rows, and how many others there are by
            the reason to leave them out.

        Raises:
            ValueError: A label that the table lacks, or no box of a track.
        """
        kept = np.ones(len(table), bool)
        counts: Counter[str] = Counter()

        def keep(good: np.ndarray, reason: str) -> None:
            counts[reason] += int((kept & ~good).sum())
            kept[:] &= good

        keep(table.track >= 0, 'without a track number')
        if not kept.any():
            raise ValueError(
                'None of the boxes has a track number: crops of a data set need to '
                'know who is who; a tracker tells.'
            )
        if self.labels is not None:
            keep(self._has_label(table), f'of other labels than {[*self.labels]}')
        if self.min_score is not None:
            low = table.score < self.min_score
            keep(~low, f'of a score below {self.min_score:g}')
        elif 'visibility' in table.extra:
            keep(table.score != 0, 'marked by 0 as not to be considered')
        rows = np.flatnonzero(kept)
        order = rows[np.lexsort((table.frame[rows], table.track[rows]))]
        starts = np.flatnonzero(np.diff(table.track[order], prepend=-1))
        lengths = np.diff(np.append(starts, len(order)))
        place = np.arange(len(order)) - np.repeat(starts, lengths)
        chosen = np.sort(order[place % self.every == 0])
        counts[f'between every {self.every} of a track'] = len(rows) - len(chosen)
        return chosen, +counts

    def _has_label(self, table: BoxTable) -> np.ndarray:
        assert self.labels is not None  # where this is called
        label = np.full(len(table), '') if table.label is None else table.label
        there = [name for name in np.unique(label).tolist() if name]
        if missing := sorted({*self.labels} - {*there}):
            raise ValueError(
                f'labels must be some of {there[:9]}, which the boxes have, got '
                f'{missing}.'
            )
        return np.isin(label, [*self.labels])
