"""What an operating point says, in words."""

import math

from mmreid.search.decisions.operating_point import OperatingPoint
from mmreid.text_tables import format_table

# Fewer wrong answers than these tell a rate badly.
_FEW = 10
# Log loss of the prior at which calibrations are measured, in nats.
_EVEN_ODDS = math.log(2)


def describe_point(point: OperatingPoint) -> str:
    """Tell what a threshold is for, what it does and how well that is known.

    Args:
        point (OperatingPoint): The threshold.

    Returns:
        str: A table, a sentence and warnings.
    """
    search = point.task == 'identification'
    wrong = 'searches in vain' if search else 'pairs of two persons'
    right = 'searches with an answer' if search else 'pairs of one person'
    rows = [
        ['task', point.task],
        ['accept where distance <', f'{point.threshold:.6f}'],
        ['false accept rate', _share(point.achieved_rate, point.interval)],
        *(
            [['holds for others', f'{100 * point.guarantee:.4g} %']]
            if point.guarantee
            else []
        ),
        [
            'true accept rate',
            _share(point.true_accept_rate, point.true_accept_interval),
        ],
        [wrong, _count(point.num_negative)],
        [right, _count(point.num_positive)],
        ['persons', _count(point.num_persons)],
        *([['gallery', f'{point.num_gallery} vectors']] if search else []),
        ['probabilities', _quality(point)],
    ]
    lines = [format_table(rows, left=(0, 1)), '', explain_point(point)]
    return '\n'.join([*lines, *(f'Warning: {text}' for text in warn_of(point))])


def explain_point(point: OperatingPoint) -> str:
    """Say in a sentence what a threshold does.

    Args:
        point (OperatingPoint): The threshold.

    Returns:
        str: How many err by it, and what it holds for.
    """
    share = f'about 1 in {round(1 / point.rate)}' if point.rate else 'none'
    if point.guarantee:
        share = share.replace('about', 'at most')
    found = ''
    if point.true_accept_rate is not None:
        found = f', and {point.true_accept_rate:.1%} of those of one person do'
    if point.task == 'verification':
        return (
            f'Of pairs of two persons {share} passes for one{found}. It is a threshold '
            'for pairs: a search compares with the whole gallery and errs more often.'
        )
    if point.true_accept_rate is not None:
        found = (
            f', and {point.true_accept_rate:.1%} of searches for somebody who is '
            'there give the right answer first'
        )
    return (
        f'Of searches for somebody who is not in the gallery {share} gets an answer'
        f'{found}. It holds for a gallery of about {point.num_gallery} vectors: a '
        'larger one errs more often.'
    )


def warn_of(point: OperatingPoint) -> list[str]:
    """Tell what makes a threshold doubtful.

    Args:
        point (OperatingPoint): The threshold.

    Returns:
        list[str]: Sentences, none where all is well.
    """
    warnings = []
    allowed = point.rate * point.num_negative
    if allowed < _FEW:
        needed = round(_FEW / point.rate)
        warnings.append(
            f'{allowed:.3g} wrong answers are allowed among {point.num_negative}, and '
            f'by so few a rate is hardly known; {needed} would do.'
        )
    if point.interval and point.interval[1] > 3 * point.rate:
        warnings.append(
            f'for other persons the rate may be {point.interval[1]:.2%}, more than '
            'three times what was asked for; more persons narrow the interval.'
        )
    if point.calibration is None and point.task == 'identification':
        warnings.append(
            'there are no probabilities: right answers are not nearer than the nearest '
            'wrong ones.'
        )
    if text := warn_of_probabilities(point):
        warnings.append(text)
    return warnings


def warn_of_probabilities(point: OperatingPoint) -> str:
    """Tell that the probabilities say nothing.

    Args:
        point (OperatingPoint): The threshold.

    Returns:
        str: A sentence; '' where persons that they were not fitted on show that they
        say something, or were too few to show it.
    """
    loss = (point.quality or {}).get('log_loss', 0.0)
    if loss < _EVEN_ODDS:
        return ''
    return (
        f'the probabilities are worth no more than even odds: their log loss on '
        f'held-out persons is {loss:.4f}, and that of a constant 0.5 {_EVEN_ODDS:.4f}.'
    )


def _share(share: float | None, ends: tuple[float, float] | None) -> str:
    if share is None:
        return 'unknown'
    interval = f' [{100 * ends[0]:.4g}, {100 * ends[1]:.4g}]' if ends else ''
    return f'{100 * share:.4g} %{interval}'


def _count(count: int | None) -> str:
    return 'unknown' if count is None else str(count)


def _quality(point: OperatingPoint) -> str:
    if point.calibration is None:
        return 'none'
    if point.quality is None:
        return f'{point.calibration.kind}, too few persons to be tested'
    told = ', '.join(f'{key} {value:.4f}' for key, value in point.quality.items())
    return f'{point.calibration.kind}, on held-out persons {told}'
