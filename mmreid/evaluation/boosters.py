"""What may be done to vectors and distances before they are ranked, without training.

Three things, in this order: vectors of the gallery (and, if asked for, of the queries)
are moved to their mutual neighbours; queries are moved towards their first answers; and
distances are joined with what is known of times, re-ranked, or both.
:class:`mmreid.evaluation.rules.RankingRules` says which.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mmreid.evaluation.functional.distances.vectors import Vectors
from mmreid.evaluation.functional.ranking.given_distances import DistanceBlock
from mmreid.evaluation.functional.re_ranking.centralisation import centralise_features
from mmreid.evaluation.functional.re_ranking.k_reciprocal import re_rank_blocks
from mmreid.evaluation.functional.re_ranking.query_expansion import expand_queries
from mmreid.evaluation.functional.time_prior.joint import joint_distance_blocks
from mmreid.evaluation.functional.time_prior.joint_re_ranking import (
    re_rank_joint_blocks,
)
from mmreid.evaluation.functional.time_prior.prior import TimePrior
from mmreid.evaluation.test_set import TestSet

Options = Mapping[str, Any] | None
Progress = Callable[[int, int], None] | None


def open_prior(given: TimePrior | str | os.PathLike | None) -> TimePrior | None:
    """Return a prior of times.

    Args:
        given (TimePrior | str | os.PathLike | None): The prior, or its file.

    Returns:
        TimePrior | None: None for None.

    Raises:
        ValueError: Neither, or a file that holds none.
    """
    if given is None or isinstance(given, TimePrior):
        return given
    if not isinstance(given, str | os.PathLike):
        raise ValueError(
            'time_prior must be None, the file of a prior of times, or a TimePrior, '
            f'got {given!r}.'
        )
    # The package of the mathematics, which files need, takes names from the rules.
    from mmreid.evaluation.features.time_prior_file import load_time_prior

    return load_time_prior(given)


def centralise(test_set: TestSet, centralisation: Options) -> TestSet:
    """Move vectors to their mutual neighbours.

    Args:
        test_set (TestSet): Queries and gallery.
        centralisation (Mapping | None): ``sides`` and the options of
            :func:`centralise_features`, complete; None: nothing is moved.

    Returns:
        TestSet: With other vectors.
    """
    if centralisation is None:
        return test_set
    options = dict(centralisation)
    both = options.pop('sides') == 'both'
    vectors = centralise_features(test_set.gallery.vectors, **options)
    gallery = replace(test_set.gallery, vectors=vectors)
    if both:
        queries = test_set.queries.vectors
        moved = centralise_features(queries, **options, name='query')
        test_set = test_set.with_queries(moved)
    return TestSet(test_set.queries, gallery, test_set.meta)


def expand(test_set: TestSet, rerank: Options) -> TestSet:
    """Expand queries.

    Args:
        test_set (TestSet): Queries and gallery.
        rerank (Mapping | None): Options of re-ranking; those of another ``type`` than
            ``'query-expansion'``, or None, expand nothing.

    Returns:
        TestSet: With other queries.
    """
    options = dict(rerank or {})
    if options.pop('type', None) != 'query-expansion':
        return test_set
    query, gallery = test_set.queries.vectors, test_set.gallery.vectors
    return test_set.with_queries(expand_queries(query, gallery, **options))


def stream_re_ranked(
    test_set: TestSet, distance: str, rerank: Options, progress: Progress = None
) -> Iterator[DistanceBlock] | None:
    """Return re-ranked distances, block by block.

    Args:
        test_set (TestSet): Queries and gallery.
        distance (str): Under ``'cosine'`` the directions are compared.
        rerank (Mapping | None): Options of re-ranking, complete.
        progress (Callable, optional): Called with the work done and in all. Defaults to
            None.

    Returns:
        Iterator[DistanceBlock] | None: The blocks; None where nothing is re-ranked.
    """
    options = dict(rerank or {})
    if options.pop('type', None) != 'k-reciprocal':
        return None
    query, gallery = test_set.queries.vectors, test_set.gallery.vectors
    if distance == 'cosine':
        query = Vectors(query, 'query').directions()
        gallery = Vectors(gallery, 'gallery').directions()
    return re_rank_blocks(query, gallery, **options, progress=progress)


def stream_joint(
    test_set: TestSet, prior: TimePrior, rerank: Options, progress: Progress = None
) -> Iterator[DistanceBlock]:
    """Return joint distances of vectors and times, re-ranked if asked for.

    Args:
        test_set (TestSet): Queries and gallery, with times.
        prior (TimePrior): Of times.
        rerank (Mapping | None): Options of re-ranking, complete; of another ``type``
            than ``'k-reciprocal'``, or None, nothing is re-ranked.
        progress (Callable, optional): Called with the work done and in all. Defaults to
            None.

    Returns:
        Iterator[DistanceBlock]: The blocks.
    """
    options = dict(rerank or {})
    if options.pop('type', None) != 'k-reciprocal':
        return joint_distance_blocks(test_set, prior)
    return re_rank_joint_blocks(test_set, prior, **options, progress=progress)
