"""One run of a study: what it was, where it was made, and what each query gave."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from mmreid.evaluation.features.key import below_common_folder
from mmreid.evaluation.result import QueryTable

# Of the values of single queries, those that the scores of a study are means of.
SCORES = ('mAP', 'mINP', 'R1')


@dataclass(frozen=True, eq=False)
class RunRecord:
    """One run: what it was, where it was made, and what each query gave.

    Attributes:
        method: Its method's name.
        seed: Its seed.
        key: What it was trained by, see :func:`mmreid.apis.study.planning.run_key`.
        config: The method's config.
        options: ``KEY=VALUE`` of the study and the method.
        seconds: That training and test took; None of a run that was interrupted.
        made: Where it was made, see
            :func:`mmreid.apis.study.machine.describe_machine`.
        measured: ``distance``, ``flip_test``, ``normalize``, ``rerank`` and
            ``embedding_dim`` of its stamp.
        metrics: What the test gave, in percent, by name.
        values: ``(n,)`` per query of each of ``SCORES``, fractions.
    """

    method: str
    seed: int
    key: str
    config: str
    options: tuple[str, ...]
    seconds: float | None
    made: Mapping[str, str]
    measured: Mapping[str, Any]
    metrics: Mapping[str, float]
    values: Mapping[str, np.ndarray]

    def to_json(self) -> dict[str, Any]:
        """Return the record as a line of the file has it."""
        values = {name: column.tolist() for name, column in self.values.items()}
        return asdict(self) | dict(options=list(self.options), values=values)

    @classmethod
    def from_json(cls, entry: Mapping[str, Any], count: int) -> 'RunRecord':
        """Read a record of a line of the file.

        Args:
            entry (Mapping): What :meth:`to_json` has returned.
            count (int): How many queries there are.

        Raises:
            ValueError: Values that are no fractions, or not one of each query.
        """
        values = {name: np.array(entry['values'][name], np.float64) for name in SCORES}
        for name, column in values.items():
            if column.shape != (count,) or not ((column >= 0) & (column <= 1)).all():
                raise ValueError(f'{name} must be {count} numbers from 0 to 1')
        known = {**entry, 'options': tuple(entry['options']), 'values': values}
        return cls(**known)


def read_results(
    results: Mapping[str, Any],
) -> tuple[QueryTable, dict[str, Any], dict[str, float]]:
    """Read the content of a test's ``results.json``.

    Args:
        results (Mapping): Of one test set.

    Returns:
        tuple: Its evaluated queries, in the order of their paths below the folder that
        all share, its stamp, and its metrics.

    Raises:
        ValueError: It has no table of queries, or not one.
    """
    tables = [key for key in results if key.endswith('reid/per_query')]
    if len(tables) != 1:
        raise ValueError(
            'a study needs a test on one data set with the values of single queries.'
        )
    prefix = tables[0].removesuffix('per_query')
    table = QueryTable.from_json(results[tables[0]])
    table = table.take(table.valid)
    paths = np.array(below_common_folder(table.path), np.str_)
    order = np.argsort(paths, kind='stable')
    table = replace(table.take(order), path=paths[order])
    stamp = dict(results[f'{prefix}protocol'])
    return table, stamp, dict(_metrics(results, prefix))


def _metrics(results: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, float]]:
    for key, value in results.items():
        if key.startswith(prefix) and isinstance(value, int | float):
            yield key.removeprefix(prefix), float(value)
