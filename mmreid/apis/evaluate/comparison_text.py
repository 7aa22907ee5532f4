"""A comparison as text."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mmreid.apis.evaluate.comparison import Comparison, MethodScores
from mmreid.apis.evaluate.intervals import explain_intervals
from mmreid.evaluation.functional.uncertainty import (
    Interval,
    PairedDifference,
    Spread,
)
from mmreid.files import write_json
from mmreid.text_tables import format_table


def format_comparisons(comparisons: Mapping[str, Comparison]) -> str:
    """Lay out the comparisons on several data sets, one after the other.

    Args:
        comparisons (Mapping[str, Comparison]): By data set; a single one needs no
            name.
    """
    if len(comparisons) == 1:
        return format_comparison(next(iter(comparisons.values())))
    blocks = [
        f'== {name} ==\n\n{format_comparison(comparison)}'
        for name, comparison in comparisons.items()
    ]
    return '\n\n\n'.join(blocks)


def write_comparisons(
    path: str | os.PathLike, comparisons: Mapping[str, Comparison]
) -> None:
    """Write comparisons as JSON.

    Args:
        path (str | os.PathLike): The file; missing folders are made.
        comparisons (Mapping[str, Comparison]): By data set; a single one is not
            nested.
    """
    plain = {name: _to_plain(comparison) for name, comparison in comparisons.items()}
    write_json(path, plain if len(plain) > 1 else next(iter(plain.values())))


def format_comparison(comparison: Comparison) -> str:
    """Lay a comparison out: warnings, what is compared, scores, differences.

    Args:
        comparison (Comparison): From :func:`compare_results`.
    """
    letters = _letters(comparison.scores)
    counts = {
        name: next(iter(scores.runs.values())).count
        for name, scores in comparison.scores.items()
    }
    names = [
        f'{letter} = {name}' + (f' ({counts[name]} runs)' if counts[name] > 1 else '')
        for name, letter in letters.items()
    ]
    tables = [_table(comparison, letters, name) for name in comparison.differences]
    tables = tables or [_table(comparison, letters)]
    warnings = (
        warn_of_disagreements(comparison.disagreements, letters),
        warn_of_identical_vectors(comparison.protocols, letters),
    )
    parts = [*warnings, '\n'.join(names)]
    parts += [*tables, _explain(comparison)]
    return '\n\n'.join(filter(None, parts))


def _table(
    comparison: Comparison, letters: Mapping[str, str], other: str | None = None
) -> str:
    """Lay out the first method and another one beside it, a row a metric."""
    first = next(iter(comparison.scores))
    columns = [
        ['', *comparison.metrics],
        _score_cells(letters[first], comparison.scores[first]),
    ]
    if other is not None:
        columns.append(_score_cells(letters[other], comparison.scores[other]))
        name = f'{letters[other]} - {letters[first]}'
        columns += _difference_cells(name, comparison.differences[other])
    return format_table(list(zip(*columns, strict=True)))


def warn_of_disagreements(
    disagreements: Mapping[str, Mapping[str, Any]], letters: Mapping[str, str]
) -> str:
    """Say what the protocols differ in; nothing where they agree.

    Args:
        disagreements (Mapping[str, Mapping[str, Any]]): Values by key and method.
        letters (Mapping[str, str]): Short names of the methods.
    """
    if not disagreements:
        return ''
    keys = ', '.join(disagreements)
    lines = [f'!!! THE RESULTS WERE NOT MEASURED IN THE SAME WAY ({keys})']
    for key, values in disagreements.items():
        cells = (f'{letters.get(n, n)}: {json.dumps(v)}' for n, v in values.items())
        lines.append(f'!!! {key}: {"; ".join(cells)}')
    return '\n'.join(lines)


def warn_of_identical_vectors(
    protocols: Mapping[str, Mapping[str, Any]], letters: Mapping[str, str]
) -> str:
    """Say whose scores the order of the files has made; nothing where nobody's.

    Args:
        protocols (Mapping[str, Mapping[str, Any]]): Stamps by method.
        letters (Mapping[str, str]): Short names of the methods.
    """
    return '\n'.join(
        f'!!! {letters.get(name, name)}: all vectors are the same up to rounding; the '
        'order of the files alone makes its scores'
        for name, stamp in protocols.items()
        if stamp.get('identical_vectors') is True
    )


def _to_plain(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as dicts and lists, a block a method."""
    methods: dict[str, Any] = {}
    for name, scores in comparison.scores.items():
        methods[name] = dict(
            runs={metric: asdict(spread) for metric, spread in scores.runs.items()},
            interval=_intervals(scores.interval, comparison.metrics),
            protocol=comparison.protocols[name],
        )
    for name, difference in comparison.differences.items():
        if isinstance(difference, PairedDifference):
            plain = _intervals(difference, comparison.metrics)
        else:
            plain = {metric: asdict(spread) for metric, spread in difference.items()}
        methods[name]['difference'] = plain
    return dict(
        methods=methods,
        disagreements=comparison.disagreements,
        num_queries=comparison.num_queries,
        num_persons=comparison.num_persons,
        resampling=asdict(comparison.resampling),
    )


def _intervals(
    interval: Interval | None, metrics: Sequence[str]
) -> dict[str, dict[str, float]] | None:
    """Return the numbers of an interval or of a difference by metric."""
    if interval is None:
        return None
    keys = [
        key for key in ('value', 'low', 'high', 'p_value') if hasattr(interval, key)
    ]
    return {
        metric: {key: float(getattr(interval, key)[i]) for key in keys}
        for i, metric in enumerate(metrics)
    }


def _letters(methods: Mapping[str, Any]) -> dict[str, str]:
    """Name the methods A, B, ..., Z, A1, B1, ..."""
    return {
        name: chr(ord('A') + place % 26) + (str(place // 26) if place > 25 else '')
        for place, name in enumerate(methods)
    }


def _score_cells(name: str, scores: MethodScores) -> list[str]:
    """Write a column of scores with their spread over runs or their interval."""
    cells = [name]
    for place, spread in enumerate(scores.runs.values()):
        cell = _with_deviation(spread, '')
        if scores.interval is not None and spread.count == 1:
            low, high = scores.interval.low[place], scores.interval.high[place]
            cell += f' [{low:.2f}, {high:.2f}]'
        cells.append(cell)
    return cells


def _difference_cells(
    name: str, difference: PairedDifference | dict[str, Spread]
) -> list[list[str]]:
    """Write a column of differences and, where they are tested, one of p values."""
    if isinstance(difference, dict):
        return [
            [name, *(_with_deviation(spread, '+') for spread in difference.values())]
        ]
    values = zip(difference.value, difference.low, difference.high, strict=True)
    cells = [f'{value:+.2f} [{low:+.2f}, {high:+.2f}]' for value, low, high in values]
    return [[name, *cells], ['p', *(f'{p:.4f}' for p in difference.p_value)]]


def _with_deviation(spread: Spread, sign: str) -> str:
    several = f' ± {spread.deviation:.2f}' if spread.count > 1 else ''
    return f'{spread.mean:{sign}.2f}{several}'


def _explain(comparison: Comparison) -> str:
    """Say what the numbers beside the scores are."""
    how = comparison.resampling
    scores = comparison.scores.values()
    single = [next(iter(score.runs.values())).count == 1 for score in scores]
    size = f'{comparison.num_queries} queries of {comparison.num_persons} persons'
    lines = [f'{size}, in percent']
    if not all(single):
        lines.append('±: sample standard deviation over the runs')
    if all(score.interval is None for score in scores):
        lines[0] = f'{lines[0]} (of the first run; the runs have different queries)'
        lines.append('no test is made: splits of one data set are not independent')
        return '\n'.join(lines)
    if any(single) or comparison.differences:
        options = dict(vars(how), num_persons=comparison.num_persons)
        lines.append(f'[]: {100 * how.confidence:g} % {explain_intervals(options)}')
    if comparison.differences:
        unit = "a person's queries together" if how.by_person else 'query by query'
        lines.append(
            f'p: two-sided sign-flip permutation test, {unit}; {how.resamples} flips'
        )
    if len(comparison.differences) > 1:
        lines.append('p values are not corrected for the number of comparisons')
    return '\n'.join(lines)
