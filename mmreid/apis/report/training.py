"""Trainings and repeated runs, read for the page that shows them."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmreid.apis.evaluate.comparing.comparison import Comparison, compare_results
from mmreid.apis.evaluate.intervals import Resampling, bound_scores
from mmreid.apis.evaluate.result_files import load_results
from mmreid.apis.report.compared import (
    differences_of,
    explain_intervals,
    scores_of,
)
from mmreid.apis.runs.config_differences import find_differences
from mmreid.apis.runs.training_logs import name_runs, read_log
from mmreid.evaluation.result import Result
from mmreid.report.results import Score
from mmreid.report.training import Repeated, RepeatedRun, TrainingFacts, TrainingRun

# A run of `mmreid repeat` notes this in its folder.
_MARK, _RESULTS, _SUMMARY = 'run.json', 'results.json', 'summary.json'


def is_run(word: str) -> bool:
    """Whether a word names trainings, and no file of results.

    Args:
        word (str): A folder: of a training, or of ``mmreid repeat``, which the
            ``summary.json`` in it stands for.
    """
    return Path(word).is_dir() or Path(word).name == _SUMMARY


def gather_training(
    words: Sequence[str], resampling: Resampling | None = None
) -> TrainingFacts:
    """Read trainings and repeated runs.

    Args:
        words (Sequence[str]): Folders of trainings (``work_dir``) and of
            ``mmreid repeat``, whose runs are trainings too.
        resampling (Resampling, optional): How intervals are computed. Defaults to
            None: the defaults.

    Returns:
        TrainingFacts: What they hold; a run without logs or results says why.

    Raises:
        ValueError: A folder holds neither, or trainings count by different units.
    """
    how = resampling or Resampling()
    words = [_folder(word) for word in words]
    names = name_runs(words)
    folders, repeated = _find_folders(dict(zip(names, words, strict=True)))
    logs, problems = {}, {}
    for name, folder in folders.items():
        try:
            logs[name] = read_log(folder)
        except (OSError, ValueError) as error:
            problems[name] = str(error)
    if not logs and not repeated:
        raise ValueError(f'There are no trainings: {"; ".join(problems.values())}')
    units = {log.unit for log in logs.values()} or {'epoch'}
    if len(units) > 1:
        raise ValueError('Some runs count epochs and others do not; show them apart.')
    settings = find_differences(folders)
    trainings = [
        TrainingRun(
            name,
            str(folder),
            logs[name].curves if name in logs else {},
            settings.get(name, {}),
            problems.get(name, ''),
            logs[name].seconds if name in logs else math.nan,
        )
        for name, folder in folders.items()
    ]
    configs, explained = _gather_repeated(
        dict(zip(names, words, strict=True)), repeated, how
    )
    return TrainingFacts(tuple(trainings), units.pop(), configs, explained)


def _folder(word: str) -> str:
    """Tell the folder that is meant."""
    return str(Path(word).parent) if Path(word).name == _SUMMARY else word


def _find_folders(
    words: Mapping[str, str],
) -> tuple[dict[str, Path], dict[str, dict[str, Path]]]:
    """Find the folders of trainings by name, and those of repeated runs by config."""
    folders: dict[str, Path] = {}
    repeated: dict[str, dict[str, Path]] = {}
    for name, word in words.items():
        runs = {
            mark.parent.name: mark.parent
            for mark in sorted(Path(word).glob(f'*/{_MARK}'))
        }
        if runs:
            repeated[name] = runs
            folders |= {f'{name} {run}': folder for run, folder in runs.items()}
        else:
            folders[name] = Path(word)
    return folders, repeated


def _gather_repeated(
    words: Mapping[str, str],
    repeated: Mapping[str, Mapping[str, Path]],
    how: Resampling,
) -> tuple[tuple[Repeated, ...], str]:
    """Read the results of repeated runs, and compare the configs."""
    found = {
        name: {run: _read_results(folder) for run, folder in runs.items()}
        for name, runs in repeated.items()
    }
    # The results of one test set: a page of several would be several pages.
    methods = {
        name: [next(iter(r.values())) for r in runs.values() if isinstance(r, dict)]
        for name, runs in found.items()
    }
    comparison, note = _compare({n: m for n, m in methods.items() if m}, how)
    configs = []
    for name, runs in found.items():
        listed = tuple(_repeated_run(run, result, how) for run, result in runs.items())
        compared: dict[str, Any] = {}
        if comparison is not None and name in comparison.scores:
            spreads = comparison.scores[name].runs
            compared = dict(
                means=scores_of(comparison, name),
                deviations={metric: s.deviation for metric, s in spreads.items()},
                differences=differences_of(comparison, name),
            )
        configs.append(Repeated(name, str(words[name]), listed, **compared))
    sets = dict.fromkeys(
        s
        for runs in found.values()
        for r in runs.values()
        if isinstance(r, dict)
        for s in r
    )
    if len(sets) > 1:
        shown, *others = sets
        note = f'{note} Scores are of {shown}; left out: {", ".join(others)}.'.strip()
    return tuple(configs), note


def _read_results(folder: Path) -> dict[str, Result] | str:
    """Read the results of a run; say why where there are none."""
    file = folder / _RESULTS
    if not file.exists():
        return 'It is not finished: there is no results.json in its folder.'
    try:
        return load_results(file)[0]
    except (OSError, ValueError) as error:
        return str(error)


def _repeated_run(
    name: str, result: dict[str, Result] | str, how: Resampling
) -> RepeatedRun:
    """Tell the scores of a run."""
    if isinstance(result, str):
        return RepeatedRun(name, problem=result)
    first = next(iter(result.values()))
    if not first.table.valid.any():
        return RepeatedRun(name, problem='No query has a right answer.')
    bounds = bound_scores(first.table, how)
    scores = {
        metric: Score(value, bounds[metric]['low'], bounds[metric]['high'])
        for metric, value in first.scores.items()
    }
    return RepeatedRun(name, scores)


def _compare(
    methods: Mapping[str, list[Result]], how: Resampling
) -> tuple[Comparison | None, str]:
    """Compare configs by their finished runs; say why where they cannot be."""
    if not methods:
        return None, 'No run is finished.'
    try:
        comparison = compare_results(methods, how)
    except ValueError as error:
        return None, f'The configs are not compared: {error}'
    if comparison.disagreements:
        keys = ', '.join(comparison.disagreements)
        return None, f'The configs are not compared: their protocols differ in {keys}.'
    explained = explain_intervals(comparison)
    return comparison, f'{explained}.' if explained else ''
