"""What the ranks of the right answers are worth: mAP, mINP and CMC.

Average precision and CMC: Zheng et al., Scalable Person Re-identification: A
Benchmark, ICCV 2015. Inverse negative penalty: Ye et al., Deep Learning for Person
Re-identification: A Survey and Outlook, TPAMI 2021.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

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


def check_average_precision(name: str) -> None:
    """Refuse an unknown kind of average precision.

    Raises:
        ValueError: Neither ``'hits'`` nor ``'trapezoid'``.
    """
    if name not in AVERAGE_PRECISIONS:
        raise ValueError(
            f'average_precision must be one of {AVERAGE_PRECISIONS}, but got {name!r}'
        )


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
            f'[1, 5, 10], got {ranks!r}'
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
        wrong: The number of wrong answers before each match, one query after another
            and ascending in each.
        tied: Whether a wrong answer is exactly as far as the match, likewise.
        num_matches: ``(num_query,)`` int64, how many of these each query has.
        ranks: Ranks of the CMC.
        average_precision: ``'hits'`` or ``'trapezoid'``.
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
