"""Exact scores of distances that somebody else has computed, block by block.

For distances that are no function of two vectors, such as re-ranked ones: a block of
rows is ranked as it is made and can be forgotten.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from mmreid.evaluation.functional.ranking.exact_ranking import (
    RankingResult,
    check_average_precision,
    check_ranks,
    score_ranks,
)
from mmreid.evaluation.functional.ranking.first_answers import TopRanks
from mmreid.evaluation.functional.ranking.relevance import Relevance, check_clothes
from mmreid.evaluation.test_set import Labels, TestSet

DistanceBlock = tuple[slice, np.ndarray]


def evaluate_distance_blocks(
    blocks: Iterable[DistanceBlock],
    query_ids: Labels,
    gallery_ids: Labels,
    query_cams: Labels,
    gallery_cams: Labels,
    *,
    ranks: Sequence[int] = (1, 5, 10),
    average_precision: str = 'hits',
    clothes: str | None = None,
    query_clothes: Labels | None = None,
    gallery_clothes: Labels | None = None,
) -> RankingResult:
    """Rank the gallery for each query by given distances and score it.

    The rules are those of :func:`evaluate_ranking`. Distances are compared as they
    are, without rounding; equal ones are ordered by gallery index.

    Args:
        blocks (Iterable[DistanceBlock]): Slices of queries with their distances to the
            whole gallery, ``(rows, num_gallery)`` of any float type; every query once,
            in any order. ``[(slice(0, num_query), matrix)]`` ranks a whole matrix.
        query_ids (Labels): Person of each query, ``(num_query,)``.
        gallery_ids (Labels): Person of each gallery image, ``(num_gallery,)``.
        query_cams (Labels): Camera of each query.
        gallery_cams (Labels): Camera of each gallery image.
        ranks (Sequence[int]): Ranks at which the CMC is wanted. Defaults to ``(1, 5,
            10)``.
        average_precision (str): ``'hits'`` or ``'trapezoid'``. Defaults to ``'hits'``.
        clothes (str, optional): None, ``'changed'`` or ``'same'``, as in
            :func:`evaluate_ranking`.
        query_clothes (Labels, optional): Clothes of each query.
        gallery_clothes (Labels, optional): Clothes of each gallery image.

    Returns:
        Fractions, and the values of each query in the order of ``query_ids``.

    Raises:
        ValueError: An unknown option, mismatched lengths, an empty gallery or query
            set, a query that is missing or repeated, or NaN; the first offending
            index is named.
    """
    ranks = check_ranks(ranks)
    check_average_precision(average_precision)
    check_clothes(clothes, query_clothes, gallery_clothes)
    # The vectors are not asked for.
    query, gallery = np.empty((len(query_ids), 0)), np.empty((len(gallery_ids), 0))
    labels = (query_ids, gallery_ids, query_cams, gallery_cams)
    return rank_given_distances(
        blocks,
        TestSet.from_arrays(query, gallery, *labels, query_clothes, gallery_clothes),
        ranks=ranks,
        average_precision=average_precision,
        clothes=clothes,
    )


def rank_given_distances(
    blocks: Iterable[DistanceBlock],
    test_set: TestSet,
    *,
    ranks: tuple[int, ...] = (1, 5, 10),
    average_precision: str = 'hits',
    clothes: str | None = None,
) -> RankingResult:
    """Do what :func:`evaluate_distance_blocks` describes for a test set.

    Ranks, average precision and clothes are taken as checked.

    Args:
        blocks (Iterable[DistanceBlock]): Slices of queries with their distances.
        test_set (TestSet): Queries and gallery, of which the labels count.
        ranks (tuple[int, ...]): Defaults to ``(1, 5, 10)``.
        average_precision (str): Defaults to ``'hits'``.
        clothes (str, optional): Defaults to None.

    Returns:
        RankingResult: In the order of the queries.

    Raises:
        ValueError: As :func:`evaluate_distance_blocks`.
    """
    shape = len(test_set.queries), len(test_set.gallery)
    if 0 in shape:
        raise ValueError(
            f'The queries and the gallery must both have one image or more, got '
            f'{shape[0]} queries and {shape[1]} gallery images.'
        )
    relevance = Relevance(test_set, clothes)
    wrong: list[tuple[np.ndarray, np.ndarray] | None] = [None] * shape[0]
    for rows, block in blocks:
        for query, row in zip(_queries(rows, block, shape), block, strict=True):
            if wrong[query] is not None:
                raise ValueError(f'The distances of query {query} are given twice.')
            wrong[query] = _count_before(row, query, relevance)
    done = [counts for counts in wrong if counts is not None]
    if len(done) < shape[0]:
        missing = next(i for i, counts in enumerate(wrong) if counts is None)
        raise ValueError(
            f'The blocks hold {len(done)} of {shape[0]} queries; query {missing} is '
            'the first that is missing.'
        )
    counts, tied = (np.concatenate(column) for column in zip(*done, strict=True))
    return score_ranks(counts, tied, relevance.num_matches, ranks, average_precision)


def note_first_answers(
    blocks: Iterable[DistanceBlock], relevance: Relevance, result: TopRanks
) -> Iterator[DistanceBlock]:
    """Note the first answers of blocks of distances while they pass.

    The rules are those of :func:`evaluate_distance_blocks`, which can thus score in
    the same pass.

    Args:
        blocks (Iterable[DistanceBlock]): Slices of queries with their distances to the
            whole gallery.
        relevance (Relevance): Who is right and who is ignored.
        result (TopRanks): Where the answers are noted, from :meth:`TopRanks.empty`.

    Yields:
        DistanceBlock: The blocks as they are.
    """
    topk = result.indices.shape[1]
    for rows, block in blocks:
        queries = range(*rows.indices(len(result.indices)))
        for query, row in zip(queries, block, strict=True):
            allowed = ~relevance.junk
            allowed[relevance.ignored(query)] = False
            answers = _nearest(row, np.flatnonzero(allowed), topk)
            result.put(query, answers, row[answers], relevance)
        yield rows, block


def _queries(rows: slice, block: np.ndarray, shape: tuple[int, int]) -> range:
    """Return the queries of a block, which must fit the labels and be numbers."""
    queries = range(*rows.indices(shape[0]))
    if block.shape != (len(queries), shape[1]):
        raise ValueError(
            f'The block of queries {rows.start} to {rows.stop} must be of shape '
            f'{(len(queries), shape[1])}, one column for each gallery label, but is '
            f'{block.shape}.'
        )
    wrong = np.isnan(block)
    if wrong.any():
        row, column = np.unravel_index(int(wrong.argmax()), block.shape)
        raise ValueError(
            f'The distance of query {queries[int(row)]} to gallery image {column} is '
            f'NaN ({int(wrong.sum())} in this block).'
        )
    return queries


def _count_before(
    row: np.ndarray, query: int, relevance: Relevance
) -> tuple[np.ndarray, np.ndarray]:
    """Count the wrong answers before each match of a query, ascending.

    Return also whether one is exactly as far.
    """
    matches = relevance.matches(query)
    if not len(matches):
        return np.empty(0, np.int64), np.empty(0, bool)
    keys = row[matches]
    wanted = row <= keys.max()
    wanted[relevance.same_person(query)] = False
    wanted &= ~relevance.junk
    wrong = np.flatnonzero(wanted)
    # Stable: equal distances stay in the order of the gallery.
    wrong = wrong[row[wrong].argsort(kind='stable')]
    distances = row[wrong]
    counts = distances.searchsorted(keys, 'left')
    behind = distances.searchsorted(keys, 'right')
    tied = behind > counts
    for tie in np.flatnonzero(tied):
        equal = wrong[counts[tie] : behind[tie]]
        counts[tie] += equal.searchsorted(matches[tie])
    order = np.lexsort((keys, counts))
    return counts[order], tied[order]


def _nearest(row: np.ndarray, allowed: np.ndarray, topk: int) -> np.ndarray:
    """Return the nearest of the allowed indices, equal ones in their order."""
    distances = row[allowed]
    if topk < len(allowed):
        last = np.partition(distances, topk - 1)[topk - 1]
        allowed = allowed[distances <= last]
    return allowed[np.argsort(row[allowed], kind='stable')[:topk]]
