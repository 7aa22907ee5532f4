"""Queries with their first answers, by the very ranking that the scores come from."""

from collections.abc import Callable

import numpy as np

from mmreid.evaluation.functional.ranking.block_top_ranks import watch_top_ranks
from mmreid.evaluation.functional.ranking.clothes_relevance import find_relevance
from mmreid.evaluation.functional.ranking.first_answers import TopRanks, top_ranks
from mmreid.evaluation.functional.ranking.relevance import JUNK
from mmreid.evaluation.rules import Evaluation, RankingRules
from mmreid.evaluation.test_set import Features


class RankLists:
    """The first answers of queries under any rules.

    Distances are those that were ranked: re-ranked ones, or those of expanded queries.
    Under ``'single-shot'``, whose scores are expectations over galleries of one picture
    per person, the lists hold all pictures that may be in such a gallery.

    Args:
        features: Queries and gallery.
        rules: How they are ranked and scored.
        topk: Number of answers. Defaults to 10.
        progress: Called with the work done and in all while re-ranking.

    Attributes:
        features: As given.
        rules: As given.
        evaluation: The scores, and the pictures that the queries stand for.

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
        self._test_set, first = rules.prepare(features)
        self._kept = np.arange(len(self._test_set.ids[1]))
        if rules.rerank:
            self._kept = np.flatnonzero(features.person_id[~features.is_query] != JUNK)
        self._noted = TopRanks.empty(len(self._test_set.ids[0]), topk)
        blocks = rules.re_rank(self._test_set, progress)
        self._re_ranked = blocks is not None
        if blocks is not None:
            query_ids, gallery_ids, query_cams, gallery_cams = self._test_set.labels
            relevance = find_relevance(
                query_ids,
                gallery_ids,
                query_cams,
                gallery_cams,
                len(query_ids),
                len(gallery_ids),
                rules.clothes,
                **self._test_set.worn,
            )
            blocks = watch_top_ranks(blocks, relevance, self._noted)
        self.evaluation = Evaluation(rules.score(self._test_set, blocks), first)

    def pictures(self, queries: np.ndarray) -> np.ndarray:
        """Return where in the features some queries are; of pooled ones the first."""
        first = self.evaluation.first
        of_queries = np.flatnonzero(self.features.is_query)
        return of_queries[queries if first is None else first[queries]]

    def take(self, queries: np.ndarray) -> TopRanks:
        """Return the lists of some queries.

        Args:
            queries: ``(n,)`` indices of queries.

        Returns:
            Indices into the whole gallery, junk included.
        """
        found = self._find(queries)
        indices = np.where(found.indices < 0, -1, self._kept[found.indices])
        return TopRanks(indices, found.distances, found.correct)

    def _find(self, queries: np.ndarray) -> TopRanks:
        """Return lists whose indices count what is left of the gallery."""
        if self._re_ranked:
            lists = vars(self._noted).values()
            return TopRanks(*(array[queries] for array in lists))
        some, rules = self._test_set.take(queries), self.rules
        single_shot = rules.protocol == 'single-shot'
        return top_ranks(
            *some.vectors,
            *some.labels,
            topk=self._topk,
            distance=rules.distance,
            clothes=rules.clothes,
            **some.worn,
            impostors=rules.impostors if single_shot else 'both',
        )
