"""Wrong answers before each match, for some rows of values at once."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from mmreid.evaluation.functional.relevance import MarketRelevance
from mmreid.evaluation.functional.streaming import Block, StreamedDistances


class RowCounts:
    """The matches of some queries and the wrong answers near or before them.

    All rows are searched as one ascending list: :meth:`_place` gives a value of row
    ``i`` a number in ``[i, i + 1)``. It is a rounded, but monotone function of the
    value; so a value whose place lies outside an interval's lies outside it for
    certain.

    Args:
        distances: Streamed distances.
        relevance: The right answers.
        block: Products of queries that have matches; overwritten.

    Attributes:
        num_close: ``(n,)`` for each row, how often a wrong answer is too close to a
            match to tell which comes first.
    """

    def __init__(
        self, distances: StreamedDistances, relevance: MarketRelevance, block: Block
    ) -> None:
        self._distances = distances
        self._queries, values, self._margins = block
        self._shifts = np.array([distances.shift(q) for q in block.queries.tolist()])
        distances.finish(values)
        self._find_matches(values, relevance.matches)
        # Two matches may change places without changing any count.
        rows, persons, _ = self._gather(relevance.same_person)
        values[rows, persons] = np.inf
        self._find_wrong(values)
        margins = self._margins[self._rows]
        upper = self._place(self._keys + margins, self._rows)
        lower = self._place(self._keys - margins, self._rows)
        # Counts of all rows before are included, here and below, until the end.
        self._before = self._ordered.searchsorted(lower, 'left')
        self._close = self._ordered.searchsorted(upper, 'right') - self._before
        self.num_close = np.add.reduceat(self._close, self._starts)

    def count(self, chosen: np.ndarray) -> list[np.ndarray]:
        """Return each row's counts, ascending; those of ``chosen`` rows are exact.

        Args:
            chosen: ``(n,)`` bool; the close calls of these rows are decided.
        """
        counts = self._before
        unsure = (self._close > 0) & chosen[self._rows]
        if unsure.any():
            counts[unsure] = self._decide(unsure)
        counts = counts - self._bounds[self._rows]
        counts = counts[np.lexsort((counts, self._rows))]
        return np.split(counts, self._starts[1:])

    def _gather(
        self, list_of: Callable[[int], np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the rows and gallery indices of a relation, and how many per row."""
        parts = [list_of(query) for query in self._queries.tolist()]
        lengths = np.array([len(part) for part in parts])
        return np.arange(len(parts)).repeat(lengths), np.concatenate(parts), lengths

    def _find_matches(
        self, values: np.ndarray, matches_of: Callable[[int], np.ndarray]
    ) -> None:
        """Find the matches and their values, the keys, ascending in each row."""
        self._rows, matches, lengths = self._gather(matches_of)
        keys = values[self._rows, matches].astype(np.float64)
        order = np.lexsort((keys, self._rows))
        self._matches, self._keys = matches[order], keys[order]
        self._starts = lengths.cumsum() - lengths

    def _find_wrong(self, values: np.ndarray) -> None:
        """Find the wrong answers that may come before a row's last match."""
        last = np.append(self._starts[1:], len(self._rows)) - 1
        limits = (self._keys[last] + self._margins).astype(values.dtype)
        limits = np.nextafter(limits, values.dtype.type(np.inf))
        self._wrong = np.flatnonzero(values <= limits[:, None])
        self._near = values.ravel()[self._wrong]
        self._width = values.shape[1]
        ends = np.arange(len(values) + 1) * self._width
        self._bounds = self._wrong.searchsorted(ends)
        self._low = min(self._near.min(initial=np.inf), self._keys.min())
        self._span = float(limits.max() - self._low)
        bounds = self._bounds.tolist()
        self._order = np.empty(len(self._wrong), np.int64)
        for start, stop in pairwise(bounds):
            self._order[start:stop] = self._near[start:stop].argsort()
            self._order[start:stop] += start
        rows = np.arange(len(values)).repeat(np.diff(self._bounds))
        self._ordered = self._place(self._near[self._order], rows)

    def _place(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return numbers that ascend with the row, then with the value."""
        places = np.subtract(values, self._low, dtype=np.float64)
        places /= 2 * self._span
        np.clip(places, 0, 0.75, out=places)
        places += rows
        return places

    def _decide(self, unsure: np.ndarray) -> np.ndarray:
        """Return the wrong answers before the unsure matches, in any order in a row.

        A match's exact distance halves the interval of the wrong answers that have to
        be compared with it.
        """
        rows, matches = self._rows[unsure], self._matches[unsure]
        keys = exact = self._keys[unsure]
        if not self._distances.approximate:
            exact = self._distances.exact(self._queries[rows], matches)
            order = np.lexsort((exact, rows))
            rows, matches, exact = rows[order], matches[order], exact[order]
            keys = self._distances.key(exact) - self._shifts[rows]
        halves = self._margins[rows] / 2
        lower, upper = (self._place(x, rows) for x in (keys - halves, keys + halves))
        first = self._ordered.searchsorted(lower, 'left')
        close = _union(first, self._ordered.searchsorted(upper, 'right'))
        certain = first - close.searchsorted(first, 'left')
        return certain + self._count_close(self._order[close], rows, matches, exact)

    def _count_close(
        self,
        close: np.ndarray,
        rows: np.ndarray,
        matches: np.ndarray,
        exact: np.ndarray,
    ) -> np.ndarray:
        """Count the close wrong answers that come before each of some matches."""
        wrong_rows, wrong = np.divmod(self._wrong[close], self._width)
        if self._distances.approximate:
            distances = self._near[close]
        else:
            distances = self._distances.exact(self._queries[wrong_rows], wrong)
        distances = np.concatenate((distances, exact))
        indices = np.concatenate((wrong, matches))
        order = np.lexsort((indices, distances, np.concatenate((wrong_rows, rows))))
        smaller = np.empty(len(order), np.int64)
        smaller[order] = (order < len(wrong)).cumsum()
        return smaller[len(wrong) :]


def _union(starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Return the numbers in any of some ranges, whose starts and stops both ascend."""
    starts = np.maximum(starts, np.append(0, stops[:-1]))
    lengths = stops - starts
    ends = lengths.cumsum()
    total = ends[-1]
    return np.arange(total) + (starts - (ends - lengths)).repeat(lengths)
