"""How features are ranked and scored: everything that a number depends on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from mmreid.evaluation.functional.distances.measures import check_distance
from mmreid.evaluation.functional.ranking.given_distances import (
    Block,
    evaluate_distance_blocks,
)
from mmreid.evaluation.functional.ranking.multi_query import check_pooling
from mmreid.evaluation.functional.ranking.scores import (
    RankingResult,
    check_average_precision,
    check_ranks,
)
from mmreid.evaluation.functional.ranking.single_shot import (
    SingleShotResult,
    check_impostors,
    evaluate_single_shot,
)
from mmreid.evaluation.functional.ranking.whole_gallery import evaluate_ranking
from mmreid.evaluation.functional.re_ranking.k_reciprocal import re_rank_blocks
from mmreid.evaluation.functional.re_ranking.options import complete_rerank
from mmreid.evaluation.functional.re_ranking.query_expansion import expand_queries
from mmreid.evaluation.query_gallery import QueryGallery
from mmreid.evaluation.test_set import Features

# Protocol -> which clothes count as right answers.
PROTOCOLS = {
    'market': None,
    'single-shot': None,
    'cloth-changing': 'changed',
    'same-clothes': 'same',
}


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A result, and to which pictures its values belong.

    Attributes:
        result: Scores, and the values of each query.
        first: Of queries that were pooled, the first picture of each, an index into
            the queries; None: they were not.
    """

    result: RankingResult | SingleShotResult
    first: np.ndarray | None


@dataclass(frozen=True)
class RankingRules:
    """Everything beside the features that scores depend on, checked.

    Attributes:
        distance: ``'cosine'`` or ``'euclidean'``.
        ranks: Ranks of the CMC.
        rerank: None, or a dict whose ``type`` is ``'k-reciprocal'`` (the default; with
            ``k1``, ``k2``, ``lambda_value``, ``squared``) or ``'query-expansion'``
            (with ``k``, ``alpha``); what it leaves out is filled in. Under the cosine
            distance k-reciprocal re-ranking compares the vectors' directions. Junk
            takes no part in it, as if it had not been in the gallery.
        protocol: ``'market'``, ``'single-shot'``, ``'cloth-changing'`` or
            ``'same-clothes'``.
        average_precision: ``'hits'`` or ``'trapezoid'``.
        multi_query: None, ``'mean'`` or ``'max'``, see :func:`pool_queries`.
        impostors: ``'other-camera'`` or ``'both'``; matters to ``'single-shot'`` only.

    Raises:
        ValueError: An unknown value, or values that do not go together.
    """

    distance: str = 'cosine'
    ranks: Sequence[int] = (1, 5, 10)
    rerank: Mapping[str, Any] | None = None
    protocol: str = 'market'
    average_precision: str = 'hits'
    multi_query: str | None = None
    impostors: str = 'other-camera'

    def __post_init__(self) -> None:
        check_distance(self.distance)
        check_average_precision(self.average_precision)
        check_impostors(self.impostors)
        if self.protocol not in PROTOCOLS:
            raise ValueError(
                f'protocol must be one of {tuple(PROTOCOLS)}, but got {self.protocol!r}'
            )
        if self.multi_query is not None:
            check_pooling(self.multi_query)
        object.__setattr__(self, 'ranks', check_ranks(self.ranks))
        object.__setattr__(self, 'rerank', complete_rerank(self.rerank, self.distance))
        if self.rerank and self.protocol == 'single-shot':
            raise ValueError(
                "protocol='single-shot' goes with rerank=None only: re-ranking and "
                'query expansion look at the whole gallery, of which a single-shot '
                'gallery holds one picture per person'
            )

    @classmethod
    def of_stamp(cls, stamp: Mapping[str, Any]) -> 'RankingRules':
        """Return the rules that a protocol stamp tells, but for the ranks of the CMC.

        Args:
            stamp: Of a result; what it does not tell is as by default.
        """
        names = {field.name for field in fields(cls)} - {'ranks'}
        told = {name: stamp[name] for name in names if stamp.get(name) is not None}
        return cls(**told)

    @property
    def clothes(self) -> str | None:
        """Which clothes count as right answers, None where they play no part."""
        return PROTOCOLS[self.protocol]

    def evaluate(
        self, features: Features, progress: Callable[[int, int], None] | None = None
    ) -> Evaluation:
        """Rank the gallery for every query and score it.

        Args:
            features: Queries and gallery.
            progress: Called with the work done and in all while re-ranking.

        Raises:
            ValueError: No query or no gallery image, no clothes where the protocol
                needs them, or features that cannot be compared.
        """
        test_set, first = self.prepare(features)
        blocks = self.re_rank(test_set, progress)
        return Evaluation(self.score(test_set, blocks), first)

    def prepare(self, features: Features) -> tuple[QueryGallery, np.ndarray | None]:
        """Return what is ranked.

        Queries are pooled, junk is left out where the gallery is looked at as a whole,
        and queries are expanded, as far as the rules ask for it.

        Args:
            features: Queries and gallery.

        Returns:
            The test set, and of pooled queries the first picture of each, else None.

        Raises:
            ValueError: As :meth:`evaluate`.
        """
        with_clothes = self.clothes is not None
        test_set, first = QueryGallery.of_features(features, with_clothes), None
        if self.multi_query is not None:
            test_set, first = test_set.pooled(self.multi_query)
        if not self.rerank:
            return test_set, first
        test_set = test_set.without_junk()
        options = dict(self.rerank)
        if options.pop('type') == 'query-expansion':
            query, gallery = test_set.vectors
            expanded = expand_queries(query, gallery, **options)
            test_set = replace(test_set, vectors=(expanded, gallery))
        return test_set, first

    def re_rank(
        self,
        test_set: QueryGallery,
        progress: Callable[[int, int], None] | None = None,
    ) -> Iterator[Block] | None:
        """Return re-ranked distances, block by block, where they are what is ranked.

        Args:
            test_set: From :meth:`prepare`.
            progress: Called with the work done and in all.

        Returns:
            The blocks; None where the distances of the vectors are ranked.
        """
        options = dict(self.rerank or {})
        if options.pop('type', None) != 'k-reciprocal':
            return None
        cosine = self.distance == 'cosine'
        query, gallery = test_set.directions() if cosine else test_set.vectors
        return re_rank_blocks(query, gallery, **options, progress=progress)

    def score(
        self, test_set: QueryGallery, blocks: Iterable[Block] | None
    ) -> RankingResult | SingleShotResult:
        """Rank by the protocol and score.

        Args:
            test_set: From :meth:`prepare`.
            blocks: From :meth:`re_rank`.
        """
        how: dict[str, Any] = dict(
            ranks=self.ranks, average_precision=self.average_precision
        )
        labels = test_set.labels
        if self.protocol == 'single-shot':
            how.update(distance=self.distance, impostors=self.impostors)
            return evaluate_single_shot(*test_set.vectors, *labels, **how)
        how.update(clothes=self.clothes, **test_set.worn)
        if blocks is not None:
            return evaluate_distance_blocks(blocks, *labels, **how)
        how.update(distance=self.distance)
        return evaluate_ranking(*test_set.vectors, *labels, **how)
