"""How features are ranked and scored: everything that a number depends on."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from mmreid.arguments import check_choice
from mmreid.evaluation.boosters import (
    centralise,
    expand,
    open_prior,
    stream_joint,
    stream_re_ranked,
)
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
from mmreid.evaluation.functional.re_ranking.options import (
    complete_centralisation,
    complete_rerank,
)
from mmreid.evaluation.functional.time_prior.joint import require_times
from mmreid.evaluation.functional.time_prior.prior import TimePrior
from mmreid.evaluation.test_set import Images, TestSet

#: What may be done to vectors or distances before they are ranked.
BOOSTERS = ('rerank', 'neighbour_centralisation', 'time_prior')
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
        neighbour_centralisation: None, ``'gallery'`` or ``'both'`` (queries then move
            towards other queries), or a dict of ``sides``, ``k1`` and ``k2``, see
            :func:`centralise_features`; what it leaves out is filled in. Junk takes no
            part in it, and whatever else is asked for comes after it.
        time_prior: None, a :class:`TimePrior`, or its file, see
            :func:`mmreid.evaluation.features.time_prior_file.load_time_prior`. What is
            ranked, or re-ranked, is then the joint distance of vectors and times.

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
    # Completed, and read, where the rules are made.
    neighbour_centralisation: Any = None
    time_prior: Any = None

    def __post_init__(self) -> None:
        check_distance(self.distance)
        check_average_precision(self.average_precision)
        check_impostors(self.impostors)
        check_choice('protocol', self.protocol, CLOTHES_OF_PROTOCOLS)
        check_choice('tracklets', self.tracklets, TRACKLETS)
        check_choice('multi_query', self.multi_query, (None, *POOLINGS))
        object.__setattr__(self, 'ranks', check_ranks(self.ranks))
        object.__setattr__(self, 'rerank', complete_rerank(self.rerank, self.distance))
        moved = complete_centralisation(self.neighbour_centralisation, self.distance)
        object.__setattr__(self, 'neighbour_centralisation', moved)
        object.__setattr__(self, 'time_prior', open_prior(self.time_prior))
        if self.time_prior is not None and self.distance != 'cosine':
            raise ValueError(
                "time_prior joins cosines and times: it needs distance='cosine', got "
                f'distance={self.distance!r}.'
            )
        if self.boosters and self.protocol == 'single-shot':
            raise ValueError(
                f"protocol='single-shot' does not go with {', '.join(self.boosters)}: "
                'these look at the whole gallery, of which a single-shot gallery holds '
                'one picture per person; set them to None.'
            )

    @property
    def boosters(self) -> list[str]:
        """Names of what is done to vectors or distances before they are ranked."""
        return [name for name in BOOSTERS if getattr(self, name) is not None]

    @classmethod
    def of_stamp(
        cls,
        stamp: Mapping[str, Any],
        time_prior: TimePrior | str | os.PathLike | None = None,
    ) -> 'RankingRules':
        """Return the rules that a protocol stamp tells, but for the ranks of the CMC.

        Args:
            stamp (Mapping[str, Any]): Of a result; what it does not tell is as by
                default.
            time_prior (TimePrior | str | os.PathLike, optional): The prior of times, or
                its file; a stamp tells of it but does not hold it. Defaults to None.

        Raises:
            ValueError: The file of a prior is wanted, or one that nobody has used, or
                another one was.
        """
        if (stamp.get('time_prior') is None) != (time_prior is None):
            raise ValueError(
                'The file of a prior of times must be given where the stamp tells of '
                f'one, and nowhere else, got {time_prior!r}.'
            )
        names = {field.name for field in fields(cls)} - {'ranks', 'time_prior'}
        told = {n: stamp[n] for n in names if stamp.get(n) is not None}
        rules = cls(**told, time_prior=time_prior)
        if time_prior is not None:
            used, given = stamp['time_prior']['digest'], rules.time_prior.digest
            if used != given:
                raise ValueError(
                    f'The stamp tells of the prior of times {used}, but the one given '
                    f'is {given}; give the file of the former.'
                )
        return rules

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
        at as a whole, vectors are centralised and queries expanded, as far as the rules
        ask for it.

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
        if self.time_prior is not None:
            require_times(test_set, self.time_prior)
        if not (self.rerank or self.neighbour_centralisation):
            return test_set
        # What is wrong with a vector is to be told with its index in the whole.
        Vectors(test_set.gallery.vectors, 'gallery')
        test_set = centralise(test_set.without_junk(), self.neighbour_centralisation)
        return expand(test_set, self.rerank)

    def re_rank(
        self,
        test_set: TestSet,
        progress: Callable[[int, int], None] | None = None,
    ) -> Iterator[DistanceBlock] | None:
        """Return distances, block by block, where re-ranked or joint ones are ranked.

        Args:
            test_set (TestSet): From :meth:`prepare`.
            progress (Callable, optional): Called with the work done and in all.
                Defaults to None.

        Returns:
            Iterator[DistanceBlock] | None: The blocks; None where the distances of the
            vectors are ranked.
        """
        if self.time_prior is not None:
            return stream_joint(test_set, self.time_prior, self.rerank, progress)
        return stream_re_ranked(test_set, self.distance, self.rerank, progress)

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
