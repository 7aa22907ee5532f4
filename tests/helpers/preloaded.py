"""Processes that begin with mmreid imported, which takes a new interpreter seconds.

They are copies of one process that has imported it and done nothing else: it has no
threads, which a copy would wait for, and has drawn no random numbers.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import torch
import torch.multiprocessing as mp
from patience import PATIENCE

CONTEXT = multiprocessing.get_context('forkserver')
CONTEXT.set_forkserver_preload(['mmreid.apis', 'mmreid.datasets'])


def run_together(
    function: Callable[..., None], arguments: Sequence[Any], count: int
) -> None:
    """Call a function of a module that can be imported in several processes at once.

    Args:
        function (Callable): Gets the number of its process, then the arguments.
        arguments (Sequence): What all of them get.
        count (int): How many processes.
    """
    mp.start_processes(
        function, tuple(arguments), nprocs=count, start_method='forkserver'
    )


def start_program(
    words: Sequence[object], log: Path, environment: Mapping[str, str] | None = None
) -> BaseProcess:
    """Start a Python program in a process group of its own.

    Args:
        words (Sequence): Its path and its arguments.
        log (Path): Where its output goes, with ``.err`` added for that of errors.
        environment (Mapping, optional): Variables beside those of this process.
            Defaults to None.

    Returns:
        BaseProcess: The process.
    """
    variables = {**os.environ, **(environment or {})}
    process = CONTEXT.Process(
        target=_run, args=([str(word) for word in words], str(log), variables)
    )
    process.start()
    return process


def run_program(
    words: Sequence[object],
    timeout: float = PATIENCE,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess:
    """Run a Python program to its end; as `subprocess.run`, see `start_program`."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, 'log')
        process = start_program(words, log, environment)
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired([*map(str, words)], timeout)
        output, errors = (
            Path(f'{log}{suffix}').read_text('utf-8') for suffix in ('', '.err')
        )
        return subprocess.CompletedProcess(words, process.exitcode, output, errors)


def _run(words: list[str], log: str, variables: dict[str, str]) -> None:
    os.setsid()
    for number, path in ((1, log), (2, f'{log}.err')):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(variables)
    torch.set_num_threads(1)
    folders = [str(Path(words[0]).parent)]
    folders += filter(None, variables.get('PYTHONPATH', '').split(os.pathsep))
    sys.path[:0] = folders
    sys.argv = words
    runpy.run_path(words[0], run_name='__main__')
