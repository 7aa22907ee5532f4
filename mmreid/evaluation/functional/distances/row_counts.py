"""Wrong answers before each match, for some rows of values at once."""

import numpy as np

from mmreid.evaluation.functional.distances.ranges import join_union
from mmreid.evaluation.functional.distances.streamed import Block, StreamedDistances
from mmreid.evaluation.functional.ranking.relevance import Relevance

# Values that stay in a cache from one of NumPy's calls to the next. With fewer, threads
# spend their time on handing the interpreter's lock to each other.
_TILE = 1 << 18


class RowCounts:
    """The matches of some queries and the wrong answers near or before them.

    All rows are searched as one ascending list: :meth:`_place` makes a whole number
    of a value and its row. It is a rounded, but monotone function of the value; so a
    value whose place lies outside an interval's lies outside it for certain.

    Args:
        distances: Streamed distances.
        relevance: The right answers.
        block: Products of queries that have matches; changed.

    Attributes:
        num_close: ``(n,)`` for each row, how often a wrong answer is too close to a
            match to tell which comes first.
    """

    def __init__(
        self, distances: StreamedDistances, relevance: Relevance, block: Block
    ) -> None:
        self._distances = distances
        self._queries, products, self._margins = block
        self._rows, self._matches = relevance.all_matches(self._queries)
        self._sort_matches(products)
        # Two matches may change places without changing any count.
        products[relevance.all_same_person(self._queries)] = np.inf
        self._find_wrong(products)
        margins = self._margins[self._rows]
        upper = self._place(self._keys + margins, self._rows)
        lower = self._place(self._keys - margins, self._rows)
        # Counts of all rows before are included, here and below, until the end.
        self._before = self._ordered.searchsorted(lower, 'left')
        self._close = self._ordered.searchsorted(upper, 'right') - self._before
        self.num_close = np.add.reduceat(self._close, self._starts)

    def count(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the counts of some rows, one row after another, ascending in each.

        Args:
            chosen: ``(n,)`` bool; the close calls of these rows are decided.

        Returns:
            The counts, and beside each whether a wrong answer is exactly as far as the
            match.
        """
        counts, wanted = self._before, chosen[self._rows]
        unsure = (self._close > 0) & wanted
        tied = np.zeros(len(counts), bool)
        if unsure.any():
            counts[unsure], tied[unsure] = self._decide(unsure)
        counts = counts - self._bounds[self._rows]
        order = np.lexsort((counts, self._rows))
        kept = order[wanted[order]]
        return counts[kept], tied[kept]

    def _sort_matches(self, products: np.ndarray) -> None:
        """Find the values of the matches, the keys, and sort both in each row."""
        keys = products[self._rows, self._matches]
        self._distances.finish_some(keys, self._matches)
        order = np.lexsort((keys, self._rows))
        self._matches, self._keys = self._matches[order], keys[order].astype(np.float64)
        self._starts = self._rows.searchsorted(np.arange(len(products)))

    def _find_wrong(self, products: np.ndarray) -> None:
        """Find the wrong answers that may come before a row's last match."""
        last = np.append(self._starts[1:], len(self._rows)) - 1
        limits = (self._keys[last] + self._margins).astype(products.dtype)
        limits = np.nextafter(limits, products.dtype.type(np.inf))
        wrong = self._find_near(products, limits[:, None])
        ends = np.arange(len(products) + 1) * products.shape[1]
        self._bounds = wrong.searchsorted(ends)
        rows = np.arange(len(products)).repeat(np.diff(self._bounds))
        near = products.ravel().take(wrong)
        wrong -= ends[rows]
        self._distances.finish_some(near, wrong)
        self._low = min(near.min(initial=np.inf), self._keys.min())
        self._span = float(limits.max() - self._low)
        # Place and index in one number: NumPy sorts numbers much faster than indices.
        index_bits = len(near).bit_length()
        self._place_bits = 62 - index_bits - len(products).bit_length()
        places = self._place(near, rows)
        places <<= index_bits
        places += np.arange(len(places))
        places.sort()
        self._order = places & ((1 << index_bits) - 1)
        self._ordered = places >> index_bits
        self._wrong, self._near, self._wrong_rows = wrong, near, rows

    def _find_near(self, products: np.ndarray, limits: np.ndarray) -> np.ndarray:
        """Return where in the flattened rows values are not beyond the row's limit."""
        width = products.shape[1]
        height = min(len(products), max(1, _TILE // width))
        values = np.empty((height, width), products.dtype)
        is_near = np.empty((height, width), bool)
        found = []
        for start in range(0, len(products), height):
            tile = products[start : start + height]
            part = slice(0, len(tile))
            finished = self._distances.finish(tile, values[part])
            np.less_equal(finished, limits[start : start + height], out=is_near[part])
            found.append(np.flatnonzero(is_near[part]))
            found[-1] += start * width
        return np.concatenate(found)

    def _place(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return whole numbers that ascend with the row, then with the value."""
        places = np.subtract(values, self._low, dtype=np.float64)
        places /= 2 * self._span
        np.clip(places, 0, 0.75, out=places)
        places *= 1 << self._place_bits
        return places.astype(np.int64) + (rows << self._place_bits)

    def _decide(self, unsure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the wrong answers before the unsure matches, in any order in a row.

        Beside each stands whether it is tied with one.

        A match's exact distance halves the interval of the wrong answers that have to
        be compared with it.
        """
        rows, matches = self._rows[unsure], self._matches[unsure]
        keys = exact = self._keys[unsure]
        if not self._distances.approximate:
            queries = self._queries[rows]
            exact = self._distances.exact(queries, matches)
            order = np.lexsort((exact, rows))
            rows, matches, exact = rows[order], matches[order], exact[order]
            keys = self._distances.key(exact) - self._distances.shift(queries)
        halves = self._margins[rows] / 2
        lower, upper = (self._place(x, rows) for x in (keys - halves, keys + halves))
        first = self._ordered.searchsorted(lower, 'left')
        close = join_union(first, self._ordered.searchsorted(upper, 'right'))
        certain = first - close.searchsorted(first, 'left')
        before, tied = self._count_close(self._order[close], rows, matches, exact)
        return certain + before, tied

    def _count_close(
        self,
        close: np.ndarray,
        rows: np.ndarray,
        matches: np.ndarray,
        exact: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Count the close wrong answers that come before each of some matches.

        Return also which matches have a wrong answer exactly as far.
        """
        wrong_rows, wrong = self._wrong_rows[close], self._wrong[close]
        if self._distances.approximate:
            distances = self._near[close]
        else:
            distances = self._distances.exact(self._queries[wrong_rows], wrong)
        distances = np.concatenate((distances, exact))
        indices = np.concatenate((wrong, matches))
        all_rows = np.concatenate((wrong_rows, rows))
        order = np.lexsort((indices, distances, all_rows))
        is_wrong = order < len(wrong)
        places = np.empty((2, len(order)), np.int64)
        places[0, order] = is_wrong.cumsum()
        # Wrong answers among those of one row and one distance.
        differ = np.diff(distances[order]) != 0
        differ |= np.diff(all_rows[order]) != 0
        group = np.append(0, differ.cumsum())
        places[1, order] = np.bincount(group, is_wrong)[group]
        before, equal = places[:, len(wrong) :]
        return before, equal > 0
