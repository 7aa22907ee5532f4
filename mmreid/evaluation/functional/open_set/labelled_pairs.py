"""Pairs of queries and answers, by distance, without the matrix of all of them."""

from collections.abc import Sequence

import numpy as np

from mmreid.evaluation.functional.distances.streamed import StreamedDistances
from mmreid.evaluation.functional.ranking.relevance import Relevance

# Bounds in the units of StreamedDistances.key.
Window = tuple[float, float]


class Pairs:
    """Some pairs with the fast values of their distances.

    Args:
        distances (StreamedDistances): Computes the float64 distance of a pair.
        window (Window): Every pair within these bounds is here.

    Attributes:
        keys: ``(n,)`` float64 approximate :meth:`StreamedDistances.key` of each pair.
        query: ``(n,)`` index of each pair's query.
        gallery: ``(n,)`` index of each pair's gallery image.
        margin: Keys further apart are certainly in the right order.
        window: Every pair within these bounds is here.
        below: How many further pairs are certainly nearer.
    """

    keys: np.ndarray
    query: np.ndarray
    gallery: np.ndarray

    def __init__(
        self, distances: StreamedDistances, window: Window = (-np.inf, np.inf)
    ) -> None:
        self._distances = distances
        self.window = window
        self.below = 0
        self.margin = 0.0
        self._owners: list[int] = []
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []

    def add(
        self, query: int, gallery: np.ndarray, keys: np.ndarray, margin: float
    ) -> None:
        """Add pairs of one query.

        Args:
            query (int): Its index.
            gallery (np.ndarray): ``(n,)`` indices of the gallery images.
            keys (np.ndarray): ``(n,)`` float64.
            margin (float): Of these keys.
        """
        self.margin = max(self.margin, margin)
        if len(gallery):
            self._owners.append(query)
            self._parts.append((gallery, keys))

    def close(self) -> None:
        """Lay the pairs out as arrays, after the last was added."""
        lengths = [len(keys) for _, keys in self._parts]
        self.query = np.repeat(np.array(self._owners, np.int64), lengths)
        columns = zip((np.empty(0, np.int64), np.empty(0)), *self._parts, strict=True)
        self.gallery, self.keys = map(np.concatenate, columns)
        self._owners.clear()
        self._parts.clear()

    def smallest(self, place: int) -> float | None:
        """Return the float64 distance at a place of the ascending order.

        Args:
            place (int): From 0, with the pairs ``below`` counted.

        Returns:
            None if it does not lie in the window.
        """
        place -= self.below
        if not 0 <= place < len(self.keys):
            return None
        pivot = np.partition(self.keys, place)[place]
        certain = int((self.keys < pivot - self.margin).sum())
        unsure = np.abs(self.keys - pivot) <= self.margin
        distance = float(np.sort(self._exact(unsure))[place - certain])
        low, high = self.window
        return distance if low <= self._distances.key(distance) <= high else None

    def count_below(self, distance: float) -> int:
        """Count the pairs nearer than a distance that lies in the window."""
        key = self._distances.key(distance)
        certain = int((self.keys < key - self.margin).sum())
        exact = self._exact(np.abs(self.keys - key) <= self.margin)
        return self.below + certain + int((exact < distance).sum())

    def _exact(self, wanted: np.ndarray) -> np.ndarray:
        """Return the float64 distances of some pairs."""
        query, gallery = self.query[wanted], self.gallery[wanted]
        # Queries come in the order in which they were streamed.
        starts = np.flatnonzero(np.diff(query, prepend=-1))
        parts = np.split(gallery, starts[1:]) if len(starts) else []
        owners = query[starts].tolist()
        exact = map(self._distances.exact, owners, parts)
        return np.concatenate([np.empty(0), *exact])


class PairStream:
    """All pairs of a query and its answers.

    Args:
        distances (StreamedDistances): Streamed distances in which junk is infinitely
            far.
        relevance (Relevance): The right answers.

    Attributes:
        num_positive: Number of pairs with a right answer.
        num_negative: Number of pairs with a wrong answer.
        positive: The pairs with right answers, once :meth:`around` has been called.
    """

    positive: Pairs

    def __init__(self, distances: StreamedDistances, relevance: Relevance) -> None:
        self.distances, self.relevance = distances, relevance
        self.num_positive = int(relevance.num_matches.sum())
        answers = len(distances.gallery) - int(relevance.junk.sum())
        queries = range(len(relevance.num_matches))
        self.num_negative = sum(
            answers - len(relevance.same_person(query)) for query in queries
        )

    def sample_negative(self, count: int, seed: int = 0) -> np.ndarray:
        """Draw pairs with wrong answers.

        Args:
            count (int): Number of pairs drawn, with replacement, before those that are
                no such pairs are dropped.
            seed (int): Of the draw. Defaults to 0.

        Returns:
            Their float64 distances, ascending.
        """
        rng = np.random.default_rng(seed)
        num_query = len(self.relevance.num_matches)
        answers = np.flatnonzero(~self.relevance.junk)
        parts = [np.empty(0)]
        for query, number in enumerate(
            np.bincount(
                rng.integers(num_query, size=count), minlength=num_query
            ).tolist()
        ):
            drawn = answers[rng.integers(len(answers), size=number)]
            drawn = drawn[~np.isin(drawn, self.relevance.same_person(query))]
            parts.append(self.distances.exact(query, drawn))
        return np.sort(np.concatenate(parts))

    def around(self, windows: Sequence[Window]) -> list[Pairs]:
        """Find the pairs with wrong answers in each window, in one pass.

        Args:
            windows (Sequence[Window]): Bounds in the units of
                :meth:`StreamedDistances.key`.
        """
        distances = self.distances
        near = [Pairs(distances, window) for window in windows]
        self.positive = Pairs(distances)
        everyone = np.arange(len(self.relevance.num_matches))
        for query, values, margin in distances.rows(everyone, distances.precisions[0]):
            shift = float(distances.shift(query))
            matches = self.relevance.matches(query)
            self.positive.add(query, matches, values[matches] + shift, margin)
            values[self.relevance.same_person(query)] = np.inf
            for pairs in near:
                low, high = (bound - shift for bound in pairs.window)
                nearer = values < low - margin
                # Ignored images are infinitely far.
                inside = (values <= high + margin) & (values < np.inf) & ~nearer
                pairs.below += int(nearer.sum())
                kept = np.flatnonzero(inside)
                pairs.add(query, kept, values[kept] + shift, margin)
        for pairs in (self.positive, *near):
            pairs.close()
        return near
