"""Making the runs of a study that are missing, several at once, and keeping each."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmreid.apis.model_names import config_path
from mmreid.apis.runs.plan import Run
from mmreid.apis.runs.repetition import LOG, Repetition
from mmreid.apis.study.definition import StudiedMethod, Study
from mmreid.apis.study.machine import describe_machine
from mmreid.apis.study.records import RunRecord, StudyRecords
from mmreid.engine import read_config
from mmreid.evaluation.features.key import hash_text
from mmreid.files import to_json

# Of a config, what a trained network and its test depend on.
_DECIDING = (
    *('model', 'train_dataloader', 'test_dataloader', 'test_evaluator'),
    *('optim_wrapper', 'param_scheduler', 'train_cfg', 'test_cfg', 'custom_hooks'),
    *('auto_scale_lr', 'load_from'),
)
# Of a data loader, what gives the same pictures sooner or later.
_SPEED_ALONE = ('num_workers', 'persistent_workers', 'pin_memory', 'prefetch_factor')


@dataclass(frozen=True)
class PlannedRun:
    """One run of a study.

    Attributes:
        method: Of the study.
        seed: Its seed.
        key: What it is trained by.
        config: The config as it stands, with all options but the seed.
    """

    method: StudiedMethod
    seed: int
    key: str
    config: Config = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """Of the run, as messages and folders have it."""
        return f'{self.method.folder}/seed_{self.seed:02d}'


def plan_study(
    study: Study, seeds: Sequence[int] = (), methods: Sequence[str] = ()
) -> list[PlannedRun]:
    """List the runs of a study: all methods with the first seed, then the next one.

    A study that is stopped has so as many runs of each method as of any other.

    Args:
        study (Study): The study.
        seeds (Sequence[int]): Only these. Defaults to (): all.
        methods (Sequence[str]): Only these. Defaults to (): all.

    Raises:
        ValueError: The study has no such seed or method, or a method's options do not
            fit its config; it is named.
    """
    for what, asked, there in (
        ('seed', seeds, study.seeds),
        ('method', methods, study.methods),
    ):
        unknown = [value for value in asked if value not in there]
        if unknown:
            raise ValueError(
                f'the study has no {what} {unknown[0]!r}; it has {list(there)}.'
            )
    read = {
        name: _read(method, study)
        for name, method in study.methods.items()
        if not methods or name in methods
    }
    return [
        PlannedRun(study.methods[name], seed, run_key(config), config)
        for seed in study.seeds
        if not seeds or seed in seeds
        for name, config in read.items()
    ]


def _read(method: StudiedMethod, study: Study) -> Config:
    """Read a method's config with the options of the study and its own."""
    try:
        path = config_path(method.config)
        return read_config(path, [*study.options, *method.options])
    except (OSError, ValueError) as error:
        raise ValueError(f'method {method.name!r}: {error}') from error


def run_key(config: Config) -> str:
    """Hash what a run depends on beside its seed.

    Folders, logs and what only changes the speed are left out: a record stays valid
    where they change.

    Args:
        config (Config): With all options but the seed.
    """
    deciding = {name: to_json(config.get(name), str) for name in _DECIDING}
    for loader in ('train_dataloader', 'test_dataloader'):
        entries = deciding[loader]
        for entry in entries if isinstance(entries, list) else [entries or {}]:
            for name in (*_SPEED_ALONE, 'data_root', 'source'):
                entry.pop(name, None)
                entry.get('dataset', {}).pop(name, None)
    return hash_text(repr(_ordered(deciding)))[:16]


def _ordered(value: Any) -> Any:
    """Make what does not depend on the order of a dict's entries."""
    if isinstance(value, Mapping):
        return sorted((str(key), _ordered(item)) for key, item in value.items())
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def missing_runs(
    runs: Sequence[PlannedRun], records: StudyRecords
) -> tuple[list[PlannedRun], list[PlannedRun]]:
    """Find which runs are to be made.

    Args:
        runs (Sequence[PlannedRun]): Of :func:`plan_study`.
        records (StudyRecords): What was made before.

    Returns:
        tuple: Those to be made, and, of them, those whose record is of another config
        or of other options.
    """
    found = [records.runs.get((run.method.name, run.seed)) for run in runs]
    missing, stale = [], []
    for run, record in zip(runs, found, strict=True):
        if record is None or record.key != run.key:
            missing.append(run)
        if record is not None and record.key != run.key:
            stale.append(run)
    return missing, stale


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
    """

    study: Study
    records: StudyRecords
    work_dir: Path
    tools: Path
    parallel: int = 1
    partition: str | None = None

    def run_all(
        self,
        runs: Sequence[PlannedRun],
        report: Callable[[PlannedRun, RunRecord | str], None],
    ) -> list[PlannedRun]:
        """Make runs; one that fails does not keep the others from being made.

        Args:
            runs (Sequence[PlannedRun]): To be made.
            report (Callable): Is told of each as it ends, with its record or with what
                went wrong.

        Returns:
            list[PlannedRun]: Those that have failed.
        """
        failed = []
        with ThreadPoolExecutor(max(1, self.parallel)) as pool:
            jobs = {
                pool.submit(self._make, run, number): run
                for number, run in enumerate(runs)
            }
            try:
                for job, run in _as_they_end(jobs):
                    outcome = self._keep(run, job)
                    failed += [run] if isinstance(outcome, str) else []
                    report(run, outcome)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return failed

    def _make(self, run: PlannedRun, number: int) -> tuple[dict, float | None]:
        """Train and test; return results and seconds, None of what was continued."""
        method = run.method
        repetition = Repetition(
            config_path(method.config),
            run.key,
            self.work_dir / method.folder,
            self.tools,
            options=[*self.study.options, *method.options],
            partition=self.partition,
            threads=1 if self.parallel > 1 and self.partition is None else None,
            quiet=True,
        )
        begun = (self.work_dir / run.name).exists()
        seed = dict(seed=run.seed)
        started = time.monotonic()
        results = repetition.run(
            Run(Path(run.name).name, seed, (f'randomness.seed={run.seed}',)), number
        )
        return results, None if begun else time.monotonic() - started

    def _keep(self, run: PlannedRun, job: Future) -> RunRecord | str:
        """Keep what a run gave, or say why it failed."""
        try:
            results, seconds = job.result()
            return self.records.add(
                dict(
                    method=run.method.name,
                    seed=run.seed,
                    key=run.key,
                    config=run.method.config,
                    options=(*self.study.options, *run.method.options),
                    seconds=None if seconds is None else round(seconds, 1),
                    made=describe_machine(run.config, self.partition),
                ),
                results,
            )
        except subprocess.CalledProcessError as error:
            log = self.work_dir / run.name / LOG
            return f'it ended with status {error.returncode}; {log} tells why.'
        except (OSError, ValueError) as error:
            return str(error)


def _as_they_end(jobs: Mapping[Future, PlannedRun]) -> Iterator[tuple[Future, Any]]:
    """Yield jobs as they end; waits in short steps, so that Ctrl-C is heard."""
    open_ = set(jobs)
    while open_:
        done, open_ = wait(open_, timeout=1.0, return_when=FIRST_COMPLETED)
        for job in done:
            yield job, jobs[job]
