"""Lists of nearest points, filled while fast values pass, and then made exact."""

from collections.abc import Sequence

import numpy as np

from mmreid.evaluation.functional.re_ranking.points import Points

# Points whose lists are decided together.
_DECIDED_ROWS = 1024


class NearestLists:
    """For every point, those met so far that may be among its k nearest.

    Points with more than a few times ``k`` close calls, which fast values cannot tell
    apart, are given up and stay undecided, so memory stays O(N k) for any vectors.

    Args:
        points (Points): The points, N of them.
        length (int): Length of the lists, k.
    """

    def __init__(self, points: Points, length: int) -> None:
        self._points, self._length = points, length
        num_points = len(points)
        room = min(4 * length + 44, num_points)
        self._values = np.full((num_points, room), np.inf, np.float32)
        self._columns = np.zeros((num_points, room), np.int32)
        self._counts = np.zeros(num_points, np.int64)
        # Vectors may have so many components that the bound says nothing.
        useful = 0 < points.errors[np.float32] < 0.01
        limit = np.inf if useful else -np.inf
        self._limits = np.full(num_points, limit, np.float32)

    @property
    def capacity(self) -> int:
        """Number of points that a list has room for."""
        return self._values.shape[1]

    @property
    def undecided(self) -> np.ndarray:
        """Points whose nearest ones fast values cannot give."""
        return np.flatnonzero(np.isneginf(self._limits))

    def offer(self, first_row: int, first_column: int, block: np.ndarray) -> None:
        """Keep what is small enough of a block of fast values.

        Args:
            first_row (int): The point that the block's first row belongs to.
            first_column (int): The point that its first column belongs to.
            block (np.ndarray): ``(n, m)`` float32 values, in rows or (a transposed
                view) columns.
        """
        rows = np.arange(first_row, first_row + len(block))
        unseen = np.isposinf(self._limits[rows])
        if unseen.any():
            self._tighten(rows[unseen], block[unseen])
        entries, columns = _nonzero(block <= self._limits[rows, None])
        counts = np.bincount(entries, minlength=len(block))
        crowded = self._counts[rows] + counts > self.capacity
        if crowded.any():
            self._make_room(rows[crowded], block[crowded])
            fits = block[entries, columns] <= self._limits[rows][entries]
            entries, columns = entries[fits], columns[fits]
            counts = np.bincount(entries, minlength=len(block))
        starts = counts.cumsum() - counts
        places = np.arange(len(entries)) + (self._counts[rows] - starts)[entries]
        self._values[rows[entries], places] = block[entries, columns]
        self._columns[rows[entries], places] = columns + first_column
        self._counts[rows] += counts
        self._compact(rows[self._counts[rows] >= 2 * self._length])

    def take(self, first_row: int, columns: np.ndarray, values: np.ndarray) -> None:
        """Take over the :attr:`capacity` smallest values of some points.

        Args:
            first_row (int): The point that the first row belongs to.
            columns (np.ndarray): ``(n, capacity)`` the points met.
            values (np.ndarray): ``(n, capacity)`` float32, theirs.
        """
        rows = np.arange(first_row, first_row + len(values))
        self._values[rows] = values
        self._columns[rows] = columns
        self._counts[rows] = self.capacity
        self._tighten(rows, values)
        incomplete = values.max(axis=1) <= self._limits[rows]
        if self.capacity < len(self._counts):
            self._limits[rows[incomplete]] = -np.inf

    def decide(self, cuts: Sequence[int]) -> np.ndarray:
        """Return the nearest points of every point, ``(N, k)`` int32.

        For each ``n`` of ``cuts`` the first ``n`` of a row are exactly the ``n``
        nearest. Rows of undecided points say nothing.

        Args:
            cuts (Sequence[int]): The lengths that matter, ascending, the last one k.
        """
        indices = np.empty((len(self._counts), self._length), np.int32)
        for start in range(0, len(indices), _DECIDED_ROWS):
            rows = np.arange(start, min(start + _DECIDED_ROWS, len(indices)))
            self._compact(rows)
            width = max(int(self._counts[rows].max()), self._length)
            columns = self._columns[rows, :width]
            values = self._values[rows, :width].astype(np.float64)
            values, columns = _by_value(values, columns)
            errors = self._points.pair_errors(rows[:, None], columns)
            close = _find_close(values, errors, cuts)
            close[np.isneginf(self._limits[rows])] = False
            entries, places = np.nonzero(close)
            pairs = rows[entries], columns[entries, places]
            values[entries, places] = self._points.exact(*pairs)
            indices[rows] = _by_value(values, columns)[1][:, : self._length]
        return indices

    def _tighten(self, rows: np.ndarray, values: np.ndarray) -> None:
        """Lower limits by ``(n, m)`` values, which need not be all there are."""
        limits = self._points.limits(rows, values, self._length)
        self._limits[rows] = np.minimum(self._limits[rows], limits.astype(np.float32))

    def _compact(self, rows: np.ndarray) -> None:
        """Forget points that cannot be among the nearest any more."""
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
        """Lower limits so that a block fits into the lists, or give points up."""
        self._tighten(rows, block)
        self._compact(rows)
        counts = self._counts[rows] + (block <= self._limits[rows, None]).sum(axis=1)
        hopeless = rows[counts > self.capacity]
        self._limits[hopeless] = -np.inf
        self._counts[hopeless] = 0
        self._values[hopeless] = np.inf


def _nonzero(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the true elements, ordered by row, then column."""
    if mask.flags.c_contiguous:
        return np.divmod(np.flatnonzero(mask), mask.shape[1])
    columns, rows = np.divmod(np.flatnonzero(mask.T), mask.shape[0])
    order = np.argsort(rows, kind='stable')
    return rows[order], columns[order]


def _by_value(values: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sort rows by value, equal values by column."""
    order = np.lexsort((columns, values), axis=1)
    return np.take_along_axis(values, order, 1), np.take_along_axis(columns, order, 1)


def _find_close(
    values: np.ndarray, errors: np.ndarray, cuts: Sequence[int]
) -> np.ndarray:
    """Tell which of the sorted values may belong on the other side of a cut."""
    low, high = values - errors, values + errors
    highest_before = np.maximum.accumulate(high, axis=1)
    lowest_behind = np.minimum.accumulate(low[:, ::-1], axis=1)[:, ::-1]
    close = np.zeros(values.shape, bool)
    for cut in cuts:
        if cut < values.shape[1]:
            close[:, :cut] |= high[:, :cut] >= lowest_behind[:, cut, None]
            close[:, cut:] |= low[:, cut:] <= highest_before[:, cut - 1, None]
    return close & np.isfinite(values)
