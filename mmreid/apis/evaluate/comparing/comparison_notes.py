"""What is said above and below the tables of a comparison."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mmreid.apis.evaluate.comparing.comparison import Comparison
from mmreid.apis.evaluate.comparing.differences import RunsDifference
from mmreid.apis.evaluate.intervals import explain_intervals
from mmreid.evaluation.functional.uncertainty import PairedDifference


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


def explain_comparison(comparison: Comparison, letters: Mapping[str, str]) -> str:
    """Say what the numbers in the tables are.

    Args:
        comparison (Comparison): What is shown.
        letters (Mapping[str, str]): Short names of the methods.
    """
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
    by_runs, by_persons = _sort_differences(comparison, letters)
    if any(single) or by_persons:
        options = dict(vars(comparison.resampling), num_persons=comparison.num_persons)
        level = f'{100 * comparison.resampling.confidence:g} %'
        lines.append(f'[]: {level} {explain_intervals(options)}')
    if by_persons:
        lines += _explain_persons(comparison, by_persons if by_runs else [])
    mixed = bool(by_persons) or len(by_runs) > 1
    for differences in by_runs.values():
        lines += _explain_runs(comparison, differences, mixed)
    if by_runs:
        lines.append(
            'runs needed: of each method, until the interval excludes zero, were the '
            'difference the true one; none: the persons are too few'
        )
    return '\n'.join([*lines, *_explain_correction(comparison)])


def _sort_differences(
    comparison: Comparison, letters: Mapping[str, str]
) -> tuple[dict[tuple[int, int], dict[str, RunsDifference]], list[str]]:
    """Name differences over runs and persons, by runs, and those over persons alone."""
    first = letters[next(iter(comparison.scores))]
    by_runs: dict[tuple[int, int], dict[str, RunsDifference]] = {}
    by_persons = []
    for method, difference in comparison.differences.items():
        name = f'{letters[method]} - {first}'
        if isinstance(difference, RunsDifference):
            by_runs.setdefault(difference.runs, {})[name] = difference
        elif isinstance(difference, PairedDifference):
            by_persons.append(name)
    return by_runs, by_persons


def _explain_persons(comparison: Comparison, names: Sequence[str]) -> list[str]:
    """Explain differences over persons alone; names where there are others."""
    how = comparison.resampling
    unit = "a person's queries together" if how.by_person else 'query by query'
    test = f'p: two-sided sign-flip permutation test, {unit}; {how.resamples} flips'
    seeds = (
        'seeds are not covered: with a single run of a method, intervals and p are of '
        'these networks, and another training may turn them round'
    )
    return _name([test, seeds], names)


def _explain_runs(
    comparison: Comparison, differences: Mapping[str, RunsDifference], mixed: bool
) -> list[str]:
    """Explain differences over as many runs; with their names if there are others."""
    how = comparison.resampling
    one = next(iter(differences.values()))
    persons = f'{comparison.num_persons} persons' if how.by_person else 'single queries'
    least = one.by_metric[0].least_p_value
    intervals = (
        f'[]: {100 * how.confidence:g} % intervals over {one.runs[0]} + {one.runs[1]} '
        f'runs and {persons}: bootstrap of both, widened for so few runs, '
        f'{how.resamples} resamples, seed {how.seed}'
    )
    test = (
        f'p: two-sided randomisation of runs and persons, {how.resamples} draws; with '
        f'so many runs it is never below {least:.2g}'
    )
    return _name([intervals, test], list(differences) if mixed else [])


def _name(lines: Iterable[str], names: Sequence[str]) -> list[str]:
    """Put the names of what lines explain before them, if there are any."""
    return [f'{", ".join(names)}: {line}' if names else line for line in lines]


def _explain_correction(comparison: Comparison) -> list[str]:
    """Say what family p values were corrected for, or that they were not."""
    correction = comparison.correction
    if correction is not None:
        line = (
            f'p ({correction.kind.title()}): corrected for a family of '
            f'{correction.family}, all p values printed here: who takes differences '
            'with at most 0.05 for true errs anywhere in at most 5 % of cases'
        )
        if correction.least <= 0.05:
            return [line]
        few = (
            f'with so many runs none of them can be below {correction.least:.2g}: it '
            'takes more runs, or fewer comparisons, chosen before'
        )
        return [line, few]
    if len(comparison.differences) > 1:
        return ['p values are not corrected for the number of comparisons']
    return []
