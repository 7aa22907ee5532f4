"""Ranks of the right answers, counted instead of sorted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from mmreid.evaluation.functional.distances.ranges import join_ranges
from mmreid.evaluation.functional.distances.row_counts import RowCounts
from mmreid.evaluation.functional.distances.streamed import Block, StreamedDistances
from mmreid.evaluation.functional.distances.vectors import num_threads
from mmreid.evaluation.functional.ranking.relevance import Relevance

# So many values at a time cost much more than NumPy's calls.
_CHUNK = 1 << 21
# Bytes that looking at a value may take where all are nearer than the last match.
_SCRATCH = 64


def count_wrong_answers(
    distances: StreamedDistances, relevance: Relevance
) -> tuple[np.ndarray, np.ndarray]:
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
        One count per match, one query after another and ascending in each: the rank
        of a query's i-th match, from 0, is its count plus i plus 1. And beside each
        whether a wrong answer is exactly as far as the match, so that nothing but the
        order of the gallery decides.
    """
    counts = np.empty(relevance.num_matches.sum(), np.int64)
    tied = np.empty(len(counts), bool)
    ends = relevance.num_matches.cumsum()
    starts = ends - relevance.num_matches
    pending = np.flatnonzero(relevance.num_matches)
    # Each thread looks at one row at least.
    affordable = distances.memory_budget // (_SCRATCH * len(distances.gallery))
    threads = max(1, min(num_threads(), affordable))
    num_values = min(_CHUNK, distances.memory_budget // (_SCRATCH * threads))
    with ThreadPoolExecutor(threads) as pool:
        count = partial(_count, distances, relevance, pool, num_values)
        for dtype in distances.precisions:
            postponed = [np.empty(0, np.int64)]
            # A generator's last block is freed before the next one has its first.
            for done, found, equal, late in count(pending, dtype):
                places = join_ranges(starts[done], ends[done])
                counts[places], tied[places] = found, equal
                postponed.append(late)
            pending = np.concatenate(postponed)
    return counts, tied


def _count(
    distances: StreamedDistances,
    relevance: Relevance,
    pool: ThreadPoolExecutor,
    num_values: int,
    pending: np.ndarray,
    dtype: np.dtype,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Count in one precision, about ``num_values`` values at a time."""
    finest = dtype == distances.precisions[-1]
    patience = np.inf if finest else _patience(len(distances.gallery))
    work = partial(_count_chunk, distances, relevance, patience)
    for block in distances.blocks(pending, dtype):
        yield from pool.map(work, _chunks(block, num_values))


def _patience(num_gallery: int) -> int:
    """Return the close calls that cost as much as a row of the float64 product."""
    return max(64, num_gallery // 20)


def _chunks(block: Block, num_values: int) -> Iterator[Block]:
    height = max(1, num_values // block.values.shape[1])
    for start in range(0, len(block.queries), height):
        yield Block(*(array[start : start + height] for array in block))


def _count_chunk(
    distances: StreamedDistances,
    relevance: Relevance,
    patience: float,
    chunk: Block,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the queries that are done, their counts and ties, and the postponed.

    Postponed is who has more than ``patience`` close calls.
    """
    rows = RowCounts(distances, relevance, chunk)
    late = rows.num_close > patience
    return chunk.queries[~late], *rows.count(~late), chunk.queries[late]
