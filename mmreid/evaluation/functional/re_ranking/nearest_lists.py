"""Candidates for lists of nearest neighbours, and which of them are certain."""

from collections.abc import Sequence

import numpy as np

from mmreid.evaluation.functional.re_ranking.error_bounds import ErrorBounds
from mmreid.evaluation.functional.re_ranking.points import PointSet

# Points whose candidates are settled together.
_SETTLED_ROWS = 1024


class Candidates:
    """For every point, those met so far that may be among its k nearest.

    Points with more than a few times ``k`` candidates too close to tell apart are
    given up and noted as pending, so memory stays O(N k) for any vectors.

    Args:
        num_points: Number of points, N.
        length: Length of the lists, k.
        bounds: Error bounds of the values that will be offered.
    """

    def __init__(self, num_points: int, length: int, bounds: ErrorBounds) -> None:
        self._length, self._bounds = length, bounds
        room = min(4 * length + 44, num_points)
        self._values = np.full((num_points, room), np.inf, np.float32)
        self._columns = np.zeros((num_points, room), np.int32)
        self._counts = np.zeros(num_points, np.int64)
        self._limits = np.full(num_points, np.inf if bounds.useful else -np.inf)
        self._limits = self._limits.astype(np.float32)

    @property
    def capacity(self) -> int:
        """Number of candidates that a point can have."""
        return self._values.shape[1]

    @property
    def pending(self) -> np.ndarray:
        """Points whose lists these candidates cannot give."""
        return np.flatnonzero(np.isneginf(self._limits))

    def offer(self, first_row: int, first_column: int, block: np.ndarray) -> None:
        """Keep what is small enough of a block of values.

        Args:
            first_row: The point that the block's first row belongs to.
            first_column: The point that its first column belongs to.
            block: ``(n, m)`` float32 values, in rows or (a transposed view) columns.
        """
        rows = np.arange(first_row, first_row + len(block))
        unseen = np.isposinf(self._limits[rows])
        if unseen.any():
            self._tighten(rows[unseen], block[unseen])
        hits, columns = _nonzero(block <= self._limits[rows, None])
        counts = np.bincount(hits, minlength=len(block))
        crowded = self._counts[rows] + counts > self.capacity
        if crowded.any():
            self._make_room(rows[crowded], block[crowded])
            fits = block[hits, columns] <= self._limits[rows][hits]
            hits, columns = hits[fits], columns[fits]
            counts = np.bincount(hits, minlength=len(block))
        starts = counts.cumsum() - counts
        places = np.arange(len(hits)) + (self._counts[rows] - starts)[hits]
        self._values[rows[hits], places] = block[hits, columns]
        self._columns[rows[hits], places] = columns + first_column
        self._counts[rows] += counts
        self._compact(rows[self._counts[rows] >= 2 * self._length])

    def take(self, first_row: int, columns: np.ndarray, values: np.ndarray) -> None:
        """Take over the :attr:`capacity` smallest values of some points.

        Args:
            first_row: The point that the first row belongs to.
            columns: ``(n, capacity)`` the points met.
            values: ``(n, capacity)`` float32, theirs.
        """
        rows = np.arange(first_row, first_row + len(values))
        self._values[rows] = values
        self._columns[rows] = columns
        self._counts[rows] = self.capacity
        self._tighten(rows, values)
        incomplete = values.max(axis=1) <= self._limits[rows]
        if self.capacity < len(self._counts):
            self._limits[rows[incomplete]] = -np.inf

    def settle(self, points: PointSet, cuts: Sequence[int]) -> np.ndarray:
        """Return the nearest points of every point, ``(N, k)`` int32.

        For each ``n`` of ``cuts`` the first ``n`` of a row are exactly the ``n``
        nearest. Rows of pending points say nothing.

        Args:
            points: The points.
            cuts: The lengths that matter, ascending, the last one k.
        """
        indices = np.empty((len(self._counts), self._length), np.int32)
        for start in range(0, len(indices), _SETTLED_ROWS):
            rows = np.arange(start, min(start + _SETTLED_ROWS, len(indices)))
            self._compact(rows)
            width = max(int(self._counts[rows].max()), self._length)
            columns = self._columns[rows, :width]
            values = self._values[rows, :width].astype(np.float64)
            values, columns = _by_value(values, columns)
            errors = self._bounds.of_pairs(rows[:, None], columns)
            unsure = _uncertain(values, errors, cuts)
            unsure[np.isneginf(self._limits[rows])] = False
            at, place = np.nonzero(unsure)
            values[at, place] = points.exact_distances(rows[at], columns[at, place])
            indices[rows] = _by_value(values, columns)[1][:, : self._length]
        return indices

    def _tighten(self, rows: np.ndarray, values: np.ndarray) -> None:
        """Lower limits by ``(n, m)`` values, which need not be all there are."""
        if len(rows) and values.shape[1] >= self._length:
            kth = np.partition(values, self._length - 1)[:, self._length - 1]
            limits = self._bounds.limits(rows, kth.astype(np.float64))
            limits = np.minimum(self._limits[rows], limits.astype(np.float32))
            self._limits[rows] = limits

    def _compact(self, rows: np.ndarray) -> None:
        """Forget candidates that are none any more."""
        values, columns = self._values[rows], self._columns[rows]
        self._tighten(rows, values)
        keep = values <= self._limits[rows, None]
        keep &= np.isfinite(values)
        order = np.argsort(~keep, axis=1, kind='stable')
        values[~keep] = np.inf
        self._values[rows] = np.take_along_axis(values, order, 1)
        self._columns[rows] = np.take_along_axis(columns, order, 1)
        self._counts[rows] = keep.sum(axis=1)

    def _make_room(self, rows: np.ndarray, block: np.ndarray) -> None:
        """Lower limits so that a block's candidates fit; give up where they do not."""
        self._tighten(rows, block)
        self._compact(rows)
        counts = self._counts[rows] + (block <= self._limits[rows, None]).sum(axis=1)
        hopeless = rows[counts > self.capacity]
        self._limits[hopeless] = -np.inf
        self._counts[hopeless] = 0
        self._values[hopeless] = np.inf


def _nonzero(hits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the true elements, ordered by row, then column."""
    if hits.flags.c_contiguous:
        return np.divmod(np.flatnonzero(hits), hits.shape[1])
    columns, rows = np.divmod(np.flatnonzero(hits.T), hits.shape[0])
    order = np.argsort(rows, kind='stable')
    return rows[order], columns[order]


def _by_value(values: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sort rows by value, equal values by column."""
    order = np.lexsort((columns, values), axis=1)
    return np.take_along_axis(values, order, 1), np.take_along_axis(columns, order, 1)


def _uncertain(
    values: np.ndarray, errors: np.ndarray, cuts: Sequence[int]
) -> np.ndarray:
    """Tell which of the sorted values may belong on the other side of a cut."""
    low, high = values - errors, values + errors
    highest_before = np.maximum.accumulate(high, axis=1)
    lowest_behind = np.minimum.accumulate(low[:, ::-1], axis=1)[:, ::-1]
    unsure = np.zeros(values.shape, bool)
    for cut in cuts:
        if cut < values.shape[1]:
            unsure[:, :cut] |= high[:, :cut] >= lowest_behind[:, cut, None]
            unsure[:, cut:] |= low[:, cut:] <= highest_before[:, cut - 1, None]
    return unsure & np.isfinite(values)
