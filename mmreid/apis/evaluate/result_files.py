"""Results in files: features to evaluate, or scores with what each query adds."""

import glob
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mmreid.evaluation.functional import load_features
from mmreid.evaluation.result import QueryTable, Result
from mmreid.evaluation.rules import RankingRules
from mmreid.files import errors_in, read_json


def load_results(
    file: str | Path, rules: RankingRules | None = None
) -> list[dict[str, Result]]:
    """Read the runs in a file, or make one of a features file.

    Args:
        file (str | Path): ``.json``, written by ``tools/test.py``,
            ``evaluate_features.py`` or, with several runs, ``tools/repeat.py``; or a
            features file.
        rules (RankingRules, optional): How to rank features. Defaults to None: the
            defaults.

    Returns:
        list[dict[str, Result]]: Each run's results by data set; the name is empty
        where there is only one.

    Raises:
        ValueError: A file without the values of single queries.
    """
    path = Path(file)
    with errors_in(path):
        if path.suffix != '.json':
            features = load_features(path)
            result = Result.of(features, rules or RankingRules(), features.meta)
            return [{'': replace(result, name=str(path))}]
        return _find_runs(read_json(path), str(path))


def _find_runs(content: Any, name: str) -> list[dict[str, Result]]:
    """Find the runs in the content of a JSON file: one, or those of a repetition."""
    content = content if isinstance(content, Mapping) else {}
    runs = content.get('runs', {name: content})
    runs = runs if isinstance(runs, Mapping) else {}
    results = [
        _find_blocks(run, run_name) if isinstance(run, Mapping) else {}
        for run_name, run in runs.items()
    ]
    if not results or not all(results):
        raise ValueError(
            f"{name} does not hold the values of single queries ('per_query'), which a "
            'comparison needs. Write it anew with mmreid test --out FILE.json, or '
            'give the features (mmreid test --out FILE.npz).'
        )
    return results


def _find_blocks(content: Mapping[str, Any], name: str) -> dict[str, Result]:
    """Find the blocks of metrics that hold a table of queries."""
    results = {}
    for key, value in content.items():
        if key.rpartition('/')[2] == 'per_query':
            protocol = content.get(key.removesuffix('per_query') + 'protocol') or {}
            if not isinstance(protocol, dict):
                raise ValueError(f'{name}: its protocol must be an object.')
            results[''] = Result(name, protocol, QueryTable.from_json(value))
        elif isinstance(value, Mapping):
            for table in _find_blocks(value, f'{name} ({key})').values():
                results[key] = table
    return results


def load_methods(
    words: Sequence[str],
    rules: RankingRules | None = None,
    load: Callable[[str, RankingRules | None], list[dict[str, Result]]] = load_results,
) -> dict[str, dict[str, list[Result]]]:
    """Read the results of several methods.

    Args:
        words (Sequence[str]): One a method: a file, several joined by commas, or a
            pattern with ``*``, whose files are the runs of the method.
        rules (RankingRules, optional): As in :func:`load_results`.
        load (Callable): Reads a file by rules. Defaults to :func:`load_results`.

    Returns:
        dict[str, dict[str, list[Result]]]: By data set and by word, the runs. The data
        sets are those that all files have.

    Raises:
        FileNotFoundError: A pattern without a file.
        ValueError: No data set that all files have, or a method given twice.
    """
    if len(set(words)) < len(words):
        raise ValueError(f'Every method may be given once only, got {list(words)}.')
    loaded = {
        word: [run for file in find_runs(word) for run in load(file, rules)]
        for word in words
    }
    everything = [sets for runs in loaded.values() for sets in runs]
    if all(len(sets) == 1 for sets in everything):
        # One data set each: its name in the file does not matter.
        return {'': {w: [next(iter(s.values())) for s in r] for w, r in loaded.items()}}
    names = [name for name in everything[0] if all(name in sets for sets in everything)]
    if not names:
        raise ValueError(
            'The files have no data set in common; they have '
            f'{[sorted(sets) for sets in everything]}.'
        )
    return {n: {w: [s[n] for s in r] for w, r in loaded.items()} for n in names}


def find_runs(word: str) -> list[str]:
    """Return the files of a method's runs.

    Args:
        word (str): As in :func:`load_methods`.

    Raises:
        FileNotFoundError: A pattern without a file.
    """
    files = []
    for part in filter(None, word.split(',')):
        if not glob.has_magic(part) or Path(part).exists():
            files.append(part)
            continue
        matches = sorted(glob.glob(part, recursive=True))
        if not matches:
            raise FileNotFoundError(f'No file fits the pattern {part}.')
        files += matches
    return files
