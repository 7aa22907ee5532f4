"""How likely one person is seen by two cameras at two times."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from mmreid.arguments import check_number
from mmreid.evaluation.test_set import Images

# The Gaussian is cut where it is hardly above zero, as the released program does.
_CUT = 3


@dataclass(frozen=True, eq=False)
class TimePrior:
    """Counted differences of times between cameras, and the probabilities they give.

    Attributes:
        cameras: ``(C,)`` int64, ascending.
        counts: ``(C, C, B)`` int64: how many persons the first camera saw later than
            the second, by the difference of their mean times, in bins.
        bin_width: Width of a bin, in the unit of the times.
        sigma: Standard deviation of the Gaussian that smooths, in bins.
        clock: ``'shared'``, ``'camera'`` or None, unknown; of the times.
        learned_from: Plain Python: whose labels the counts come from.

    Raises:
        ValueError: Arrays that do not fit together, or numbers out of range.
    """

    cameras: np.ndarray
    counts: np.ndarray
    bin_width: float = 100
    sigma: float = 50
    clock: str | None = None
    learned_from: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_number('bin_width', self.bin_width, above=0)
        check_number('sigma', self.sigma, above=0)
        size, shape = len(self.cameras), self.counts.shape
        if len(shape) != 3 or shape[:2] != (size, size) or not shape[2]:
            raise ValueError(
                f'counts of {size} cameras must be of shape ({size}, {size}, B), got '
                f'{shape}.'
            )
        if (np.diff(self.cameras) <= 0).any() or (self.counts < 0).any():
            raise ValueError('cameras must be ascending, and counts from 0.')

    @property
    def num_bins(self) -> int:
        """Number of bins."""
        return self.counts.shape[2]

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Smoothed counts, ``(C, C, B)`` float64.

        They add up to one for every pair of cameras; all are zero where no person was
        seen by both.
        """
        reach = min(int(_CUT * self.sigma), self.num_bins - 1)
        bell = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / self.sigma))
        smooth = np.zeros(self.counts.shape)
        for pair in np.argwhere(self.counts.any(axis=2)).tolist():
            row = self.counts[tuple(pair)].astype(np.float64)
            wide = np.convolve(row, bell)[reach : reach + self.num_bins]
            smooth[tuple(pair)] = wide / wide.sum()
        return smooth

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that tell priors apart."""
        numbers = [float(self.bin_width), float(self.sigma), *self.counts.shape]
        digest = hashlib.sha256(f'{numbers} {self.clock}'.encode())
        for array in (self.cameras, self.counts):
            digest.update(np.ascontiguousarray(array, '<i8').data)
        return digest.hexdigest()[:12]

    def describe(self) -> dict[str, Any]:
        """Tell in plain Python what a stamp has to tell."""
        return dict(
            digest=self.digest,
            learned_from=dict(self.learned_from),
            num_differences=int(self.counts.sum()),
            bin_width=self.bin_width,
            num_bins=self.num_bins,
            sigma=self.sigma,
            clock=self.clock,
        )

    def between(self, images: Images, others: Images) -> np.ndarray:
        """Return how likely pairs of pictures are, if both show one person.

        Zero for two cameras between which no person was counted, pictures of one and
        the same camera among them, and beyond the last bin, as published; of a
        uniform distribution, ``1 / B``, where a time is not known.

        Args:
            images (Images): ``n``, with cameras and times.
            others (Images): ``m``, likewise. Of two equal times theirs counts as the
                later one, as published.

        Returns:
            np.ndarray: ``(n, m)`` float64.
        """
        rows, times = self._places(images)
        columns, other_times = self._places(others)
        return self._look_up(rows[:, None], columns, times[:, None], other_times)

    def of_pairs(self, images: Images, others: Images) -> np.ndarray:
        """Return how likely each picture and its partner are, if both show one person.

        Args:
            images (Images): ``n``, with cameras and times.
            others (Images): ``n``, their partners.

        Returns:
            np.ndarray: ``(n,)`` float64, as of :meth:`between`.
        """
        rows, times = self._places(images)
        columns, other_times = self._places(others)
        return self._look_up(rows, columns, times, other_times)

    def _look_up(
        self,
        rows: np.ndarray,
        columns: np.ndarray,
        times: np.ndarray,
        other_times: np.ndarray,
    ) -> np.ndarray:
        """Find probabilities of places and times, which are broadcast."""
        difference = times - other_times
        known = np.isfinite(difference)
        steps = np.abs(np.where(known, difference, 0)) / self.bin_width
        inside = known & (steps < self.num_bins) & (rows >= 0) & (columns >= 0)
        size = len(self.cameras)
        pairs = np.where(difference > 0, rows * size + columns, columns * size + rows)
        places = np.where(inside, pairs * self.num_bins + steps.astype(np.int64), 0)
        found = self.probabilities.reshape(-1)[places]
        found[~inside] = 0
        found[~known] = 1 / self.num_bins
        return found

    def _places(self, images: Images) -> tuple[np.ndarray, np.ndarray]:
        """Return the cameras' places here, -1 for unknown ones, and the times."""
        places = np.searchsorted(self.cameras, images.cam_id)
        places[places == len(self.cameras)] = 0
        places[self.cameras[places] != images.cam_id] = -1
        times = images.time
        return places, np.full(len(images), np.nan) if times is None else times
