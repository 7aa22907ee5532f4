"""Everything that can be said of features, without the model that made them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmreid.apis.evaluate.resampling import Resampling
from mmreid.evaluation.functional import Features
from mmreid.evaluation.functional.ranking import camera_pairs
from mmreid.evaluation.functional.ranking.camera_pairs import hardest_queries
from mmreid.evaluation.functional.uncertainty import bootstrap_interval
from mmreid.evaluation.result import QueryTable, Result
from mmreid.evaluation.rules import RankingRules


def evaluate_features(
    features: Features,
    rules: RankingRules | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Compute the scores of features, with what each query contributes.

    Args:
        features (Features): From :func:`mmreid.evaluation.functional.load_features`.
        rules (RankingRules, optional): How to rank. Defaults to None: the defaults.
        progress (Callable, optional): Called with the work done and in all while
            re-ranking. Defaults to None.

    Returns:
        dict[str, Any]: What ``ReIDMetric`` returns in a test: ``reid/mAP``, ...,
        ``reid/protocol`` and ``reid/per_query``; further ``reid/warnings`` and, where
        known, ``reid/features_key``.

    Raises:
        ValueError: As :meth:`RankingRules.evaluate`.
    """
    result = Result.of(features, rules or RankingRules(), features.meta, progress)
    return {f'reid/{name}': value for name, value in result.to_json().items()}


def bound_scores(table: QueryTable, resampling: Resampling) -> dict[str, Any]:
    """Compute the interval of every score, in percent.

    Args:
        table (QueryTable): What each query contributes.
        resampling (Resampling): How.

    Returns:
        dict[str, Any]: ``low`` and ``high`` by metric, and how they were computed.

    Raises:
        ValueError: No query is evaluated.
    """
    known = table.take(table.valid)
    if not len(known):
        raise ValueError('No query has a right answer, so there is nothing to bound')
    values = 100 * np.stack(list(known.scores.values()), axis=1)
    found = bootstrap_interval(values, **resampling.options(known))
    bounds = zip(known.scores, found.low.tolist(), found.high.tolist(), strict=True)
    return dict(
        **{name: dict(low=low, high=high) for name, low, high in bounds},
        confidence=resampling.confidence,
        resamples=resampling.resamples,
        seed=resampling.seed,
        by_person=resampling.by_person,
        num_persons=len(np.unique(known.person_id)),
    )


def list_hardest(table: QueryTable, count: int) -> list[dict[str, Any]]:
    """List the queries with the lowest average precision, the lowest first.

    Args:
        table (QueryTable): What each query contributes.
        count (int): How many, at most.

    Returns:
        list[dict[str, Any]]: Path, person, camera, average precision in percent and
        the rank of the first right answer of each.
    """
    rows = table.take(hardest_queries(table.scores['mAP'], table.rank, count))
    columns = dict(
        path=rows.path,
        person_id=rows.person_id,
        cam_id=rows.cam_id,
        average_precision=100 * rows.scores['mAP'],
        rank=rows.rank,
    )
    values = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in values]


def score_camera_pairs(features: Features, rules: RankingRules) -> dict[str, Any]:
    """Score the pairs of cameras, in percent.

    Args:
        features (Features): Queries and gallery.
        rules (RankingRules): How to rank; only distance and average precision count.

    Returns:
        dict[str, Any]: Cameras, and tables (a row a query camera) of mAP, R1 and the
        number of queries.

    Raises:
        ValueError: The data set does not know its cameras.
    """
    if features.meta.get('cameras') is False:
        raise ValueError(
            'The data set does not know its cameras (every picture counts as one of '
            'its own), so there are no pairs of cameras to score'
        )
    pairs = camera_pairs.score_camera_pairs(
        features,
        distance=rules.distance,
        ranks=(1,),
        average_precision=rules.average_precision,
    )
    return dict(
        query_cameras=pairs.query_cameras.tolist(),
        gallery_cameras=pairs.gallery_cameras.tolist(),
        mAP=(100 * pairs.mAP).tolist(),
        R1=(100 * pairs.cmc[..., 0]).tolist(),
        num_queries=pairs.num_queries.tolist(),
    )
