"""Ranks of the right answers: wrong answers are counted, close calls decided."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np

from mmreid.evaluation.functional.distances.streamed import Block, StreamedDistances
from mmreid.evaluation.functional.distances.vectors import num_threads
from mmreid.evaluation.functional.ranking.relevance import Relevance, join_ranges

# Values of a task. More cost much more than NumPy's calls.
_TASK_VALUES = 1 << 20
# Bytes that a task may take for each of its values.
_BYTES_PER_VALUE = 32
# Queries that are ranked first, to learn how many close calls there are.
_NUM_TRIALS = 32
# Close calls, as parts of the gallery, from which on other products cost less: those in
# pieces, which leave an eighth of the calls, and those in float64, which leave none.
# Measured with vectors of 2048 components on one processor: a float32 product takes
# 36 ns, 3 to 6 ns more in pieces, 72 ns in float64; a close call 1,000 ns, because half
# of them need no distance of 2,000 ns.
_CALLS_WORTH_PIECES = 1 / 200
_CALLS_WORTH_FLOAT64 = 1 / 12
# Of a row every 64th value tells how many come before its last match. Where these are
# more than a quarter, sorting all of them takes less time than choosing them first.
_SAMPLE_STEP, _DEEP = 64, 1 / 4
# Values are compared with so many intervals one by one, with more of them by a table of
# equal steps.
_FEW_INTERVALS = 6
_NUM_STEPS = 4096


class _RowRanks(NamedTuple):
    """Ranks of the matches of a task's queries, as far as they are decided.

    Attributes:
        decided: Queries whose matches are ranked.
        counts: Wrong answers before each of their matches, ascending in each query.
        tied: Whether a wrong answer is exactly as far as the match.
        num_close: Close calls of all the queries.
    """

    decided: np.ndarray
    counts: np.ndarray
    tied: np.ndarray
    num_close: int


def count_wrong_answers(
    distances: StreamedDistances, relevance: Relevance
) -> tuple[np.ndarray, np.ndarray]:
    """Count, for each match of each query, the wrong answers that come before it.

    A wrong answer comes before a match if its float64 distance is smaller, or equal
    with a smaller gallery index. The matches are looked up in the sorted values of
    their query's wrong answers. Only close calls, wrong answers whose value is within
    the margin of a match's, are compared in float64. Queries with very many of them
    stay undecided until they are streamed again in float64. The products use all
    processors; what follows a product is done by a few threads for a few rows each.

    Args:
        distances (StreamedDistances): Distances in which junk is infinitely far.
        relevance (Relevance): The right answers.

    Returns:
        tuple[np.ndarray, np.ndarray]: One count per match, one query after another and
        ascending in each: the rank of a query's i-th match, from 0, is its count plus
        i plus 1. And beside each whether a wrong answer is exactly as far as the
        match, so that nothing but the order of the gallery decides.
    """
    counts = np.empty(relevance.num_matches.sum(), np.int64)
    tied = np.empty(len(counts), bool)
    stops = relevance.num_matches.cumsum()
    starts = stops - relevance.num_matches
    is_undecided = relevance.num_matches > 0
    queries = np.flatnonzero(is_undecided)
    queries = queries[:: max(1, len(queries) // _NUM_TRIALS)]
    width = len(distances.gallery)
    # Each thread looks at one row at least.
    affordable = distances.memory_budget // (_BYTES_PER_VALUE * width)
    threads = max(1, min(num_threads(), affordable))
    height = max(1, min(_TASK_VALUES // width, affordable // threads))
    coarsest, finest = distances.precisions[0], distances.precisions[-1]
    mean_close = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for dtype in (coarsest, coarsest, finest):
            limit = np.inf if dtype == finest else max(64, width * _CALLS_WORTH_FLOAT64)
            task = partial(_rank_rows, distances, relevance, limit)
            pieces = mean_close > width * _CALLS_WORTH_PIECES
            num_close = 0
            for block in distances.blocks(queries, dtype, pieces):
                for ranks in pool.map(task, block.split(height)):
                    places = join_ranges(starts[ranks.decided], stops[ranks.decided])
                    counts[places], tied[places] = ranks.counts, ranks.tied
                    is_undecided[ranks.decided] = False
                    num_close += ranks.num_close
            mean_close = num_close / max(1, len(queries))
            queries = np.flatnonzero(is_undecided)
    return counts, tied


def _rank_rows(
    distances: StreamedDistances,
    relevance: Relevance,
    limit: float,
    block: Block,
) -> _RowRanks:
    """Rank the matches of the queries that have at most ``limit`` close calls."""
    queries, values, margins = block
    distances.finish(values)
    rows, matches = relevance.all_matches(queries)
    keys = values[rows, matches].astype(np.float64)
    order = np.lexsort((keys, rows))
    matches, keys = matches[order], keys[order]
    # Two matches may change places without changing any count.
    values[relevance.all_same_person(queries)] = np.inf
    ends = rows.searchsorted(np.arange(len(queries)), 'right') - 1
    ordered = _sort_rows(values, keys[ends] + margins)
    _, first, stop = _find_places(ordered, rows, keys, margins[rows])
    num_close = np.bincount(rows, stop - first, minlength=len(queries))
    is_decided = num_close <= limit
    wanted = is_decided[rows]
    counts, tied = first, np.zeros(len(first), bool)
    close = wanted & (stop > first)
    if close.any():
        counts[close], tied[close] = _CloseCalls(distances, block, ordered).decide(
            rows[close], matches[close], keys[close]
        )
    order = np.lexsort((counts, rows))
    order, calls = order[wanted[order]], int(num_close.sum())
    return _RowRanks(queries[is_decided], counts[order], tied[order], calls)


def _sort_rows(values: np.ndarray, limits: np.ndarray) -> list[np.ndarray]:
    """Sort the values of each row that are not beyond its limit, and maybe more."""
    limits = np.nextafter(limits.astype(values.dtype), values.dtype.type(np.inf))
    is_deep = (values[:, ::_SAMPLE_STEP] <= limits[:, None]).mean(axis=1) > _DEEP
    return [
        np.sort(row if deep else row[row <= limit])
        for row, limit, deep in zip(values, limits, is_deep, strict=True)
    ]


def _find_places(
    ordered: list[np.ndarray], rows: np.ndarray, keys: np.ndarray, widths: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the values that lie around keys.

    Args:
        ordered (list[np.ndarray]): Sorted rows, of any lengths.
        rows (np.ndarray): ``(m,)`` the row of each key, ascending.
        keys (np.ndarray): ``(m,)`` float64.
        widths (np.ndarray): ``(m,)``, how far around it.

    Returns:
        tuple[np.ndarray, np.ndarray, np.ndarray]: The ends of each interval ``(2, m)``,
        rounded away from the key; the place of the first value in it; and that of the
        first one behind it.
    """
    dtype = ordered[0].dtype
    ends = np.stack((keys - widths, keys + widths)).astype(dtype)
    outwards = np.array([[-np.inf], [np.inf]], dtype)
    ends = np.nextafter(ends, outwards)
    places = np.empty(ends.shape, np.int64)
    bounds = rows.searchsorted(np.arange(len(ordered) + 1)).tolist()
    for row, start, stop in zip(ordered, bounds, bounds[1:], strict=False):
        part = slice(start, stop)
        places[0, part] = row.searchsorted(ends[0, part], 'left')
        places[1, part] = row.searchsorted(ends[1, part], 'right')
    return ends, places[0], places[1]


class _CloseCalls:
    """Matches and wrong answers whose values are too close to tell which is nearer.

    Args:
        distances (StreamedDistances): The distances.
        block (Block): Values of some queries, those of right answers infinite.
        ordered (list[np.ndarray]): The sorted values of each row, those far behind the
            last match left out.
    """

    def __init__(
        self, distances: StreamedDistances, block: Block, ordered: list[np.ndarray]
    ) -> None:
        self._distances, self._ordered = distances, ordered
        self._queries, self._values, self._margins = block

    def decide(
        self, rows: np.ndarray, matches: np.ndarray, keys: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Count the wrong answers before matches that have close calls.

        A match's exact distance halves the interval of the wrong answers that have to
        be compared with it. Rows ascend; the counts are in any order within a row, and
        beside each stands whether the match is tied with a wrong answer.
        """
        exact = self._exact(rows, matches, keys)
        order = np.lexsort((exact, rows))
        rows, matches, exact = rows[order], matches[order], exact[order]
        keys = exact
        if not self._distances.approximate:
            keys = self._distances.key(exact)
            keys = keys - self._distances.shift(self._queries[rows])
        halves = self._margins[rows] / 2
        ends, first, stop = _find_places(self._ordered, rows, keys, halves)
        wrong_rows, wrong = self._find_close(rows, ends)
        # Wrong answers of earlier rows are counted until the end.
        skipped = rows * self._values.shape[1]
        first, stop = first + skipped, stop + skipped
        # Places in any of the intervals, both of whose ends ascend.
        close = join_ranges(np.maximum(first, np.append(0, stop[:-1])), stop)
        certain = first - close.searchsorted(first)
        before, tied = self._compare((rows, matches, exact), wrong_rows, wrong)
        return certain + before - skipped, tied

    def _exact(
        self, rows: np.ndarray, gallery: np.ndarray, values: np.ndarray
    ) -> np.ndarray:
        """Return the distances that decide: of pairs, or as approximate values are."""
        if self._distances.approximate:
            return values
        return self._distances.exact(self._queries[rows], gallery)

    def _find_close(
        self, rows: np.ndarray, ends: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows and gallery indices of the values in any interval."""
        chosen, starts = np.unique(rows, return_index=True)
        indices = [
            _find_within(self._values[row], *part)
            for row, part in zip(
                chosen, np.split(ends, starts[1:], axis=1), strict=True
            )
        ]
        return chosen.repeat([*map(len, indices)]), np.concatenate(indices)

    def _compare(
        self,
        right: tuple[np.ndarray, np.ndarray, np.ndarray],
        wrong_rows: np.ndarray,
        wrong: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Count the wrong answers before each match, those of earlier rows included.

        Beside the counts stands which matches are tied with a wrong answer.
        """
        values = self._values[wrong_rows, wrong]
        wrong_distances = self._exact(wrong_rows, wrong, values)
        rows = np.concatenate((wrong_rows, right[0]))
        indices = np.concatenate((wrong, right[1]))
        distances = np.concatenate((wrong_distances, right[2]))
        order = np.lexsort((indices, distances, rows))
        is_wrong = order < len(wrong)
        places = np.empty((2, len(order)), np.int64)
        places[0, order] = is_wrong.cumsum()
        # Wrong answers among those of one row and one distance.
        differ = np.diff(distances[order]) != 0
        differ |= np.diff(rows[order]) != 0
        group = np.append(0, differ.cumsum())
        places[1, order] = np.bincount(group, is_wrong)[group]
        return places[0, len(wrong) :], places[1, len(wrong) :] > 0


def _find_within(
    values: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> np.ndarray:
    """Return the indices of the values that lie in any of the intervals.

    Their ends ascend. A table of steps leaves out most of the other values: the step of
    a value is rounded, but never smaller than that of a smaller value.
    """
    if len(lower) <= _FEW_INTERVALS:
        is_within = np.zeros(len(values), bool)
        for start, stop in zip(lower, upper, strict=True):
            is_within |= (values >= start) & (values <= stop)
        return np.flatnonzero(is_within)
    span = max(upper[-1] - lower[0], _NUM_STEPS * np.finfo(values.dtype).tiny)
    scale = values.dtype.type(_NUM_STEPS / span)
    start = lower[0] - 1 / scale

    def find_steps(numbers: np.ndarray) -> np.ndarray:
        """Return the step of the table that each number lies in."""
        with np.errstate(over='ignore'):
            steps = (numbers - start) * scale
        np.clip(steps, 0, _NUM_STEPS + 1, out=steps)
        # By way of int32, which the processor converts many of at once.
        return steps.astype(np.int32).astype(np.intp)

    changes = np.zeros(_NUM_STEPS + 3, np.int32)
    np.add.at(changes, find_steps(lower), 1)
    np.add.at(changes, find_steps(upper) + 1, -1)
    indices = np.flatnonzero((changes.cumsum() > 0).take(find_steps(values)))
    near = values[indices]
    within = lower.searchsorted(near, 'right') > upper.searchsorted(near, 'left')
    return indices[within]
