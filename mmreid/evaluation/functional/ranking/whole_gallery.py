"""Exact scores of a ranking by the Market-1501 protocol (Zheng et al., ICCV 2015)."""

from collections.abc import Sequence

from mmreid.evaluation.functional.distances.counting import count_wrong_answers
from mmreid.evaluation.functional.distances.measures import stream_distances
from mmreid.evaluation.functional.ranking.relevance import Relevance, check_clothes
from mmreid.evaluation.functional.ranking.scores import (
    RankingResult,
    check_average_precision,
    check_ranks,
    score_ranks,
)
from mmreid.evaluation.test_set import Array, Labels, TestSet


def evaluate_ranking(
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
    precision: str = 'exact',
    clothes: str | None = None,
    query_clothes: Labels | None = None,
    gallery_clothes: Labels | None = None,
) -> RankingResult:
    """Rank the gallery for each query and score the ranks of the right answers.

    Market protocol: gallery junk (person -1) is ignored, the query's person in the
    query's camera is ignored, distractors (a person that no query has, Market's 0)
    are wrong answers, queries without a right answer are left out and counted. Equal
    distances are ordered by gallery index. The result is that of a loop over float64
    distances (``1 - sum(q * g) / (|q| * |g|)`` or ``sqrt(sum((q - g)**2))``), but
    nothing is sorted and the distance matrix is never held whole.

    Args:
        query: ``(num_query, D)`` vectors, float16, float32 or float64, NumPy
            (memory-mapped files too) or torch on any device. They need no
            normalisation. If either set is float64, all products are.
        gallery: ``(num_gallery, D)`` vectors, likewise. Where they are on a CUDA
            device, the products are made there.
        query_ids: Person of each query, ``(num_query,)`` whole numbers.
        gallery_ids: Person of each gallery image, ``(num_gallery,)``.
        query_cams: Camera of each query, ``(num_query,)``.
        gallery_cams: Camera of each gallery image, ``(num_gallery,)``.
        distance: ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        ranks: Ranks at which the CMC is wanted. Defaults to ``(1, 5, 10)``.
        average_precision: ``'hits'``, the mean precision at the right answers
            (scikit-learn's and most published numbers), or ``'trapezoid'``, the
            lower value of Market-1501's own program, which averages the precision
            there and one place before. Defaults to ``'hits'``.
        memory_budget: Bytes for a block of distances beside the vectors themselves;
            one row is the least. Defaults to 256 MiB.
        precision: ``'exact'``, or ``'bf16'``: the vectors are rounded to bfloat16 and
            the products taken as they are, for a quick look. The instructions for it
            are used where the processor (AVX-512) or the GPU has them; they round the
            products, too. Elsewhere it is no faster. Defaults to ``'exact'``.
        clothes: None: clothes play no part. ``'changed'``: the query's person in the
            query's clothes is ignored, too; ``'same'``: in other clothes than the
            query's. Defaults to None.
        query_clothes: Clothes of each query, whole numbers; compared within a person
            only. Needed if ``clothes`` is given.
        gallery_clothes: Clothes of each gallery image, likewise.

    Returns:
        Fractions, and the values of each query in the order of ``query``.

    Raises:
        ValueError: An unknown option, mismatched lengths, an empty gallery or query
            set, NaN or infinity, or a zero vector under the cosine distance; the
            first offending index is named.

    Example:
        >>> import numpy as np
        >>> result = evaluate_ranking(
        ...     np.array([[1.0, 0.0]]), np.array([[1.0, 0.1], [1.0, 0.2]]),
        ...     [7], [3, 7], [0], [1, 1])
        >>> result.mAP, result.cmc
        (0.5, (0.0, 1.0, 1.0))
    """
    check_clothes(clothes, query_clothes, gallery_clothes)
    labels = (query_ids, gallery_ids, query_cams, gallery_cams)
    return rank_gallery(
        TestSet.from_arrays(query, gallery, *labels, query_clothes, gallery_clothes),
        distance=distance,
        ranks=ranks,
        average_precision=average_precision,
        memory_budget=memory_budget,
        precision=precision,
        clothes=clothes,
    )


def rank_gallery(
    test_set: TestSet,
    *,
    distance: str = 'cosine',
    ranks: Sequence[int] = (1, 5, 10),
    average_precision: str = 'hits',
    memory_budget: int = 256 << 20,
    precision: str = 'exact',
    clothes: str | None = None,
) -> RankingResult:
    """Do what :func:`evaluate_ranking` describes for a test set.

    Args:
        test_set (TestSet): Queries and gallery.
        distance (str): Defaults to ``'cosine'``.
        ranks (Sequence[int]): Defaults to ``(1, 5, 10)``.
        average_precision (str): Defaults to ``'hits'``.
        memory_budget (int): Defaults to 256 MiB.
        precision (str): Defaults to ``'exact'``.
        clothes (str, optional): Defaults to None.

    Returns:
        RankingResult: In the order of the queries.

    Raises:
        ValueError: As :func:`evaluate_ranking`.
    """
    ranks = check_ranks(ranks)
    check_average_precision(average_precision)
    relevance = Relevance(test_set, clothes)
    distances = stream_distances(test_set, distance, memory_budget, precision)
    wrong, tied = count_wrong_answers(distances, relevance)
    return score_ranks(wrong, tied, relevance.num_matches, ranks, average_precision)
