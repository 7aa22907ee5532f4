"""One evaluation of features with everything that was asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mmreid.apis.evaluate.open_set import (
    model_key,
    score_identification,
    score_verification,
)
from mmreid.apis.evaluate.resampling import Resampling
from mmreid.apis.evaluate.scores import (
    bound_scores,
    list_hardest,
    score_camera_pairs,
)
from mmreid.evaluation.functional import Features
from mmreid.evaluation.functional.open_set.operating_threshold import (
    TASKS,
    OperatingThreshold,
)
from mmreid.evaluation.result import Result
from mmreid.evaluation.rules import RankingRules


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
        plain = rules.protocol == 'market' and not (rules.rerank or rules.multi_query)
        if asked and not plain:
            raise ValueError(
                'Pairs of cameras and the open set are measured by plain distances '
                'under the Market protocol: leave them out, or re-ranking, multi-query '
                'and other protocols'
            )


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
    warnings = []
    if asked.threshold is not None:
        warnings.append(asked.threshold.check_use(rules.distance, model_key(features)))
    result = Result.of(features, rules, features.meta, progress)
    report = result.to_json()
    report['warnings'] += filter(None, warnings)
    if asked.resampling is not None and result.table.valid.any():
        report['intervals'] = bound_scores(result.table, asked.resampling)
    if asked.hardest:
        report['hardest'] = list_hardest(result.table, asked.hardest)
    if asked.by_camera:
        report['camera_pairs'] = score_camera_pairs(features, rules)
    report |= _open_set(features, rules, asked)
    return {f'reid/{name}': value for name, value in report.items()}


def _open_set(
    features: Features, rules: RankingRules, asked: Analyses
) -> dict[str, Any]:
    """Measure the open-set rates that are asked for."""
    options: dict[str, Any] = dict(distance=rules.distance)
    if asked.threshold is not None:
        options['threshold'] = asked.threshold
        tasks: tuple[str, ...] = (asked.threshold.task,)
    elif asked.rates is not None:
        options['rates'] = asked.rates
        tasks = TASKS
    else:
        return {}
    found = {}
    if 'identification' in tasks:
        scores = score_identification(features, ranks=rules.ranks, **options)
        found['identification'] = scores
    if 'verification' in tasks:
        found['verification'] = score_verification(features, **options)
    return found
