"""What the head of a page of results says, in words and numbers."""

import math
from collections.abc import Sequence
from typing import Any

from mmreid.report.results.facts import (
    Difference,
    ReportedModel,
    ReportedTest,
    Score,
)

# A difference that chance makes more often than this is not called one.
_LEVEL = 0.05


def score_rows(models: Sequence[ReportedModel]) -> list[dict[str, Any]]:
    """Lay out scores, a row for each metric that any model has.

    Args:
        models (Sequence[ReportedModel]): The models.

    Returns:
        list[dict[str, Any]]: Of each row the metric's name and a cell a model: the
        value and the interval as texts.
    """
    metrics = dict.fromkeys(metric for model in models for metric in model.scores)
    return [
        dict(
            metric=metric,
            cells=[score_cell(model.scores.get(metric)) for model in models],
        )
        for metric in metrics
    ]


def describe_differences(test: ReportedTest) -> list[dict[str, Any]]:
    """Say how models differ, or that it cannot be said.

    Args:
        test (ReportedTest): The test.

    Returns:
        list[dict[str, Any]]: Of each pair its title and a sentence for each metric.
    """
    return [
        dict(
            title=f'{pair.second} compared with {pair.first}',
            sentences=[
                describe_difference(pair.first, pair.second, metric, difference)
                for metric, difference in pair.differences.items()
            ],
        )
        for pair in test.differences
    ]


def describe_point(model: ReportedModel) -> str:
    """Say at which threshold a model is used.

    Args:
        model (ReportedModel): The model.

    Returns:
        str: A sentence; empty where there is no threshold.
    """
    point = model.operating_point
    if point is None:
        return ''
    rates = [
        f'{rate:.3g} % of the pairs of {persons} are nearer'
        for rate, persons in (
            (point.true_positive_rate, 'one person'),
            (point.false_positive_rate, 'two persons'),
        )
        if not math.isnan(rate)
    ]
    text = f'{model.name}: threshold {point.threshold:.4g} ({point.distance} distance, '
    text += f'{point.source})' + (f': {" and ".join(rates)}' if rates else '')
    return f'{text}. {point.note}'.strip()


def score_cell(score: Score | None, digits: int = 1) -> dict[str, str]:
    """Write a score and its interval.

    Args:
        score (Score | None): In percent; None where there is none.
        digits (int): Behind the point. Defaults to 1.

    Returns:
        dict[str, str]: ``value``, ``'-'`` where there is none, and ``interval``, empty
        where there is none.
    """
    if score is None or math.isnan(score.value):
        return dict(value='-', interval='')
    interval = f'{score.low:.{digits}f} to {score.high:.{digits}f}'
    known = not math.isnan(score.low)
    return dict(value=f'{score.value:.{digits}f}', interval=interval if known else '')


def describe_difference(
    first: str, second: str, metric: str, change: Difference
) -> dict[str, str]:
    """Say what a difference shows, with the numbers behind it.

    Args:
        first (str): Name of the model that is compared with.
        second (str): Name of the other.
        metric (str): What is compared.
        change (Difference): What the second has more than the first.

    Returns:
        dict[str, str]: The metric, a sign, a verdict in words, and the numbers.
    """
    sure = not math.isnan(change.p_value) and change.p_value < _LEVEL
    numbers = f'{change.value:+.2f} points'
    if not math.isnan(change.low):
        numbers += f' ({change.low:+.2f} to {change.high:+.2f})'
    if not math.isnan(change.p_value):
        numbers += f', p = {change.p_value:.2g}'
    sign, verdict = '=', 'no difference is shown'
    if math.isnan(change.p_value):
        sign, verdict = '?', 'not tested'
    elif sure and change.value > 0:
        sign, verdict = '▲', f'{second} is better'
    elif sure and change.value < 0:
        sign, verdict = '▼', f'{first} is better'
    return dict(metric=metric, sign=sign, verdict=verdict, numbers=numbers)
