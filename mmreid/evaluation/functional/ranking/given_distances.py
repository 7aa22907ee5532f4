"""Exact scores of distances that somebody else has computed, block by block.

For distances that are no function of two vectors, such as re-ranked ones: a block of
rows is ranked as it is made and can be forgotten.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from mmreid.evaluation.functional.ranking.clothes_relevance import find_relevance
from mmreid.evaluation.functional.ranking.relevance import Labels, MarketRelevance
from mmreid.evaluation.functional.ranking.scores import (
    RankingResult,
    check_average_precision,
    check_ranks,
    score_ranks,
)

Block = tuple[slice, np.ndarray]


def evaluate_distance_blocks(
    blocks: Iterable[Block],
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
        blocks: Slices of queries with their distances to the whole gallery,
            ``(rows, num_gallery)`` of any float type; every query once, in any order.
            ``[(slice(0, num_query), matrix)]`` ranks a whole matrix.
        query_ids: Person of each query, ``(num_query,)``.
        gallery_ids: Person of each gallery image, ``(num_gallery,)``.
        query_cams: Camera of each query.
        gallery_cams: Camera of each gallery image.
        ranks: Ranks at which the CMC is wanted. Defaults to ``(1, 5, 10)``.
        average_precision: ``'hits'`` or ``'trapezoid'``. Defaults to ``'hits'``.
        clothes: None, ``'changed'`` or ``'same'``, as in :func:`evaluate_ranking`.
        query_clothes: Clothes of each query.
        gallery_clothes: Clothes of each gallery image.

    Returns:
        Fractions, and the values of each query in the order of ``query_ids``.

    Raises:
        ValueError: An unknown option, mismatched lengths, an empty gallery or query
            set, a query that is missing or repeated, or NaN; the first offending
            index is named.
    """
    ranks = check_ranks(ranks)
    check_average_precision(average_precision)
    shape = len(query_ids), len(gallery_ids)
    if 0 in shape:
        raise ValueError(
            f'There is nothing to rank: {shape[0]} queries and {shape[1]} gallery '
            'images; both must be at least 1'
        )
    labels = (query_ids, gallery_ids, query_cams, gallery_cams)
    relevance = find_relevance(*labels, *shape, clothes, query_clothes, gallery_clothes)
    wrong: list[tuple[np.ndarray, np.ndarray] | None] = [None] * shape[0]
    for rows, block in blocks:
        for query, row in zip(_queries(rows, block, shape), block, strict=True):
            if wrong[query] is not None:
                raise ValueError(f'The distances of query {query} are given twice')
            wrong[query] = _count_before(row, query, relevance)
    done = [counts for counts in wrong if counts is not None]
    if len(done) < shape[0]:
        missing = next(i for i, counts in enumerate(wrong) if counts is None)
        raise ValueError(
            f'The blocks hold {len(done)} of {shape[0]} queries; query {missing} is '
            'the first that is missing'
        )
    counts, tied = (np.concatenate(column) for column in zip(*done, strict=True))
    return score_ranks(counts, tied, relevance.num_matches, ranks, average_precision)


def _queries(rows: slice, block: np.ndarray, shape: tuple[int, int]) -> range:
    """Return the queries of a block, which must fit the labels and be numbers."""
    queries = range(*rows.indices(shape[0]))
    if block.shape != (len(queries), shape[1]):
        raise ValueError(
            f'The block of queries {rows.start} to {rows.stop} must be of shape '
            f'{(len(queries), shape[1])}, one column for each gallery label, but is '
            f'{block.shape}'
        )
    wrong = np.isnan(block)
    if wrong.any():
        row, column = np.unravel_index(int(wrong.argmax()), block.shape)
        raise ValueError(
            f'The distance of query {queries[int(row)]} to gallery image {column} is '
            f'NaN ({int(wrong.sum())} in this block)'
        )
    return queries


def _count_before(
    row: np.ndarray, query: int, relevance: MarketRelevance
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
