"""The first answers of each query, for drawing rank lists."""

from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.distances import stream_distances
from mmreid.evaluation.functional.relevance import Labels, MarketRelevance
from mmreid.evaluation.functional.streaming import StreamedDistances
from mmreid.evaluation.functional.vectors import Array


@dataclass(frozen=True, eq=False)
class TopRanks:
    """The nearest answers of each query, nearest first.

    Attributes:
        indices: ``(num_query, topk)`` int64 gallery indices; -1 where the gallery
            has no further answer.
        distances: ``(num_query, topk)`` float64; infinity where there is none.
        correct: ``(num_query, topk)`` bool, True for right answers.
    """

    indices: np.ndarray
    distances: np.ndarray
    correct: np.ndarray


def top_ranks(
    query: Array,
    gallery: Array,
    query_ids: Labels,
    gallery_ids: Labels,
    query_cams: Labels,
    gallery_cams: Labels,
    *,
    topk: int = 10,
    distance: str = 'cosine',
    memory_budget: int = 256 << 20,
) -> TopRanks:
    """Find the first answers of every query under the Market protocol.

    The rules are those of :func:`evaluate_ranking`: junk and the query's person in
    the query's camera are no answers, equal distances are ordered by gallery index.
    Queries without a right answer get their list as well.

    Args:
        query: ``(num_query, D)`` vectors, as in :func:`evaluate_ranking`.
        gallery: ``(num_gallery, D)`` vectors.
        query_ids: Person of each query, ``(num_query,)``.
        gallery_ids: Person of each gallery image, ``(num_gallery,)``.
        query_cams: Camera of each query, ``(num_query,)``.
        gallery_cams: Camera of each gallery image, ``(num_gallery,)``.
        topk: Number of answers. Defaults to 10.
        distance: ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        memory_budget: Bytes for a block of distances. Defaults to 256 MiB.

    Returns:
        Indices, float64 distances and which answers are right.

    Raises:
        ValueError: As :func:`evaluate_ranking`, or ``topk`` below 1.
    """
    if topk < 1:
        raise ValueError(f'topk must be at least 1, but got {topk}')
    relevance = MarketRelevance(
        query_ids, gallery_ids, query_cams, gallery_cams, len(query), len(gallery)
    )
    distances = stream_distances(
        query, gallery, distance, relevance.junk, memory_budget
    )
    shape = (len(query), topk)
    result = TopRanks(np.full(shape, -1), np.full(shape, np.inf), np.zeros(shape, bool))
    everyone = np.arange(len(query))
    for index, values, margin in distances.rows(everyone, distances.precisions[0]):
        values[relevance.same_camera(index)] = np.inf
        answers, lengths = _nearest(values, margin, index, topk, distances)
        result.indices[index, : len(answers)] = answers
        result.distances[index, : len(answers)] = lengths
        found = np.isin(answers, relevance.matches(index))
        result.correct[index, : len(answers)] = found
    return result


def _nearest(
    values: np.ndarray,
    margin: float,
    query: int,
    topk: int,
    distances: StreamedDistances,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices and exact distances of the nearest finite values."""
    topk = min(topk, int(np.isfinite(values).sum()))
    if topk == 0:
        return np.empty(0, np.int64), np.empty(0)
    # Whoever is among the first in float64 is within the margin of the last here.
    last = np.partition(values, topk - 1)[topk - 1]
    candidates = np.flatnonzero(values <= last + margin)
    lengths = distances.exact(query, candidates)
    order = np.lexsort((candidates, lengths))[:topk]
    return candidates[order], lengths[order]
