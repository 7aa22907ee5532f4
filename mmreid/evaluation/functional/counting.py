"""Ranks of the right answers, counted instead of sorted."""

import numpy as np

from mmreid.evaluation.functional.relevance import MarketRelevance
from mmreid.evaluation.functional.streaming import StreamedDistances


def count_wrong_answers(
    distances: StreamedDistances, relevance: MarketRelevance
) -> list[np.ndarray]:
    """Count, for each match of each query, the wrong answers that come before it.

    A wrong answer comes before a match if its float64 distance is smaller, or equal
    with a smaller gallery index. Only answers whose fast distance is too close to a
    match's to tell are looked at in float64; a query with very many of them is first
    streamed again in the next precision.

    Args:
        distances: Streamed distances in which junk is infinitely far.
        relevance: The right answers.

    Returns:
        For each query the counts in ascending order, one per match (so a match's
        rank is its count plus its place in the list, from 1); empty for a query
        without a match.
    """
    counts = [np.empty(0, np.int64)] * len(relevance.num_matches)
    pending = np.flatnonzero(relevance.num_matches)
    # From here on a row of the float64 product costs less than its single distances.
    patience = max(64, len(distances.gallery) // 128)
    for dtype in distances.precisions:
        finest = dtype == distances.precisions[-1]
        postponed = []
        for query, values, margin in distances.rows(pending, dtype):
            row = _Row(values, query, relevance, margin)
            if finest or row.num_close <= patience:
                counts[query] = row.count(distances)
            else:
                postponed.append(query)
        pending = np.array(postponed, np.int64)
    return counts


class _Row:
    """One query's values split by its matches: certainly before, or too close.

    Args:
        values: ``(num_gallery,)`` values, overwritten.
        query: Index of the query, which has at least one match.
        relevance: The right answers.
        margin: Values further apart are certainly in the right order.
    """

    def __init__(
        self,
        values: np.ndarray,
        query: int,
        relevance: MarketRelevance,
        margin: float,
    ) -> None:
        self.query = query
        matches = relevance.matches(query)
        keys = values[matches]
        order = keys.argsort()
        self.matches, keys = matches[order], keys[order]
        # Two matches may change places without changing any count.
        values[relevance.same_person(query)] = np.inf
        self.wrong = np.flatnonzero(values <= keys[-1] + margin)
        self.values = values[self.wrong]
        ordered = np.sort(self.values)
        self.before = ordered.searchsorted(keys - margin, 'left')
        self.not_behind = ordered.searchsorted(keys + margin, 'right')
        self.num_close = int((self.not_behind - self.before).sum())

    def count(self, distances: StreamedDistances) -> np.ndarray:
        """Return the wrong answers before each match, ascending."""
        if self.num_close == 0:
            return self.before
        unsure = self.not_behind > self.before
        close = self._close_wrong_answers()
        # Those certainly before a match that are not decided again below ...
        counts = self.before.copy()
        counts[unsure] -= self._num_close_before[self.before[unsure]]
        # ... and those decided in float64.
        indices = np.concatenate((close, self.matches[unsure]))
        exact = distances.exact(self.query, indices)
        counts[unsure] += _count_smaller(exact, indices, len(close))
        return np.sort(counts)

    def _close_wrong_answers(self) -> np.ndarray:
        """Return the gallery indices too close to some match."""
        steps = np.zeros(len(self.wrong) + 1, np.int64)
        np.add.at(steps, self.before, 1)
        np.add.at(steps, self.not_behind, -1)
        close = steps[:-1].cumsum() > 0
        self._num_close_before = np.concatenate(([0], close.cumsum()))
        return self.wrong[self.values.argsort()[close]]


def _count_smaller(
    distances: np.ndarray, indices: np.ndarray, count: int
) -> np.ndarray:
    """Count, for each (distance, index) from ``count`` on, the smaller ones before."""
    order = np.lexsort((indices, distances))
    smaller = np.empty(len(order), np.int64)
    smaller[order] = (order < count).cumsum()
    return smaller[count:]
