"""Runs of one config in processes of their own, each with its folder."""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmreid.apis.runs.plan import Run
from mmreid.apis.runs.programs import Programs
from mmreid.evaluation.features.key import hash_text
from mmreid.files import read_json, write_json

#: What the programs of a quiet run have printed, in its folder.
LOG = 'output.log'


@dataclass(frozen=True)
class Repetition:
    """A config that is trained and tested several times.

    What is finished is not repeated, what was interrupted continues.

    Attributes:
        config (str): The config file.
        text (str): The config as it stands, to recognise its runs by.
        work_dir (Path): Has a folder for each run.
        tools (Path): Folder of ``train.py``, ``test.py`` and their launchers; where it
            is not, as beside an installed package, ``mmreid`` is run.
        has_training (bool): Whether the config trains at all. Defaults to True.
        checkpoint (str | None): Weights to test in every run, without training.
            Defaults to None.
        options (Sequence[str]): ``KEY=VALUE`` strings of all runs. Defaults to none.
        gpus (int): Processes of a run. Defaults to 1.
        partition (str | None): Of Slurm, whose jobs the runs are. Defaults to None.
        threads (int | None): Of the arithmetic of each process; runs side by side need
            one each, for threads that wait for each other stop one another. Defaults
            to None: as the environment says.
        quiet (bool): Write what the programs print to ``output.log`` in the folder of
            the run, instead of showing it. Defaults to False.
        programs (Programs): Starts the programs. Defaults to one of its own.
        verbose (bool): Let the programs print their whole logs. Defaults to False.
    """

    config: str
    text: str
    work_dir: Path
    tools: Path
    has_training: bool = True
    checkpoint: str | None = None
    options: Sequence[str] = ()
    gpus: int = 1
    partition: str | None = None
    threads: int | None = None
    quiet: bool = False
    programs: Programs = field(default_factory=Programs)
    verbose: bool = False

    def run_all(self, runs: Sequence[Run], parallel: int = 1) -> dict[str, Any]:
        """Make all runs.

        Args:
            runs (Sequence[Run]): Of :func:`mmreid.apis.plan_runs`.
            parallel (int): How many at the same time. Defaults to 1.

        Returns:
            dict[str, Any]: What each test has written, by the name of the run.

        Raises:
            ValueError: A run's folder holds a run of another kind.
            CalledProcessError: A run has failed; those not begun are not made.
            KeyboardInterrupt: This program was stopped, and with it what ran.
        """
        with self.programs.side_by_side(parallel) as pool:
            jobs = {
                run.name: pool.submit(self.run, run, number)
                for number, run in enumerate(runs)
            }
            return {name: job.result() for name, job in jobs.items()}

    def run(self, run: Run, number: int = 0) -> dict[str, Any]:
        """Train and test, or what is left of it.

        Args:
            run (Run): The run.
            number (int): Its place, for a port of its own. Defaults to 0.

        Returns:
            dict[str, Any]: What the test has written.
        """
        folder = self.work_dir / run.name
        options = [*self.options, *run.options]
        self._claim(folder, options)
        results = folder / 'results.json'
        if (finished := _read(results)) is not None:
            return finished
        common = ['--work-dir', str(folder)]
        common += ['--verbose'] if self.verbose else []
        common += ['--cfg-options', *options] if options else []
        weights = [self.checkpoint] if self.checkpoint else []
        if self.has_training and not self.checkpoint:
            self._start('train', run.name, number, [], ['--resume', *common])
            weights = [(folder / 'last_checkpoint').read_text('utf-8')]
        out = ['--out', str(results), *common]
        self._start('test', run.name, number, weights, out)
        return read_json(results)

    def _claim(self, folder: Path, options: Sequence[str]) -> None:
        """Note whose folder it is, or refuse one that is another's."""
        words = [self.text, *options, str(self.checkpoint)]
        key = hash_text('\n'.join(words))
        mark = folder / 'run.json'
        if (known := _read(mark)) is not None and known.get('key') != key:
            raise ValueError(
                f'{folder} holds a run of another config or with other options; give '
                'another --work-dir, or remove that folder.'
            )
        write_json(mark, dict(key=key, config=self.config, options=options))

    def _start(
        self,
        task: str,
        name: str,
        number: int,
        weights: Sequence[str],
        options: Sequence[str],
    ) -> None:
        """Start the tool for a task, by the launcher that was asked for."""
        launched = task == 'train' or weights
        command = self._tool(task)
        if self.partition and launched:
            command = [*self._launcher('slurm', task), str(self.partition), name]
        elif self.gpus > 1 and launched:
            command = self._launcher('dist', task)
            weights = [*weights, str(self.gpus)]
        command += [self.config, *weights, *options]
        self._execute(command, self.work_dir / name / LOG, number)

    def _execute(self, command: Sequence[str], log: Path, number: int) -> None:
        """Run a program, which shows what it prints or writes it behind a log."""
        line, environment = f'$ {shlex.join(command)}', self._environment(number)
        if not self.quiet:
            print(line, flush=True)
            self.programs.run(command, environment)
            return
        with open(log, 'ab') as out:
            out.write(f'{line}\n'.encode())
            out.flush()
            self.programs.run(command, environment, stdout=out, stderr=out)

    def _tool(self, task: str) -> list[str]:
        """Name the program of a task: the clone's, or that of the package."""
        tool = self.tools / f'{task}.py'
        words = [str(tool)] if tool.is_file() else ['-m', 'mmreid', task]
        return [sys.executable, *words]

    def _launcher(self, kind: str, task: str) -> list[str]:
        """Name what starts several processes: the clone's, or that of the package."""
        script = self.tools / f'{kind}_{task}.sh'
        if script.is_file():
            return [str(script)]
        return [sys.executable, '-m', 'mmreid', f'{kind}-{task}']

    def _environment(self, number: int) -> Mapping[str, str]:
        """Return the variables that launchers read, with a port of its own.

        Runs beside each other must not meet at one port, whose name depends on the
        launcher.
        """
        port = str(int(os.environ.get('PORT', '29500')) + number)
        threads = {} if self.threads is None else {'OMP_NUM_THREADS': str(self.threads)}
        return dict(
            os.environ,
            PYTHON=sys.executable,
            GPUS=str(self.gpus),
            PORT=port,
            MASTER_PORT=port,
            **threads,
        )


def _read(path: Path) -> dict[str, Any] | None:
    """Read a file, None if it is not there or was cut short by a kill."""
    try:
        content = read_json(path)
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None
