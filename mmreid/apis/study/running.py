"""Making the runs of a study that are missing, several at once, and keeping each."""

import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmreid.apis.model_names import config_path
from mmreid.apis.runs.plan import Run
from mmreid.apis.runs.programs import Programs
from mmreid.apis.runs.repetition import LOG, Repetition
from mmreid.apis.study.definition import FurtherTest, Study
from mmreid.apis.study.further_tests import trained_weights
from mmreid.apis.study.machine import describe_machine
from mmreid.apis.study.planning import PlannedRun
from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.run_record import RunRecord


@dataclass(frozen=True)
class StudyRunner:
    """Makes runs in processes of their own.

    Attributes:
        study: The study.
        records: Is given each run that is finished.
        work_dir: Has a folder for each run.
        tools: Folder of ``train.py`` and ``test.py``, see :class:`Repetition`.
        parallel: How many at the same time. Defaults to 1.
        partition: Of Slurm, whose jobs the runs are. Defaults to None.
        programs: Starts their programs. Defaults to one of its own.
        test: A further test of networks that are trained already, in the place of
            training and test. Defaults to None.
    """

    study: Study
    records: StudyRecords
    work_dir: Path
    tools: Path
    parallel: int = 1
    partition: str | None = None
    programs: Programs = field(default_factory=Programs)
    test: FurtherTest | None = None

    def run_all(
        self,
        runs: Sequence[PlannedRun],
        report: Callable[[PlannedRun, RunRecord | str], None],
    ) -> list[PlannedRun]:
        """Make runs; one that fails does not keep the others from being made.

        Methods whose runs have one key are the same network by two names, which is
        trained once.

        Args:
            runs (Sequence[PlannedRun]): To be made.
            report (Callable): Is told of each as it ends, with its record or with what
                went wrong.

        Returns:
            list[PlannedRun]: Those that have failed.

        Raises:
            KeyboardInterrupt: This program was stopped, and with it what ran.
        """
        failed = []
        groups: dict[tuple[str, int], list[PlannedRun]] = {}
        for run in runs:
            if (known := self.records.find(run.key, run.seed)) is not None:
                report(run, self.records.add_same(known, **self._described(run)))
            else:
                groups.setdefault((run.key, run.seed), []).append(run)
        with self.programs.side_by_side(self.parallel) as pool:
            jobs = {
                pool.submit(self._make, group[0], number): group
                for number, group in enumerate(groups.values())
            }
            for job in as_completed(jobs):
                for run in jobs[job]:
                    outcome = self._keep(run, jobs[job][0], job)
                    failed += [run] if isinstance(outcome, str) else []
                    report(run, outcome)
        return failed

    def _described(self, run: PlannedRun) -> dict[str, Any]:
        """Return what a record tells of a run before it is made."""
        return dict(
            method=run.method.name,
            seed=run.seed,
            key=run.key,
            config=run.method.config,
            options=self._options(run),
        )

    def _options(self, run: PlannedRun) -> tuple[str, ...]:
        """Return what is changed of a run's config, but its seed."""
        further = self.test.options if self.test else ()
        return (*self.study.options, *run.method.options, *further)

    def _folder(self, run: PlannedRun) -> Path:
        """Return where a run writes; no method's folder begins with a line."""
        inner = Path('_tests', self.test.folder) if self.test else Path()
        return self.work_dir / inner / run.name

    def _make(self, run: PlannedRun, number: int) -> tuple[dict, float | None]:
        """Train and test; return results and seconds, None of what was continued."""
        folder = self._folder(run)
        trained = trained_weights(self.work_dir, run) if self.test else None
        repetition = Repetition(
            config_path(run.method.config),
            run.key,
            folder.parent,
            self.tools,
            checkpoint=trained,
            options=self._options(run),
            partition=self.partition,
            threads=1 if self.parallel > 1 and self.partition is None else None,
            quiet=True,
            programs=self.programs,
        )
        begun = folder.exists()
        seed = dict(seed=run.seed)
        started = time.monotonic()
        results = repetition.run(
            Run(folder.name, seed, (f'randomness.seed={run.seed}',)), number
        )
        return results, None if begun else time.monotonic() - started

    def _keep(self, run: PlannedRun, made: PlannedRun, job: Future) -> RunRecord | str:
        """Keep what a run gave, made as this one or as its equal, or why it failed."""
        try:
            results, seconds = job.result()
            return self.records.add(
                dict(
                    **self._described(run),
                    seconds=None if seconds is None else round(seconds, 1),
                    made=describe_machine(run.config, self.partition),
                ),
                results,
            )
        except subprocess.CalledProcessError as error:
            log = self._folder(made) / LOG
            return f'it ended with status {error.returncode}; {log} tells why.'
        except (OSError, ValueError) as error:
            return str(error)
