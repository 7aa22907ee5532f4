"""One evaluation of features with everything that was asked for, and its text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmreid.apis.evaluate.camera_pairs import format_camera_pairs, score_camera_pairs
from mmreid.apis.evaluate.hardest_queries import format_hardest, list_hardest
from mmreid.apis.evaluate.identification import (
    format_identification,
    score_identification,
)
from mmreid.apis.evaluate.intervals import (
    Resampling,
    bound_scores,
    explain_intervals,
    interval_column,
)
from mmreid.apis.evaluate.thresholds import model_key
from mmreid.apis.evaluate.verification import format_verification, score_verification
from mmreid.evaluation.functional import Features, TestSet, pool_frames
from mmreid.evaluation.functional.open_set.operating_threshold import OperatingThreshold
from mmreid.evaluation.result import Result
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.stamp_words import describe_data, describe_rules
from mmreid.text_tables import format_number, format_table

# What is laid out below the scores, in this order.
_LAYOUTS: dict[str, Callable[[Any], str]] = {
    'camera_pairs': format_camera_pairs,
    'hardest': format_hardest,
    'identification': format_identification,
    'verification': format_verification,
}


@dataclass(frozen=True)
class Analyses:
    """What to compute beside the scores.

    Attributes:
        resampling: How to bound the scores; None: not at all.
        by_camera: Whether to score pairs of cameras.
        hardest: Number of hardest queries to list.
        rates: False accept and false positive rates, fractions; None: no open set.
        threshold: A saved threshold at which to measure; None: none.
    """

    resampling: Resampling | None = None
    by_camera: bool = False
    hardest: int = 0
    rates: Sequence[float] | None = None
    threshold: OperatingThreshold | None = None

    def check(self, rules: RankingRules) -> None:
        """Refuse what does not go with a way of ranking.

        Args:
            rules (RankingRules): How to rank.

        Raises:
            ValueError: Distances are asked for where the ranking is by something else.
        """
        asked = self.by_camera or self.rates is not None or self.threshold is not None
        plain = rules.protocol == 'market' and not (rules.boosters or rules.multi_query)
        if asked and not plain:
            raise ValueError(
                'Pairs of cameras and the open set are measured by plain distances '
                'under the Market protocol: leave them out, or re-ranking, '
                'centralisation, times, multi-query and other protocols.'
            )


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
    return analyze_features(features, rules, None, progress)


def analyze_features(
    features: Features,
    rules: RankingRules | None = None,
    analyses: Analyses | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Score features, and compute what else is asked for.

    Args:
        features (Features): From :func:`mmreid.evaluation.functional.load_features`.
        rules (RankingRules, optional): How to rank. Defaults to None: the defaults.
        analyses (Analyses, optional): Defaults to None: nothing else.
        progress (Callable, optional): As of :func:`evaluate_features`.

    Returns:
        dict[str, Any]: What :func:`evaluate_features` returns, and, as far as asked
        for, ``reid/intervals``, ``reid/camera_pairs``, ``reid/hardest``,
        ``reid/identification`` and ``reid/verification``.

    Raises:
        ValueError: Options that do not go together, or as the functions used.
    """
    rules, asked = rules or RankingRules(), analyses or Analyses()
    asked.check(rules)
    warning = None
    if asked.threshold is not None:
        warning = asked.threshold.check_use(rules.distance, model_key(features))
    result = Result.of(features, rules, features.meta, progress)
    report = result.to_json()
    report['warnings'] += [warning] if warning else []
    if asked.resampling is not None and result.table.valid.any():
        report['intervals'] = bound_scores(result.table, asked.resampling)
    if asked.hardest:
        report['hardest'] = list_hardest(result.table, asked.hardest)
    pooled = pool_frames(features, rules.tracklets)
    if asked.by_camera:
        report['camera_pairs'] = score_camera_pairs(pooled, rules)
    if asked.threshold is not None or asked.rates is not None:
        report |= _measure_open_set(pooled, rules, asked)
    return {f'reid/{name}': value for name, value in report.items()}


def _measure_open_set(
    features: TestSet, rules: RankingRules, asked: Analyses
) -> dict[str, Any]:
    """Measure at a threshold, by its task, or at rates, by both tasks."""
    options: dict[str, Any] = dict(distance=rules.distance, rates=asked.rates)
    task = None
    if asked.threshold is not None:
        options = dict(distance=rules.distance, threshold=asked.threshold)
        task = asked.threshold.task
    rates = {}
    if task != 'verification':
        scores = score_identification(features, ranks=rules.ranks, **options)
        rates['identification'] = scores
    if task != 'identification':
        rates['verification'] = score_verification(features, **options)
    return rates


def format_analysis(report: Mapping[str, Any]) -> str:
    """Lay out everything that was computed.

    Args:
        report (Mapping[str, Any]): From :func:`analyze_features`.

    Returns:
        str: Warnings, scores, analyses and how to read them.
    """
    values = {key.removeprefix('reid/'): value for key, value in report.items()}
    parts = [f'!!! {warning}' for warning in values['warnings']]
    parts.append(describe_data(values['protocol']))
    parts.append(_format_scores(values))
    parts += [layout(values[key]) for key, layout in _LAYOUTS.items() if key in values]
    parts.append('\n'.join(describe_rules(values['protocol'])))
    return '\n\n'.join(parts)


def _format_scores(values: Mapping[str, Any]) -> str:
    """Lay the scores out, with their intervals where there are any."""
    numbers = {k: v for k, v in values.items() if isinstance(v, int | float)}
    rows = [['', 'score'], *([k, format_number(v)] for k, v in numbers.items())]
    if 'intervals' not in values:
        return format_table(rows)
    column = interval_column(values['intervals'])
    rows = [[*row, column[row[0]]] for row in rows]
    return f'{format_table(rows)}\n{explain_intervals(values["intervals"])}'
