"""The first answers of each query by distances that somebody else has computed."""

from collections.abc import Iterable, Iterator

import numpy as np

from mmreid.evaluation.functional.ranking.first_answers import TopRanks
from mmreid.evaluation.functional.ranking.given_distances import Block
from mmreid.evaluation.functional.ranking.relevance import MarketRelevance


def watch_top_ranks(
    blocks: Iterable[Block], relevance: MarketRelevance, result: TopRanks
) -> Iterator[Block]:
    """Note the first answers of blocks of distances while they pass.

    The rules are those of :func:`evaluate_distance_blocks`, which can thus score in
    the same pass.

    Args:
        blocks: Slices of queries with their distances to the whole gallery.
        relevance: Who is right and who is ignored.
        result: Where the answers are noted, from :meth:`TopRanks.empty`.

    Yields:
        Block: The blocks as they are.
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


def _nearest(row: np.ndarray, allowed: np.ndarray, topk: int) -> np.ndarray:
    """Return the nearest of the allowed indices, equal ones in their order."""
    distances = row[allowed]
    if topk < len(allowed):
        last = np.partition(distances, topk - 1)[topk - 1]
        allowed = allowed[distances <= last]
    return allowed[np.argsort(row[allowed], kind='stable')[:topk]]
