"""What a comparison of methods says, in the values that pages show."""

import math

from mmreid.apis.evaluate.comparing.comparison import Comparison
from mmreid.apis.evaluate.comparing.differences import RunsDifference
from mmreid.evaluation.functional.uncertainty import PairedDifference
from mmreid.report.results import Difference, Score


def scores_of(comparison: Comparison, name: str) -> dict[str, Score]:
    """Tell a method's scores, means of its runs, with their intervals.

    Args:
        comparison (Comparison): The comparison.
        name (str): The method.

    Returns:
        dict[str, Score]: By metric; without an interval where runs have other queries.
    """
    method = comparison.scores[name]
    low = high = [math.nan] * len(comparison.metrics)
    if method.interval is not None:
        low, high = method.interval.low.tolist(), method.interval.high.tolist()
    return {
        metric: Score(method.runs[metric].mean, low[i], high[i])
        for i, metric in enumerate(comparison.metrics)
    }


def differences_of(comparison: Comparison, name: str) -> dict[str, Difference]:
    """Tell how a method differs from the first.

    Args:
        comparison (Comparison): The comparison.
        name (str): The method.

    Returns:
        dict[str, Difference]: By metric; none of the first method.
    """
    change = comparison.differences.get(name)
    if change is None:
        return {}
    if not isinstance(change, PairedDifference):
        return {m: Difference(change[m].mean) for m in comparison.metrics}
    columns = (change.value, change.low, change.high, change.p_value)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    named = zip(comparison.metrics, rows, strict=True)
    return {metric: Difference(*row) for metric, row in named}


def explain_intervals(comparison: Comparison) -> str:
    """Say how intervals were computed.

    Args:
        comparison (Comparison): The comparison.

    Returns:
        str: A line; empty where there are no intervals.
    """
    if all(scores.interval is None for scores in comparison.scores.values()):
        return ''
    how = comparison.resampling
    drawn = f'the {comparison.num_persons:,} persons' if how.by_person else 'queries'
    changes = comparison.differences.values()
    runs = [isinstance(change, RunsDifference) for change in changes]
    both = 'of differences' if all(runs) else 'of differences between several runs each'
    return (
        f'{100 * how.confidence:g} % intervals by percentile bootstrap over {drawn}, '
        + (f'those {both} over the runs too, ' if any(runs) else '')
        + f'{how.resamples:,} resamples'
    )
