"""Several runs as one result: mean and standard deviation."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from mmreid.evaluation.stamp_words import describe_data, describe_rules
from mmreid.text_tables import format_table

#: What may differ between the protocols of runs that are averaged: it follows from
#: the division of the data or from the model.
VARYING = ('split_index', 'features_key', 'identical_vectors')


def summarize(results: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Average the results of several runs.

    Args:
        results (Mapping): What a test wrote, by the name of the run: numbers,
            protocol stamps, and of several test sets such a block for each.

    Returns:
        dict: ``mean`` and ``std`` by metric, ``num_runs``, and ``runs`` as they came,
        without the values of single queries.
        ``std`` is the sample standard deviation (divisor n - 1), None for one run.

    Raises:
        ValueError: The runs have not the same metrics, or were measured by different
            protocols.
    """
    results = {name: _flatten(run) for name, run in results.items()}
    check_protocols(results)
    first = next(iter(results.values()))
    names = [key for key, value in first.items() if _scores(value)]
    table = {
        name: np.array([run[name] for run in results.values()], float) for name in names
    }
    several = len(results) > 1
    return dict(
        mean={name: float(values.mean()) for name, values in table.items()},
        std={k: float(v.std(ddof=1)) if several else None for k, v in table.items()},
        num_runs=len(results),
        runs=results,
    )


def check_protocols(results: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse to average what was measured in different ways.

    Sizes and the number of the division may differ; all else may not.

    Raises:
        ValueError: The first difference, and the runs in which it was found.
    """
    (first, expected), *others = results.items()
    for name, run in others:
        for key in [*expected, *(key for key in run if key not in expected)]:
            a, b = (_comparable(key, block) for block in (expected, run))
            if a != b:
                what = _difference(a, b)
                raise ValueError(
                    f'{first} and {name} cannot be averaged: {key} differs{what}; '
                    'repeat one of them with the settings of the other.'
                )


def format_summary(summary: Mapping[str, Any]) -> str:
    """Lay out the runs, their mean and standard deviation.

    Args:
        summary (Mapping): What :func:`summarize` returned.

    Returns:
        str: A line a run, then one each for mean and standard deviation, in the
        metrics' own unit (percent), and the protocol of the first run.
    """
    metrics = [*summary['mean']]
    rows = {**summary['runs'], 'mean': summary['mean'], 'std (n - 1)': summary['std']}
    cells = [
        [name, *(_cell(row[metric]) for metric in metrics)]
        for name, row in rows.items()
    ]
    lines = format_table([['', *metrics], *cells]).splitlines()
    # Between the runs and what is said of all of them.
    lines.insert(-2, '-' * max(map(len, lines)))
    name, first = next(iter(summary['runs'].items()))
    for key, stamp in first.items():
        if key.endswith('reid/protocol'):
            lines += ['', f'{name}, {describe_data(stamp)}', *describe_rules(stamp)]
    return '\n'.join(lines)


def _flatten(run: Mapping[str, Any]) -> dict[str, Any]:
    """Name what is in the block of a test set ``'<set>/<metric>'``.

    Values of single queries, which are many, are left out.
    """
    flat: dict[str, Any] = {}
    for name, value in run.items():
        # Names of metrics have a slash, those of a protocol's entries do not.
        if isinstance(value, Mapping) and any('/' in key for key in value):
            flat |= {f'{name}/{key}': item for key, item in value.items()}
        else:
            flat[name] = value
    return {key: item for key, item in flat.items() if not key.endswith('per_query')}


def _scores(value: Any) -> bool:
    """Tell a metric from a protocol; None is a score that does not exist."""
    return value is None or isinstance(value, int | float)


def _cell(value: float | None) -> str:
    return '-' if value is None else f'{value:.2f}'


def _comparable(key: str, run: Mapping[str, Any]) -> Any:
    """Return what must be the same in all runs: which metrics, which protocol."""
    if not key.endswith('protocol'):
        return key in run
    stamp = {
        k: v
        for k, v in run.get(key, {}).items()
        if k not in VARYING and not k.startswith('num_')
    }
    if trained_on := stamp.get('trained_on'):
        stamp['trained_on'] = re.sub(r' \(split \d+\)', '', trained_on)
    return stamp


def _difference(a: Any, b: Any) -> str:
    """Name the first entry that differs."""
    if not (isinstance(a, dict) and isinstance(b, dict)):
        return ''
    key = next(key for key in [*a, *b] if a.get(key) != b.get(key))
    return f' in {key!r} ({a.get(key)!r} and {b.get(key)!r})'
