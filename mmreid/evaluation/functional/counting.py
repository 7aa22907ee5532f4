"""Ranks of the right answers, counted instead of sorted."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from mmreid.evaluation.functional.relevance import MarketRelevance
from mmreid.evaluation.functional.row_counts import RowCounts
from mmreid.evaluation.functional.streaming import Block, StreamedDistances
from mmreid.evaluation.functional.vectors import worker_threads

# So many values at a time stay in the cache and cost more than NumPy's calls.
_CHUNK = 1 << 19
# Bytes that looking at a value may take where all are nearer than the last match.
_SCRATCH = 64


def count_wrong_answers(
    distances: StreamedDistances, relevance: MarketRelevance
) -> list[np.ndarray]:
    """Count, for each match of each query, the wrong answers that come before it.

    A wrong answer comes before a match if its float64 distance is smaller, or equal
    with a smaller gallery index. Only answers whose fast distance is too close to a
    match's to tell are looked at in float64; a query with very many of them is first
    streamed again in the next precision. The products use all processors; what
    follows a product is done by a few threads for a few rows each.

    Args:
        distances: Streamed distances in which junk is infinitely far.
        relevance: The right answers.

    Returns:
        For each query the counts in ascending order, one per match (so a match's
        rank is its count plus its place in the list, from 1); empty for a query
        without a match.
    """
    counts = [np.empty(0, np.int64)] * len(relevance.num_matches)
    pending = np.flatnonzero(relevance.num_matches)
    num_values = min(_CHUNK, distances.memory_budget // _SCRATCH)
    with worker_threads() as pool:
        for dtype in distances.precisions:
            postponed: list[int] = []
            finest = dtype == distances.precisions[-1]
            patience = np.inf if finest else _patience(len(distances.gallery))
            work = partial(_count_chunk, distances, relevance, patience)
            for block in distances.blocks(pending, dtype):
                for results in pool.map(work, _chunks(block, num_values)):
                    for query, wrong in results:
                        if wrong is None:
                            postponed.append(query)
                        else:
                            counts[query] = wrong
            pending = np.array(postponed, np.int64)
    return counts


def _patience(num_gallery: int) -> int:
    """Return the close calls that cost as much as a row of the float64 product."""
    return max(64, num_gallery // 20)


def _chunks(block: Block, num_values: int) -> Iterator[Block]:
    height = max(1, num_values // block.values.shape[1])
    for start in range(0, len(block.queries), height):
        yield Block(*(array[start : start + height] for array in block))


def _count_chunk(
    distances: StreamedDistances,
    relevance: MarketRelevance,
    patience: float,
    chunk: Block,
) -> list[tuple[int, np.ndarray | None]]:
    """Return each query and its counts; None where it has too many close calls."""
    rows = RowCounts(distances, relevance, chunk)
    late = rows.num_close > patience
    counts = rows.count(~late)
    return [
        (query, None if postponed else wrong)
        for query, postponed, wrong in zip(
            chunk.queries.tolist(), late.tolist(), counts, strict=True
        )
    ]
