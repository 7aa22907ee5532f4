"""A comparison as text."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mmreid.apis.evaluate.comparing.comparison import (
    Comparison,
    Correction,
    MethodScores,
)
from mmreid.apis.evaluate.comparing.comparison_notes import (
    explain_comparison,
    warn_of_disagreements,
    warn_of_identical_vectors,
)
from mmreid.apis.evaluate.comparing.differences import RunsDifference
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
    parts += [*tables, explain_comparison(comparison, letters)]
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
        columns += _correction_cells(comparison.correction, other)
        columns += _runs_cells(comparison.differences[other])
    return format_table(list(zip(*columns, strict=True)))


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
        methods[name]['difference'] = _difference(comparison, name, difference)
    correction = comparison.correction
    return dict(
        methods=methods,
        correction=correction and dict(kind=correction.kind, family=correction.family),
        disagreements=comparison.disagreements,
        num_queries=comparison.num_queries,
        num_persons=comparison.num_persons,
        resampling=asdict(comparison.resampling),
    )


def _difference(
    comparison: Comparison, name: str, difference: PairedDifference | dict[str, Spread]
) -> dict[str, dict[str, Any]]:
    """Return the numbers of a difference by metric."""
    if isinstance(difference, dict):
        return {metric: asdict(spread) for metric, spread in difference.items()}
    if isinstance(difference, RunsDifference):
        plain = dict(
            zip(comparison.metrics, map(asdict, difference.by_metric), strict=True)
        )
    else:
        plain = _intervals(difference, comparison.metrics) or {}
        for values in plain.values():
            values['covers_seeds'] = False
    if comparison.correction is not None:
        corrected = comparison.correction.p_values[name].tolist()
        for values, p_value in zip(plain.values(), corrected, strict=True):
            values['corrected_p_value'] = p_value
    return plain


def _intervals(
    interval: Interval | None, metrics: Sequence[str]
) -> dict[str, dict[str, Any]] | None:
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
    return [[name, *cells], _p_values('p', difference.p_value)]


def _correction_cells(correction: Correction | None, name: str) -> list[list[str]]:
    """Write a column of corrected p values, where there are any."""
    if correction is None:
        return []
    return [_p_values(f'p ({correction.kind.title()})', correction.p_values[name])]


def _runs_cells(difference: PairedDifference | dict[str, Spread]) -> list[list[str]]:
    """Write a column of how many runs would be needed, where seeds are covered."""
    if not isinstance(difference, RunsDifference):
        return []
    needed = (one.needed_runs for one in difference.by_metric)
    return [['runs needed', *(str(number or 'none') for number in needed)]]


def _p_values(head: str, p_values: Iterable[float]) -> list[str]:
    return [head, *(f'{p:.4f}' for p in p_values)]


def _with_deviation(spread: Spread, sign: str) -> str:
    several = f' ± {spread.deviation:.2f}' if spread.count > 1 else ''
    return f'{spread.mean:{sign}.2f}{several}'
