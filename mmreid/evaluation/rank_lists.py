"""Queries with their first answers, by the very ranking that the scores come from."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mmreid.evaluation.functional.distances.measures import stream_distances
from mmreid.evaluation.functional.ranking.first_answers import (
    TopRanks,
    find_first_answers,
)
from mmreid.evaluation.functional.ranking.given_distances import note_first_answers
from mmreid.evaluation.functional.ranking.relevance import Relevance
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.test_set import JUNK, Features, TestSet

# Bytes for a block of distances, of which pairs are asked for here.
_BUDGET = 256 << 20


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
            TopRanks: Right and wrong answers alone; the indices count the whole
            gallery, as it is in the features.
        """
        return self._in_features(self._find(queries))

    def nearest_junk(self, queries: np.ndarray, topk: int = 10) -> TopRanks:
        """Return the nearest junk of some queries, which is no answer to anybody.

        Args:
            queries (np.ndarray): ``(n,)`` indices of queries.
            topk (int): How much of it at most. Defaults to 10.

        Returns:
            TopRanks: As of :meth:`take`, none of it right; empty lists where the
            gallery was re-ranked, in which junk takes no part.
        """
        ranked = self._ranked.take(queries)
        junk = np.flatnonzero(ranked.gallery.person_id == JUNK)
        if self._re_ranked or not len(junk):
            return TopRanks.empty(len(queries), topk)
        nobody = ranked.queries.person_id.max(initial=0) + 1
        gallery = ranked.gallery.take(junk)
        gallery = replace(gallery, person_id=np.full(len(junk), nobody))
        lists = find_first_answers(
            TestSet(ranked.queries, gallery), topk=topk, distance=self.rules.distance
        )
        indices = np.where(lists.indices < 0, -1, junk[lists.indices])
        return self._in_features(replace(lists, indices=indices))

    def nearest_ignored(self, queries: np.ndarray, topk: int = 10) -> TopRanks:
        """Return the nearest pictures of the query's person that are no answers.

        They are of the query's camera, or in clothes that the protocol does not want.

        Args:
            queries (np.ndarray): ``(n,)`` indices of queries.
            topk (int): How many of them at most. Defaults to 10.

        Returns:
            TopRanks: As of :meth:`take`, none of it right; empty lists where the
            gallery was re-ranked, which leaves no distances to them.
        """
        lists = TopRanks.empty(len(queries), topk)
        if self._re_ranked:
            return lists
        ranked = self._ranked.take(queries)
        relevance = Relevance(ranked, self.rules.clothes)
        distances = stream_distances(ranked, self.rules.distance, _BUDGET)
        for query in range(len(queries)):
            ignored = relevance.ignored(query)
            lengths = distances.exact(query, ignored)
            nearest = np.lexsort((ignored, lengths))[:topk]
            lists.put(query, ignored[nearest], lengths[nearest], relevance)
        return self._in_features(lists)

    def _in_features(self, lists: TopRanks) -> TopRanks:
        """Have the indices of lists count the whole gallery."""
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
