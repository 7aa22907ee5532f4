"""The first answers of each query, for drawing rank lists."""

from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.distances.measures import stream_distances
from mmreid.evaluation.functional.distances.streamed import StreamedDistances
from mmreid.evaluation.functional.ranking.relevance import Relevance, check_clothes
from mmreid.evaluation.functional.ranking.single_shot import check_impostors
from mmreid.evaluation.test_set import Array, Labels, TestSet


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

    @classmethod
    def empty(cls, num_query: int, topk: int) -> 'TopRanks':
        """Return lists without any answer, to be filled in.

        Raises:
            ValueError: ``topk`` below 1.
        """
        if topk < 1:
            raise ValueError(f'topk must be at least 1, got {topk}.')
        shape = (num_query, topk)
        return cls(np.full(shape, -1), np.full(shape, np.inf), np.zeros(shape, bool))

    def put(
        self,
        query: int,
        answers: np.ndarray,
        distances: np.ndarray,
        relevance: Relevance,
    ) -> None:
        """Fill in the answers of a query, nearest first."""
        self.indices[query, : len(answers)] = answers
        self.distances[query, : len(answers)] = distances
        right = np.isin(answers, relevance.matches(query))
        self.correct[query, : len(answers)] = right


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
    clothes: str | None = None,
    query_clothes: Labels | None = None,
    gallery_clothes: Labels | None = None,
    impostors: str = 'both',
) -> TopRanks:
    """Find the first answers of every query.

    The rules are those of :func:`evaluate_ranking`: junk and the query's person in
    the query's camera are no answers, equal distances are ordered by gallery index.
    Queries without a right answer get their list as well.

    Args:
        query (Array): ``(num_query, D)`` vectors, as in :func:`evaluate_ranking`.
        gallery (Array): ``(num_gallery, D)`` vectors.
        query_ids (Labels): Person of each query, ``(num_query,)``.
        gallery_ids (Labels): Person of each gallery image, ``(num_gallery,)``.
        query_cams (Labels): Camera of each query, ``(num_query,)``.
        gallery_cams (Labels): Camera of each gallery image, ``(num_gallery,)``.
        topk (int): Number of answers. Defaults to 10.
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        memory_budget (int): Bytes for a block of distances. Defaults to 256 MiB.
        clothes (str, optional): None, ``'changed'`` or ``'same'``, as in
            :func:`evaluate_ranking`.
        query_clothes (Labels, optional): Clothes of each query.
        gallery_clothes (Labels, optional): Clothes of each gallery image.
        impostors (str): ``'both'``, or ``'other-camera'``: nobody in the query's camera
            is an answer, as in :func:`evaluate_single_shot`. Defaults to ``'both'``.

    Returns:
        Indices, float64 distances and which answers are right.

    Raises:
        ValueError: As :func:`evaluate_ranking`, unknown ``impostors`` or ``topk``
            below 1.
    """
    check_clothes(clothes, query_clothes, gallery_clothes)
    labels = (query_ids, gallery_ids, query_cams, gallery_cams)
    return find_first_answers(
        TestSet.from_arrays(query, gallery, *labels, query_clothes, gallery_clothes),
        topk=topk,
        distance=distance,
        memory_budget=memory_budget,
        clothes=clothes,
        impostors=impostors,
    )


def find_first_answers(
    test_set: TestSet,
    *,
    topk: int = 10,
    distance: str = 'cosine',
    memory_budget: int = 256 << 20,
    clothes: str | None = None,
    impostors: str = 'both',
) -> TopRanks:
    """Do what :func:`top_ranks` describes for a test set.

    Args:
        test_set (TestSet): Queries and gallery.
        topk (int): Defaults to 10.
        distance (str): Defaults to ``'cosine'``.
        memory_budget (int): Defaults to 256 MiB.
        clothes (str, optional): Defaults to None.
        impostors (str): Defaults to ``'both'``.

    Returns:
        TopRanks: In the order of the queries.

    Raises:
        ValueError: As :func:`top_ranks`.
    """
    queries, gallery = test_set.queries, test_set.gallery
    result = TopRanks.empty(len(queries), topk)
    check_impostors(impostors)
    relevance = Relevance(test_set, clothes)
    distances = stream_distances(test_set, distance, memory_budget)
    everyone = np.arange(len(queries))
    for query, values, margin in distances.rows(everyone, distances.precisions[0]):
        values[relevance.ignored(query)] = np.inf
        if impostors == 'other-camera':
            values[gallery.cam_id == queries.cam_id[query]] = np.inf
        answers = _nearest(values, margin, query, topk, distances)
        result.put(query, *answers, relevance)
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
