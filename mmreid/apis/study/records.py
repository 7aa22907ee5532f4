"""What the runs of a study gave: one file, a line for each run, which only grows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.apis.study.run_record import SCORES, RunRecord, read_results
from mmreid.evaluation.functional.uncertainty import Spread, spread
from mmreid.evaluation.result import QueryTable
from mmreid.evaluation.rules import BOOSTERS
from mmreid.evaluation.stamp import OF_RUN
from mmreid.files import force

# Of values, behind the point.
_DIGITS = 6
# Of a stamp, how a method's vectors are compared, which is a part of the method.
_OF_METHOD = ('distance', 'flip_test', 'normalize', 'rerank', 'embedding_dim')


class StudyRecords:
    """The file of a study's runs.

    The first line tells the queries, which are the same in all runs, and the protocol;
    every other line is a run. A line that a kill has cut short is left out, and taken
    away before the next is written. Of two lines for one method and seed the later one
    counts.

    Args:
        file (str | Path): Ends in ``.jsonl``; need not be there yet.

    Attributes:
        runs: By method and seed.
        persons: ``(n,)`` int64, whom each query shows; empty before the first run.
        protocol: The stamp of the test, but for what differs between methods and runs.

    Raises:
        ValueError: The file is none of a study.
    """

    def __init__(self, file: str | Path) -> None:
        self.file = Path(file)
        self.runs: dict[tuple[str, int], RunRecord] = {}
        self.persons = np.empty(0, np.int64)
        self.protocol: dict[str, Any] = {}
        self._paths: list[str] = []
        self._size = 0  # of what is whole
        if self.file.exists():
            self._read()

    def add(self, record: Mapping[str, Any], results: Mapping[str, Any]) -> RunRecord:
        """Add what the test of a run has written; it is on the disk on return.

        Args:
            record (Mapping): Attributes of :class:`RunRecord` up to ``made``.
            results (Mapping): The content of its ``results.json``.

        Returns:
            RunRecord: The whole record.

        Raises:
            ValueError: Its queries or its protocol are not those of the other runs, or
                it was not one test set with the values of its queries.
        """
        table, stamp, metrics = read_results(results)
        of_method = dict.fromkeys((*_OF_METHOD, *BOOSTERS))
        protocol = {
            k: v for k, v in stamp.items() if k not in of_method and k not in OF_RUN
        }
        self._check(table, protocol)
        run = RunRecord(
            **record,
            measured={n: stamp.get(n) for n in of_method if n in (*_OF_METHOD, *stamp)},
            metrics=metrics,
            # As the file has them: what is written now and later is the same.
            values={name: np.round(table.scores[name], _DIGITS) for name in SCORES},
        )
        header = []
        if not self._size:
            queries = dict(path=table.path.tolist(), person_id=table.person_id.tolist())
            header = [dict(queries=queries, protocol=protocol)]
            self._keep_header(header[0])
        return self._keep(run, header)

    def find(self, key: str, seed: int) -> RunRecord | None:
        """Find a run, whatever its method is called.

        Args:
            key (str): What it was trained by.
            seed (int): Its seed.
        """
        same = (r for r in self.runs.values() if (r.key, r.seed) == (key, seed))
        return next(same, None)

    def add_same(self, record: RunRecord, **described: Any) -> RunRecord:
        """Add a run that was made by another name.

        Args:
            record (RunRecord): The run.
            **described (Any): What differs of its attributes.

        Returns:
            RunRecord: The one that was added; it is on the disk on return.
        """
        return self._keep(replace(record, **described))

    def of_method(self, name: str) -> dict[int, RunRecord]:
        """Return the runs of a method by seed, ascending.

        Args:
            name (str): Of the method.
        """
        return {s: self.runs[m, s] for m, s in sorted(self.runs) if m == name}

    def values(self, name: str, score: str) -> np.ndarray:
        """Return ``(runs, n)`` values of a score, by seed and query.

        Args:
            name (str): Of the method.
            score (str): One of ``SCORES``.
        """
        return np.array([run.values[score] for run in self.of_method(name).values()])

    def spread(self, name: str, score: str) -> Spread:
        """Return mean and deviation of a score over the seeds, in percent.

        Args:
            name (str): Of the method.
            score (str): One of ``SCORES``.
        """
        return spread(100 * self.values(name, score).mean(axis=1))

    def _read(self) -> None:
        """Read the lines that are whole."""
        content = self.file.read_bytes()
        self._size = content.rfind(b'\n') + 1
        for number, line in enumerate(content[: self._size].splitlines(), 1):
            try:
                entry = json.loads(line)
                if number == 1:
                    self._keep_header(entry)
                else:
                    run = RunRecord.from_json(entry, len(self.persons))
                    self.runs[run.method, run.seed] = run
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(
                    f'{self.file}, line {number}, is no record of a study ({error}); '
                    'give another file, or take the line away.'
                ) from error

    def _keep_header(self, header: Mapping[str, Any]) -> None:
        self._paths = [str(path) for path in header['queries']['path']]
        self.persons = np.array(header['queries']['person_id'], np.int64)
        self.protocol = dict(header['protocol'])

    def _check(self, table: QueryTable, protocol: Mapping[str, Any]) -> None:
        """Refuse a run that cannot be compared with those that are there."""
        if not self._size:
            return
        if table.path.tolist() != self._paths:
            raise ValueError(f'{self.file} holds runs with other queries.')
        names = [*protocol, *(name for name in self.protocol if name not in protocol)]
        for name in names:
            a, b = self.protocol.get(name), protocol.get(name)
            if a != b:
                raise ValueError(
                    f'{self.file} holds runs of another protocol: {name} is {a!r} '
                    f'there and {b!r} here. Write these into another file.'
                )

    def _keep(
        self, run: RunRecord, header: Sequence[Mapping[str, Any]] = ()
    ) -> RunRecord:
        """Write a run, behind a header if there was none, and count it."""
        self._append([*header, run.to_json()])
        self.runs[run.method, run.seed] = run
        return run

    def _append(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Write lines behind the last whole one."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with open(self.file, 'r+b' if self.file.exists() else 'w+b') as handle:
            handle.truncate(self._size)
            handle.seek(self._size)
            for line in lines:
                text = json.dumps(line, allow_nan=False, separators=(',', ':'))
                handle.write(text.encode() + b'\n')
            handle.flush()
            self._size = handle.tell()
            force(handle.fileno())
