"""Scores of a gallery with one picture per identity, as CUHK03's classic protocol.

Li et al. (DeepReID, CVPR 2014) draw one picture of each identity as the gallery, rank
it, and repeat. Here the mean over all possible draws is computed instead: an identity
with ``n`` pictures of which ``a`` come before the right answer precedes it with
probability ``a / n``, independently of the other identities, so the rank is 1 plus a
Poisson binomial variable.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmreid.arguments import check_choice
from mmreid.evaluation.functional.distances.measures import stream_distances
from mmreid.evaluation.functional.ranking.drawn_galleries import (
    GalleryShots,
    stream_shots,
)
from mmreid.evaluation.functional.ranking.exact_ranking import (
    check_average_precision,
    check_ranks,
    mean_or_nan,
)
from mmreid.evaluation.functional.ranking.rank_distribution import (
    DrawnGallery,
    score_all_draws,
    score_some_draws,
)
from mmreid.evaluation.functional.ranking.relevance import Relevance
from mmreid.evaluation.test_set import Array, Labels, TestSet

# Whose pictures may be the wrong answers of a single-shot gallery.
IMPOSTORS = ('other-camera', 'both')


@dataclass(frozen=True, eq=False)
class SingleShotResult:
    """What a single-shot ranking is worth on average; fractions in ``[0, 1]``.

    The fields of :class:`RankingResult` mean the same here, each as an expectation
    over the drawn galleries. There is one right answer in each, so its average
    precision and its inverse negative penalty are both one over its rank.

    Attributes:
        mAP: Mean of ``average_precision`` over the evaluated queries.
        mINP: Mean of ``inverse_negative_penalty`` over the evaluated queries.
        cmc: For each of ``ranks``, the mean of ``hit_chance``.
        ranks: The ranks of ``cmc``, in its order.
        average_precision: ``(num_query,)`` float64; NaN where left out.
        inverse_negative_penalty: ``(num_query,)`` float64; NaN where left out.
        hit_chance: ``(num_query, len(ranks))`` probability that the right answer has
            that rank or a better one; NaN where left out.
        mean_rank: ``(num_query,)`` float64, of the right answer; NaN where left out.
        num_matches: ``(num_query,)`` int64, pictures that may be the right answer.
        valid: ``(num_query,)`` bool, True where evaluated.
        draws: How often each query's gallery was drawn; None: the exact expectation.
    """

    mAP: float  # noqa: N815 - the name that everybody knows
    mINP: float  # noqa: N815
    cmc: tuple[float, ...]
    ranks: tuple[int, ...]
    average_precision: np.ndarray
    inverse_negative_penalty: np.ndarray
    hit_chance: np.ndarray
    mean_rank: np.ndarray
    num_matches: np.ndarray
    valid: np.ndarray
    draws: int | None

    @property
    def num_query_evaluated(self) -> int:
        """Number of queries that have a right answer in the gallery."""
        return int(self.valid.sum())

    @property
    def num_query_without_match(self) -> int:
        """Number of queries left out because they have none."""
        return len(self.valid) - self.num_query_evaluated

    @property
    def num_query_tied(self) -> None:
        """Not counted: each drawn gallery has ties of its own."""
        return None


def evaluate_single_shot(
    query: Array,
    gallery: Array,
    query_ids: Labels,
    gallery_ids: Labels,
    query_cams: Labels,
    gallery_cams: Labels,
    *,
    distance: str = 'cosine',
    ranks: Sequence[int] = (1, 5, 10),
    impostors: str = 'other-camera',
    average_precision: str = 'hits',
    draws: int | None = None,
    seed: int = 0,
    memory_budget: int = 256 << 20,
) -> SingleShotResult:
    """Rank one gallery picture of each identity for each query, on average.

    Junk (person -1) and the query's person in the query's camera are never drawn; each
    distractor (person 0, unless a query shows it) is an identity of its own and so
    always there. Queries without a right answer are left out and counted. Equal
    distances are ordered by gallery index.

    Args:
        query (Array): ``(num_query, D)`` vectors, as in :func:`evaluate_ranking`.
        gallery (Array): ``(num_gallery, D)`` vectors.
        query_ids (Labels): Person of each query, ``(num_query,)``.
        gallery_ids (Labels): Person of each gallery image, ``(num_gallery,)``.
        query_cams (Labels): Camera of each query.
        gallery_cams (Labels): Camera of each gallery image.
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        ranks (Sequence[int]): Ranks at which the CMC is wanted. Defaults to ``(1, 5,
            10)``.
        impostors (str): ``'other-camera'``: a query's gallery has no picture of the
            query's camera, as in the published protocol and in open-reid; ``'both'``:
            the other identities' pictures may come from there as well, as in torchreid.
            Defaults to ``'other-camera'``.
        average_precision (str): ``'hits'``: one over the rank; ``'trapezoid'``: half of
            that except at rank 1. (torchreid prints the mean average precision of the
            whole gallery beside its single-shot CMC: that is
            :func:`evaluate_ranking`'s.) Defaults to ``'hits'``.
        draws (int, optional): None: the exact expectation. A number: so many galleries
            are drawn for each query, as the older programs do (10 in torchreid and
            open-reid, 100 in others). Defaults to None.
        seed (int): Of the draws, which depend on nothing else. Defaults to 0.
        memory_budget (int): Bytes for a block of distances. Defaults to 256 MiB.

    Returns:
        Fractions, and the values of each query in the order of ``query``.

    Raises:
        ValueError: As :func:`evaluate_ranking`, or an unknown option.
    """
    labels = (query_ids, gallery_ids, query_cams, gallery_cams)
    return rank_single_shot(
        TestSet.from_arrays(query, gallery, *labels),
        distance=distance,
        ranks=ranks,
        impostors=impostors,
        average_precision=average_precision,
        draws=draws,
        seed=seed,
        memory_budget=memory_budget,
    )


def rank_single_shot(
    test_set: TestSet,
    *,
    distance: str = 'cosine',
    ranks: Sequence[int] = (1, 5, 10),
    impostors: str = 'other-camera',
    average_precision: str = 'hits',
    draws: int | None = None,
    seed: int = 0,
    memory_budget: int = 256 << 20,
) -> SingleShotResult:
    """Do what :func:`evaluate_single_shot` describes for a test set.

    Args:
        test_set (TestSet): Queries and gallery.
        distance (str): Defaults to ``'cosine'``.
        ranks (Sequence[int]): Defaults to ``(1, 5, 10)``.
        impostors (str): Defaults to ``'other-camera'``.
        average_precision (str): Defaults to ``'hits'``.
        draws (int, optional): Defaults to None.
        seed (int): Defaults to 0.
        memory_budget (int): Defaults to 256 MiB.

    Returns:
        SingleShotResult: In the order of the queries.

    Raises:
        ValueError: As :func:`evaluate_single_shot`.
    """
    ranks = check_ranks(ranks)
    check_average_precision(average_precision)
    check_impostors(impostors)
    if draws is not None and draws < 1:
        raise ValueError(f'draws must be None or at least 1, got {draws}.')
    relevance = Relevance(test_set)
    distances = stream_distances(test_set, distance, memory_budget)
    shots = GalleryShots(test_set, other_camera=impostors == 'other-camera')
    galleries = (
        DrawnGallery.of_query(index, fixed, nearer, shots.sizes(index))
        for index, fixed, nearer in stream_shots(distances, relevance, shots)
    )
    # Rank 1 is wanted in any case, for the trapezoid.
    values = np.full((len(test_set.queries), 3 + len(ranks)), np.nan)
    if draws is None:
        score_all_draws(galleries, (1, *ranks), values)
    else:
        score_some_draws(galleries, (1, *ranks), values, draws, seed)
    return _result(values, relevance.num_matches, ranks, average_precision, draws)


def check_impostors(name: str) -> None:
    """Refuse an unknown kind of impostors.

    Raises:
        ValueError: Neither ``'other-camera'`` nor ``'both'``.
    """
    check_choice('impostors', name, IMPOSTORS)


def _result(
    values: np.ndarray,
    num_matches: np.ndarray,
    ranks: tuple[int, ...],
    average_precision: str,
    draws: int | None,
) -> SingleShotResult:
    """Average over the queries."""
    # Rounding may carry a sum of probabilities past 1.
    inverse, at_once = np.minimum(values.T[[0, 2]], 1)
    hit_chance = np.minimum(values[:, 3:], 1)
    # Before the first hit the precision is 0, and at rank 1 it counts as 1.
    precision = inverse if average_precision == 'hits' else (inverse + at_once) / 2
    valid = num_matches > 0
    return SingleShotResult(
        mAP=mean_or_nan(precision[valid]),
        mINP=mean_or_nan(inverse[valid]),
        cmc=tuple(mean_or_nan(column) for column in hit_chance[valid].T),
        ranks=ranks,
        average_precision=precision,
        inverse_negative_penalty=inverse,
        hit_chance=hit_chance,
        mean_rank=values[:, 1],
        num_matches=num_matches,
        valid=valid,
        draws=draws,
    )
