"""Queries with their first answers, by the very ranking that the scores come from."""

from collections.abc import Callable

import numpy as np

from mmreid.evaluation.functional.ranking.first_answers import (
    TopRanks,
    find_first_answers,
)
from mmreid.evaluation.functional.ranking.given_distances import note_first_answers
from mmreid.evaluation.functional.ranking.relevance import Relevance
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.test_set import Features


class RankLists:
    """The first answers of queries under any rules.

    Distances are those that were ranked: re-ranked ones, or those of expanded queries.
    Under ``'single-shot'``, whose scores are expectations over galleries of one picture
    per person, the lists hold all pictures that may be in such a gallery.

    Args:
        features (Features): Queries and gallery.
        rules (RankingRules): How they are ranked and scored.
        topk (int): Number of answers. Defaults to 10.
        progress (Callable, optional): Called with the work done and in all while
            re-ranking. Defaults to None.

    Attributes:
        features: As given.
        rules: As given.
        evaluation: The scores, and the queries that they belong to.

    Raises:
        ValueError: As :meth:`RankingRules.evaluate`, or ``topk`` below 1.
    """

    def __init__(
        self,
        features: Features,
        rules: RankingRules,
        topk: int = 10,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.features, self.rules, self._topk = features, rules, topk
        self._ranked = rules.prepare(features)
        self._lists = TopRanks.empty(len(self._ranked.queries), topk)
        blocks = rules.re_rank(self._ranked, progress)
        self._re_ranked = blocks is not None
        if blocks is not None:
            relevance = Relevance(self._ranked, rules.clothes)
            blocks = note_first_answers(blocks, relevance, self._lists)
        self.evaluation = rules.score(self._ranked, blocks)

    def pictures(self, queries: np.ndarray) -> np.ndarray:
        """Return where in the features some queries are; of pooled ones the first.

        Args:
            queries (np.ndarray): ``(n,)`` indices of queries.
        """
        first = self.evaluation.first
        of_queries = np.flatnonzero(self.features.is_query)
        return of_queries[queries if first is None else first[queries]]

    def take(self, queries: np.ndarray) -> TopRanks:
        """Return the lists of some queries.

        Args:
            queries (np.ndarray): ``(n,)`` indices of queries.

        Returns:
            TopRanks: Indices into the whole gallery, junk included.
        """
        lists = self._find(queries)
        origin, indices = self._ranked.gallery.origin, lists.indices
        if origin is not None:
            indices = np.where(indices < 0, -1, origin[indices])
        return TopRanks(indices, lists.distances, lists.correct)

    def _find(self, queries: np.ndarray) -> TopRanks:
        """Return lists whose indices count what is left of the gallery."""
        if self._re_ranked:
            arrays = vars(self._lists).values()
            return TopRanks(*(array[queries] for array in arrays))
        rules = self.rules
        single_shot = rules.protocol == 'single-shot'
        return find_first_answers(
            self._ranked.take(queries),
            topk=self._topk,
            distance=rules.distance,
            clothes=rules.clothes,
            impostors=rules.impostors if single_shot else 'both',
        )
