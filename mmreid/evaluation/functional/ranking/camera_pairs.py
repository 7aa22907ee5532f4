"""Where a score comes from: pairs of cameras, and the hardest queries."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmreid.evaluation.functional.distances.measures import stream_distances
from mmreid.evaluation.functional.distances.wrong_answers import count_wrong_answers
from mmreid.evaluation.functional.ranking.exact_ranking import (
    check_average_precision,
    check_ranks,
    score_ranks,
)
from mmreid.evaluation.functional.ranking.relevance import Relevance
from mmreid.evaluation.test_set import Array, Labels, TestSet


@dataclass(frozen=True, eq=False)
class CameraPairs:
    """Scores by the query's camera (rows) and the right answers' camera (columns).

    Attributes:
        query_cameras: ``(A,)`` cameras of queries, ascending.
        gallery_cameras: ``(B,)`` cameras of right answers, ascending.
        mAP: ``(A, B)`` fractions; NaN where no query has a right answer.
        cmc: ``(A, B, len(ranks))`` fractions; NaN where mAP is.
        ranks: The ranks of ``cmc``.
        num_queries: ``(A, B)`` int64, queries with a right answer in that camera.
    """

    query_cameras: np.ndarray
    gallery_cameras: np.ndarray
    mAP: np.ndarray  # noqa: N815
    cmc: np.ndarray
    ranks: tuple[int, ...]
    num_queries: np.ndarray


def evaluate_camera_pairs(
    query: Array,
    gallery: Array,
    query_ids: Labels,
    gallery_ids: Labels,
    query_cams: Labels,
    gallery_cams: Labels,
    *,
    distance: str = 'cosine',
    ranks: Sequence[int] = (1, 5, 10),
    average_precision: str = 'hits',
    memory_budget: int = 256 << 20,
) -> CameraPairs:
    """Score the ranking by pairs of cameras.

    For each camera in which a query has right answers, these alone are right, its right
    answers in other cameras are ignored, and the wrong answers of *all* cameras stay,
    as in the camera matrices of Market-1501's own program (Zheng et al., ICCV 2015). A
    cell is therefore not lower because a camera has more pictures of other persons.

    Args:
        query (Array): ``(num_query, D)`` vectors, as in :func:`evaluate_ranking`.
        gallery (Array): ``(num_gallery, D)`` vectors.
        query_ids (Labels): Person of each query, ``(num_query,)``.
        gallery_ids (Labels): Person of each gallery image, ``(num_gallery,)``.
        query_cams (Labels): Camera of each query, ``(num_query,)``.
        gallery_cams (Labels): Camera of each gallery image, ``(num_gallery,)``.
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        ranks (Sequence[int]): Ranks at which the CMC is wanted. Defaults to ``(1, 5,
            10)``.
        average_precision (str): ``'hits'`` or ``'trapezoid'``. Defaults to ``'hits'``.
        memory_budget (int): Bytes for a block of distances. Defaults to 256 MiB.

    Raises:
        ValueError: As :func:`evaluate_ranking`.
    """
    labels = (query_ids, gallery_ids, query_cams, gallery_cams)
    return score_camera_pairs(
        TestSet.from_arrays(query, gallery, *labels),
        distance=distance,
        ranks=ranks,
        average_precision=average_precision,
        memory_budget=memory_budget,
    )


def score_camera_pairs(
    test_set: TestSet,
    *,
    distance: str = 'cosine',
    ranks: Sequence[int] = (1, 5, 10),
    average_precision: str = 'hits',
    memory_budget: int = 256 << 20,
) -> CameraPairs:
    """Do what :func:`evaluate_camera_pairs` describes for a test set.

    Args:
        test_set (TestSet): Queries and gallery.
        distance (str): Defaults to ``'cosine'``.
        ranks (Sequence[int]): Defaults to ``(1, 5, 10)``.
        average_precision (str): Defaults to ``'hits'``.
        memory_budget (int): Defaults to 256 MiB.

    Returns:
        CameraPairs: Of all pairs that have a query with a right answer.

    Raises:
        ValueError: As :func:`evaluate_camera_pairs`.
    """
    ranks = check_ranks(ranks)
    check_average_precision(average_precision)
    relevance = Relevance(test_set)
    distances = stream_distances(test_set, distance, memory_budget)
    wrong, _ = count_wrong_answers(distances, relevance)
    gallery_cams = test_set.gallery.cam_id
    owners, columns, counts = [], [], []
    ends = relevance.num_matches.cumsum()
    for index, before in enumerate(np.split(wrong, ends[:-1])):
        matches = relevance.matches(index)
        # The counts ascend with the distance, so this tells which is whose.
        order = np.lexsort((matches, distances.exact(index, matches)))
        cameras = gallery_cams[matches[order]]
        for camera in np.unique(cameras):
            owners.append(index)
            columns.append(camera)
            counts.append(before[cameras == camera])
    lengths = np.array([len(before) for before in counts], np.int64)
    all_counts = np.concatenate((np.empty(0, np.int64), *counts))
    no_ties = np.zeros(len(all_counts), bool)
    result = score_ranks(all_counts, no_ties, lengths, ranks, average_precision)
    rows = test_set.queries.cam_id[np.array(owners, np.int64)]
    hits = result.first_match_rank[:, None] <= np.array(ranks)
    return _average(
        rows, np.array(columns, np.int64), result.average_precision, hits, ranks
    )


def _average(
    rows: np.ndarray,
    columns: np.ndarray,
    precision: np.ndarray,
    hits: np.ndarray,
    ranks: tuple[int, ...],
) -> CameraPairs:
    """Average over the queries of each cell."""
    query_cameras, row = np.unique(rows, return_inverse=True)
    gallery_cameras, column = np.unique(columns, return_inverse=True)
    values = np.concatenate((np.ones((len(rows), 1)), precision[:, None], hits), axis=1)
    sums = np.zeros((len(query_cameras), len(gallery_cameras), values.shape[1]))
    np.add.at(sums, (row, column), values)
    num_queries = sums[..., 0]
    means = np.full_like(sums, np.nan)
    np.divide(sums, num_queries[..., None], out=means, where=num_queries[..., None] > 0)
    return CameraPairs(
        query_cameras=query_cameras,
        gallery_cameras=gallery_cameras,
        mAP=means[..., 1],
        cmc=means[..., 2:],
        ranks=ranks,
        num_queries=num_queries.astype(np.int64),
    )


def hardest_queries(
    average_precision: np.ndarray, first_rank: np.ndarray, count: int
) -> np.ndarray:
    """Find the queries with the lowest average precision.

    Equal ones come by the rank of their first right answer, the worst first, then in
    their own order. Queries without a right answer (NaN) are not among them.

    Args:
        average_precision (np.ndarray): ``(num_query,)``.
        first_rank (np.ndarray): ``(num_query,)`` rank of the first right answer.
        count (int): How many, at most.

    Returns:
        Indices, the hardest query first.
    """
    precision, rank = np.asarray(average_precision), np.asarray(first_rank)
    order = np.lexsort((-rank, precision))
    return order[: np.isfinite(precision).sum()][: max(0, count)]
