"""Exact ranking of a whole gallery, and what the ranks of right answers are worth.

Average precision and CMC: Zheng et al., Scalable Person Re-identification: A
Benchmark, ICCV 2015. Inverse negative penalty: Ye et al., Deep Learning for Person
Re-identification: A Survey and Outlook, TPAMI 2021.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mmreid.arguments import check_choice
from mmreid.evaluation.functional.distances.measures import stream_distances
from mmreid.evaluation.functional.distances.wrong_answers import count_wrong_answers
from mmreid.evaluation.functional.ranking.relevance import Relevance, check_clothes
from mmreid.evaluation.test_set import Array, Labels, TestSet

AVERAGE_PRECISIONS = ('hits', 'trapezoid')


@dataclass(frozen=True, eq=False)
class RankingResult:
    """What a ranking is worth; all values are fractions in ``[0, 1]``.

    A query without a right answer is left out of the means. Where every query is,
    ``mAP``, ``mINP`` and ``cmc`` are NaN.

    Attributes:
        mAP: Mean of ``average_precision`` over the evaluated queries.
        mINP: Mean of ``inverse_negative_penalty`` over the evaluated queries.
        cmc: For each of ``ranks``, the fraction of evaluated queries whose first
            right answer has that rank or a better one.
        ranks: The ranks of ``cmc``, in its order.
        average_precision: ``(num_query,)`` float64; NaN where left out.
        inverse_negative_penalty: ``(num_query,)`` float64, the number of matches
            over the rank of the last one; NaN where left out.
        first_match_rank: ``(num_query,)`` int64, from 1; 0 where left out.
        first_match_tied: ``(num_query,)`` bool, whether a wrong answer is exactly as
            far as the first right one, so that the order of the gallery decides.
        num_matches: ``(num_query,)`` int64, right answers in the gallery.
        valid: ``(num_query,)`` bool, True where evaluated.
    """

    mAP: float  # noqa: N815 - the name that everybody knows
    mINP: float  # noqa: N815
    cmc: tuple[float, ...]
    ranks: tuple[int, ...]
    average_precision: np.ndarray
    inverse_negative_penalty: np.ndarray
    first_match_rank: np.ndarray
    first_match_tied: np.ndarray
    num_matches: np.ndarray
    valid: np.ndarray

    @property
    def num_query_evaluated(self) -> int:
        """Number of queries that have a right answer in the gallery."""
        return int(self.valid.sum())

    @property
    def num_query_without_match(self) -> int:
        """Number of queries left out because they have none."""
        return len(self.valid) - self.num_query_evaluated

    @property
    def num_query_tied(self) -> int:
        """Number of queries whose rank the order of the gallery decides."""
        return int(self.first_match_tied.sum())


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
        query (Array): ``(num_query, D)`` vectors, float16, float32 or float64, NumPy
            (memory-mapped files too) or torch on any device. They need no
            normalisation. If either set is float64, all products are.
        gallery (Array): ``(num_gallery, D)`` vectors, likewise. Where they are on a
            CUDA device, the products are made there.
        query_ids (Labels): Person of each query, ``(num_query,)`` whole numbers.
        gallery_ids (Labels): Person of each gallery image, ``(num_gallery,)``.
        query_cams (Labels): Camera of each query, ``(num_query,)``.
        gallery_cams (Labels): Camera of each gallery image, ``(num_gallery,)``.
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        ranks (Sequence[int]): Ranks at which the CMC is wanted. Defaults to ``(1, 5,
            10)``.
        average_precision (str): ``'hits'``, the mean precision at the right answers
            (scikit-learn's and most published numbers), or ``'trapezoid'``, the
            lower value of Market-1501's own program, which averages the precision
            there and one place before. Defaults to ``'hits'``.
        memory_budget (int): Bytes for a block of distances beside the vectors
            themselves; one row is the least. Defaults to 256 MiB.
        precision (str): ``'exact'``, or ``'bf16'``: the vectors are rounded to bfloat16
            and the products, which are rounded as well, taken as they are, for a quick
            look. Where neither the processor (AVX-512) nor a GPU has instructions for
            it, this would be no faster, and ranking is exact. Defaults to ``'exact'``.
        clothes (str, optional): None: clothes play no part. ``'changed'``: the query's
            person in the query's clothes is ignored, too; ``'same'``: in other clothes
            than the query's. Defaults to None.
        query_clothes (Labels, optional): Clothes of each query, whole numbers; compared
            within a person only. Needed if ``clothes`` is given.
        gallery_clothes (Labels, optional): Clothes of each gallery image, likewise.

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
    ranks = check_ranks(ranks)
    check_average_precision(average_precision)
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
    ranks: tuple[int, ...] = (1, 5, 10),
    average_precision: str = 'hits',
    memory_budget: int = 256 << 20,
    precision: str = 'exact',
    clothes: str | None = None,
) -> RankingResult:
    """Do what :func:`evaluate_ranking` describes for a test set.

    Ranks, average precision and clothes are taken as checked.

    Args:
        test_set (TestSet): Queries and gallery.
        distance (str): Defaults to ``'cosine'``.
        ranks (tuple[int, ...]): Defaults to ``(1, 5, 10)``.
        average_precision (str): Defaults to ``'hits'``.
        memory_budget (int): Defaults to 256 MiB.
        precision (str): Defaults to ``'exact'``.
        clothes (str, optional): Defaults to None.

    Returns:
        RankingResult: In the order of the queries.

    Raises:
        ValueError: As :func:`evaluate_ranking`.
    """
    relevance = Relevance(test_set, clothes)
    distances = stream_distances(test_set, distance, memory_budget, precision)
    wrong, tied = count_wrong_answers(distances, relevance)
    return score_ranks(wrong, tied, relevance.num_matches, ranks, average_precision)


def check_average_precision(name: str) -> None:
    """Refuse an unknown kind of average precision.

    Raises:
        ValueError: Neither ``'hits'`` nor ``'trapezoid'``.
    """
    check_choice('average_precision', name, AVERAGE_PRECISIONS)


def check_ranks(ranks: Sequence[int]) -> tuple[int, ...]:
    """Return the ranks as a tuple of Python integers.

    Raises:
        ValueError: Not one or more different whole numbers from 1.
    """
    numbers = tuple(ranks) if isinstance(ranks, Iterable) else (None,)
    whole = all(
        isinstance(rank, int | np.integer) and not isinstance(rank, bool) and rank >= 1
        for rank in numbers
    )
    if not numbers or not whole or len(set(numbers)) < len(numbers):
        raise ValueError(
            'ranks must be one or more different whole numbers from 1, such as '
            f'[1, 5, 10], got {ranks!r}.'
        )
    return tuple(int(rank) for rank in numbers)


def score_ranks(
    wrong: np.ndarray,
    tied: np.ndarray,
    num_matches: np.ndarray,
    ranks: tuple[int, ...],
    average_precision: str,
) -> RankingResult:
    """Turn the wrong answers before each match into metrics.

    Args:
        wrong (np.ndarray): The number of wrong answers before each match, one query
            after another and ascending in each.
        tied (np.ndarray): Whether a wrong answer is exactly as far as the match, for
            each entry of ``wrong``.
        num_matches (np.ndarray): ``(num_query,)`` int64, how many of these each query
            has.
        ranks (tuple[int, ...]): Ranks of the CMC.
        average_precision (str): ``'hits'`` or ``'trapezoid'``.
    """
    valid = num_matches > 0
    precision, penalty = np.full((2, len(valid)), np.nan)
    first = np.zeros(len(valid), np.int64)
    first_tied = np.zeros(len(valid), bool)
    if valid.any():
        lengths = num_matches[valid]
        starts = lengths.cumsum() - lengths
        hits = np.arange(len(wrong)) - np.repeat(starts, lengths) + 1
        at_hits = _precision_at_hits(wrong, hits, average_precision)
        precision[valid] = np.add.reduceat(at_hits, starts) / lengths
        penalty[valid] = lengths / (wrong[starts + lengths - 1] + lengths)
        first[valid], first_tied[valid] = wrong[starts] + 1, tied[starts]
    evaluated = first[valid]
    return RankingResult(
        mAP=mean_or_nan(precision[valid]),
        mINP=mean_or_nan(penalty[valid]),
        cmc=tuple(mean_or_nan(evaluated <= rank) for rank in ranks),
        ranks=ranks,
        average_precision=precision,
        inverse_negative_penalty=penalty,
        first_match_rank=first,
        first_match_tied=first_tied,
        num_matches=num_matches,
        valid=valid,
    )


def _precision_at_hits(
    wrong: np.ndarray, hits: np.ndarray, average_precision: str
) -> np.ndarray:
    """Return the precision at each right answer, the ``hits``-th of its query."""
    precision = hits / (wrong + hits)
    if average_precision == 'hits':
        return precision
    # One place before the first hit at rank 1 the precision counts as 1.
    seen = wrong + hits - 1
    previous = np.where(seen > 0, (hits - 1) / np.maximum(seen, 1), 1.0)
    return (previous + precision) / 2


def mean_or_nan(values: np.ndarray) -> float:
    """Return the mean, which is NaN where there is nothing."""
    return float(values.mean()) if len(values) else float('nan')
