"""How features are ranked and scored: everything that a number depends on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from mmreid.arguments import check_choice
from mmreid.evaluation.functional.distances.measures import check_distance
from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.ranking.exact_ranking import (
    RankingResult,
    check_average_precision,
    check_ranks,
    rank_gallery,
)
from mmreid.evaluation.functional.ranking.given_distances import (
    DistanceBlock,
    rank_given_distances,
)
from mmreid.evaluation.functional.ranking.multi_query import POOLINGS, pool
from mmreid.evaluation.functional.ranking.single_shot import (
    SingleShotResult,
    check_impostors,
    rank_single_shot,
)
from mmreid.evaluation.functional.ranking.tracklets import TRACKLETS, pool_frames
from mmreid.evaluation.functional.re_ranking.k_reciprocal import re_rank_blocks
from mmreid.evaluation.functional.re_ranking.options import complete_rerank
from mmreid.evaluation.functional.re_ranking.query_expansion import expand_queries
from mmreid.evaluation.test_set import Images, TestSet

# Protocol -> which clothes count as right answers, None where they play no part.
CLOTHES_OF_PROTOCOLS = {
    'market': None,
    'single-shot': None,
    'cloth-changing': 'changed',
    'same-clothes': 'same',
}


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A result, and the queries that its values belong to.

    Attributes:
        result: Scores, and the values of each query.
        queries: What was ranked, in the order of these values; of pictures that were
            pooled to one query the first.
    """

    result: RankingResult | SingleShotResult
    queries: Images

    @property
    def first(self) -> np.ndarray | None:
        """Of pooled queries the index of the first picture of each; else None."""
        return self.queries.origin


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
        tracklets: ``'mean'``, ``'unit-mean'`` or ``'ignore'``: what becomes of frames
            that the data set says are of one tracklet, see :func:`pool_frames`.

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
    tracklets: str = 'mean'

    def __post_init__(self) -> None:
        check_distance(self.distance)
        check_average_precision(self.average_precision)
        check_impostors(self.impostors)
        check_choice('protocol', self.protocol, CLOTHES_OF_PROTOCOLS)
        check_choice('tracklets', self.tracklets, TRACKLETS)
        check_choice('multi_query', self.multi_query, (None, *POOLINGS))
        object.__setattr__(self, 'ranks', check_ranks(self.ranks))
        object.__setattr__(self, 'rerank', complete_rerank(self.rerank, self.distance))
        if self.rerank and self.protocol == 'single-shot':
            raise ValueError(
                "protocol='single-shot' goes with rerank=None only: re-ranking and "
                'query expansion look at the whole gallery, of which a single-shot '
                'gallery holds one picture per person.'
            )

    @classmethod
    def of_stamp(cls, stamp: Mapping[str, Any]) -> 'RankingRules':
        """Return the rules that a protocol stamp tells, but for the ranks of the CMC.

        Args:
            stamp (Mapping[str, Any]): Of a result; what it does not tell is as by
                default.
        """
        names = {field.name for field in fields(cls)} - {'ranks'}
        return cls(**{n: stamp[n] for n in names if stamp.get(n) is not None})

    @property
    def clothes(self) -> str | None:
        """Which clothes count as right answers, None where they play no part."""
        return CLOTHES_OF_PROTOCOLS[self.protocol]

    def evaluate(
        self, features: TestSet, progress: Callable[[int, int], None] | None = None
    ) -> Evaluation:
        """Rank the gallery for every query and score it.

        Args:
            features (TestSet): Queries and gallery.
            progress (Callable, optional): Called with the work done and in all while
                re-ranking. Defaults to None.

        Returns:
            Evaluation: The scores.

        Raises:
            ValueError: No query or no gallery image, no clothes where the protocol
                needs them, or features that cannot be compared.
        """
        test_set = self.prepare(features)
        return self.score(test_set, self.re_rank(test_set, progress))

    def prepare(self, test_set: TestSet) -> TestSet:
        """Return what is ranked.

        Tracklets and queries are pooled, junk is left out where the gallery is looked
        at as a whole, and queries are expanded, as far as the rules ask for it.

        Args:
            test_set (TestSet): Queries and gallery.

        Returns:
            TestSet: With the ``origin`` of pooled queries, and of the gallery where
            it is pooled or junk is left out.

        Raises:
            ValueError: As :meth:`evaluate`.
        """
        test_set.check_complete()
        if self.clothes is not None and not test_set.has_clothes:
            raise ValueError(
                'The protocol compares clothes, but not every sample has a clothes_id: '
                'take a data set that knows them (LTCC, PRCC, or your own with clothes '
                "in its file names or table), and dict(type='PackInputs', meta_keys="
                "(..., 'clothes_id'))."
            )
        test_set = pool_frames(test_set, self.tracklets)
        if self.multi_query is not None:
            test_set = pool(test_set, self.multi_query, self.clothes is not None)
        if not self.rerank:
            return test_set
        # What is wrong with a vector is to be told with its index in the whole.
        Vectors(test_set.gallery.vectors, 'gallery')
        test_set = test_set.without_junk()
        options = dict(self.rerank)
        if options.pop('type') == 'query-expansion':
            query, gallery = test_set.queries.vectors, test_set.gallery.vectors
            test_set = test_set.with_queries(expand_queries(query, gallery, **options))
        return test_set

    def re_rank(
        self,
        test_set: TestSet,
        progress: Callable[[int, int], None] | None = None,
    ) -> Iterator[DistanceBlock] | None:
        """Return re-ranked distances, block by block, where they are what is ranked.

        Args:
            test_set (TestSet): From :meth:`prepare`.
            progress (Callable, optional): Called with the work done and in all.
                Defaults to None.

        Returns:
            Iterator[DistanceBlock] | None: The blocks; None where the distances of the
            vectors are ranked.
        """
        options = dict(self.rerank or {})
        if options.pop('type', None) != 'k-reciprocal':
            return None
        query, gallery = test_set.queries.vectors, test_set.gallery.vectors
        if self.distance == 'cosine':
            query = Vectors(query, 'query').directions()
            gallery = Vectors(gallery, 'gallery').directions()
        return re_rank_blocks(query, gallery, **options, progress=progress)

    def score(
        self, test_set: TestSet, blocks: Iterable[DistanceBlock] | None = None
    ) -> Evaluation:
        """Rank by the protocol and score.

        Args:
            test_set (TestSet): From :meth:`prepare`.
            blocks (Iterable[DistanceBlock], optional): From :meth:`re_rank`.
                Defaults to None.

        Returns:
            Evaluation: In the order of the queries.
        """
        how: dict[str, Any] = dict(
            ranks=self.ranks, average_precision=self.average_precision
        )
        result: RankingResult | SingleShotResult
        if self.protocol == 'single-shot':
            how.update(distance=self.distance, impostors=self.impostors)
            result = rank_single_shot(test_set, **how)
        elif blocks is not None:
            result = rank_given_distances(blocks, test_set, clothes=self.clothes, **how)
        else:
            how.update(distance=self.distance, clothes=self.clothes)
            result = rank_gallery(test_set, **how)
        return Evaluation(result, test_set.queries)
