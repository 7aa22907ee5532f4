"""What distances alone tell of a model: pairs, a threshold, pairs of cameras."""

from typing import Any

import numpy as np

from mmreid.apis.evaluate.camera_pairs import score_camera_pairs
from mmreid.apis.report.results.pairs import coarser, count_pairs, det_curve
from mmreid.apis.report.results.points import Threshold, find_point
from mmreid.evaluation.functional import Features, pool_frames
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.test_set import TestSet
from mmreid.report.results import CameraTable

_NO_PAIRS = (
    'Pairs of cameras, DET and distances of pairs are measured by plain distances '
    'under the Market protocol alone.'
)


def measure_distances(
    features: Features,
    rules: RankingRules,
    threshold: Threshold | None = None,
    rate: float | None = None,
) -> tuple[dict[str, Any], list[str]]:
    """Measure what distances alone tell.

    Args:
        features (Features): Queries and gallery.
        rules (RankingRules): How they are ranked.
        threshold (Threshold, optional): As of :func:`find_point`. Defaults to None.
        rate (float, optional): As of it. Defaults to None.

    Returns:
        tuple[dict[str, Any], list[str]]: ``pair_distances``, ``det``,
        ``operating_point`` and ``cameras`` of a :class:`ReportedModel`, as far as they
        can be measured; and why others cannot.
    """
    if rules.protocol != 'market' or rules.boosters or rules.multi_query:
        return {}, [_NO_PAIRS]
    pooled, missing = pool_frames(features, rules.tracklets), []
    found: dict[str, Any] = {}
    counted = count_pairs(pooled, rules.distance)
    if counted is None:
        missing.append('There are no pairs of one person, or none of two.')
    else:
        found['pair_distances'], found['det'] = coarser(counted), det_curve(counted)
        point, missing = find_point(pooled, rules.distance, threshold, rate)
        found['operating_point'] = point
    try:
        found['cameras'] = _score_cameras(pooled, rules)
    except ValueError as error:  # they are not known
        missing.append(str(error))
    return found, missing


def _score_cameras(pooled: TestSet, rules: RankingRules) -> CameraTable:
    """Score the pairs of cameras."""
    table = score_camera_pairs(pooled, rules)
    return CameraTable(
        np.array(table['query_cameras']),
        np.array(table['gallery_cameras']),
        np.array(table['mAP'], float),
        np.array(table['R1'], float),
        np.array(table['num_queries']),
    )
