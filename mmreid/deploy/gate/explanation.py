"""A judgement as text."""

from typing import TYPE_CHECKING

from mmreid.deploy.gate.limits import LIMITS
from mmreid.text_tables import format_number, format_table

if TYPE_CHECKING:
    from mmreid.deploy.gate.judgement import Judgement

# Of the mistakes that were tried, as many are shown.
_SUSPECTS = 4


def explain(judgement: 'Judgement') -> str:
    """Lay a judgement out: verdict, scores, vectors, reasons and advice.

    Args:
        judgement (Judgement): What was found.
    """
    verdict = 'passed' if judgement.passed else 'refused'
    head = (
        f'{verdict}: {judgement.precision} on {judgement.data or "unnamed data"}, '
        f'{judgement.num_queries:,} queries of {judgement.num_persons:,} persons, '
        f'{judgement.num_gallery:,} in the gallery, {judgement.distance} distance'
    )
    parts = [head]
    if judgement.scores:
        parts.append(_score_table(judgement))
    parts.append(_vector_table(judgement))
    if judgement.reasons:
        lines = '\n'.join(f'  {reason}' for reason in judgement.reasons)
        parts.append(f'refused because\n{lines}')
    if judgement.suspects and not judgement.passed:
        parts.append(_suspect_table(judgement))
    if judgement.cause:
        parts.append(f'likely cause: {judgement.cause}\ntry: {judgement.advice}')
    return '\n\n'.join(parts)


def _score_table(judgement: 'Judgement') -> str:
    """Lay the scores out, a row a metric."""
    network, file = judgement.scores['network'], judgement.scores['file']
    level = f'{100 * judgement.confidence:g} % interval'
    rows = [['', 'network', 'file', 'difference', level, 'allowed']]
    for name, value in network.items():
        other = file[name]
        gap = None if value is None or other is None else other - value
        row = [name, format_number(value), format_number(other), _signed(gap), '', '']
        if name == 'mAP' and judgement.interval is not None:
            low, high = map(_signed, judgement.interval)
            row[4:] = [f'{low} to {high}', f'± {judgement.tolerance:.2f}']
        rows.append(row)
    return format_table(rows)


def _vector_table(judgement: 'Judgement') -> str:
    """Lay out what vectors and first answers tell."""
    limits = LIMITS[judgement.precision]
    rows = [
        ('lowest cosine', _fine(judgement.lowest_cosine), _least(limits.cosine)),
        ('median cosine', _fine(judgement.median_cosine), ''),
        (
            'deviation, of the spread of pictures',
            _percent(judgement.deviation),
            f'at most {_percent(limits.deviation)}',
        ),
        ('first ten answers the same', _percent(judgement.same_answers), ''),
        ('... in the same order', _percent(judgement.same_order), ''),
        ('... but for near-ties alone', _percent(judgement.near_ties), ''),
        (
            'ratio of lengths, median',
            _fine(judgement.length_ratio),
            _within(limits.length),
        ),
        (
            'ratio of variances',
            _fine(judgement.variance_ratio),
            _within(limits.variance),
        ),
        (
            'collapsed components',
            _count(judgement.collapsed, judgement.dim),
            f'at most {int(limits.collapsed * judgement.dim)}',
        ),
        (
            'pictures with vectors of something else',
            _count(judgement.strangers, judgement.num_pictures),
            f'at most {int(limits.strangers * judgement.num_pictures)}',
        ),
    ]
    return format_table([['', 'found', 'allowed'], *map(list, rows)])


def _suspect_table(judgement: 'Judgement') -> str:
    """Lay out the mistakes whose vectors are nearest to the file's."""
    suspects = judgement.suspects
    nearest = sorted(suspects, key=lambda name: suspects[name]['error'])[:_SUSPECTS]
    rows = [['the network gives, if it makes this mistake', 'lowest cosine', 'error']]
    for name in nearest:
        match = suspects[name]
        rows.append([name, _fine(match['lowest']), _percent(match['error'])])
    return format_table(rows)


def _signed(value: float | None) -> str:
    return '-' if value is None else f'{value:+.2f}'


def _fine(value: float | None) -> str:
    return '-' if value is None else f'{value:.6f}'


def _percent(value: float | None) -> str:
    return '-' if value is None else f'{100 * value:.4g} %'


def _count(value: int | None, total: int) -> str:
    return '-' if value is None else f'{value:,} of {total:,}'


def _least(limit: float | None) -> str:
    return 'any' if limit is None else f'at least {limit:g}'


def _within(factor: float) -> str:
    return f'{1 / factor:.2f} to {factor:.2f}'
