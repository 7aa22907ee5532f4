"""The programs that start processes, and what is given to them."""

import os
import shutil
import subprocess
import sys
from argparse import (
    REMAINDER,
    ArgumentParser,
    Namespace,
    RawDescriptionHelpFormatter,
)
from collections.abc import Mapping, Sequence
from typing import NoReturn

#: A store that outlives processes that died would give out their addresses to those
#: that are started again; torch 2.12 shares it unless this is set.
NO_SHARED_STORE = 'TORCH_DISABLE_SHARE_RDZV_TCP_STORE'


def declare(text: str | None, variables: str) -> ArgumentParser:
    """Make a parser whose help tells of the environment.

    Args:
        text (str | None): What the command does.
        variables (str): What it reads from the environment.

    Returns:
        ArgumentParser: Without arguments.
    """
    return ArgumentParser(
        description=text,
        epilog=f'Environment: {variables}',
        formatter_class=RawDescriptionHelpFormatter,
    )


def add_subject(parser: ArgumentParser, task: str) -> None:
    """Declare what is trained or tested.

    Args:
        parser (ArgumentParser): Is given ``config`` and, for a test, ``checkpoint``.
        task (str): ``'train'`` or ``'test'``.
    """
    parser.add_argument('config', help='config file, or the name of a model')
    if task == 'test':
        parser.add_argument('checkpoint', help='weights to test')


def add_arguments(parser: ArgumentParser, task: str) -> None:
    """Declare what the task is given further, behind everything else.

    Args:
        parser (ArgumentParser): Is given ``arguments``.
        task (str): ``'train'`` or ``'test'``.
    """
    parser.add_argument(
        'arguments', nargs=REMAINDER, help=f'further arguments of mmreid {task}'
    )


def words_of(args: Namespace) -> list[str]:
    """Return what a task is given: what it trains or tests, and all else.

    Args:
        args (Namespace): As of :func:`add_subject` and :func:`add_arguments`.
    """
    weights = [args.checkpoint] if 'checkpoint' in args else []
    return [args.config, *weights, *args.arguments]


def torchrun(
    task: str, words: Sequence[str], gpus: str, variables: Mapping[str, str]
) -> list[str]:
    """Write the command line that starts processes of this machine.

    Args:
        task (str): ``'train'``, whose launcher stops all processes by one signal and
            starts them again where ``MAX_RESTARTS`` says so, or ``'test'``.
        words (Sequence[str]): The config and all arguments of the task.
        gpus (str): How many processes this machine has.
        variables (Mapping[str, str]): The environment.

    Returns:
        list[str]: The program and its arguments.

    Raises:
        ValueError: ``MAX_RESTARTS`` is no number.
    """
    host = _read(variables, 'MASTER_ADDR', '127.0.0.1')
    port = _read(variables, 'PORT', '29500')
    restarts = _number(variables, 'MAX_RESTARTS', '0') if task == 'train' else 0
    if restarts > 0:
        # The static meeting point would give out the addresses of those that died.
        meeting = ['--rdzv_backend=c10d', f'--rdzv_endpoint={host}:{port}']
        meeting += [f'--rdzv_id={_read(variables, "JOB_ID", "mmreid")}']
        meeting += [f'--max_restarts={restarts}']
    else:
        meeting = [f'--node_rank={_read(variables, "NODE_RANK", "0")}']
        meeting += [f'--master_addr={host}', f'--master_port={port}']
    launcher = ['mmreid', 'launch'] if task == 'train' else ['torch.distributed.run']
    return [
        *(sys.executable, '-m', *launcher),
        f'--nnodes={_read(variables, "NNODES", "1")}',
        f'--nproc_per_node={gpus}',
        *meeting,
        *('-m', 'mmreid', task, *words[: _subject(task)], '--launcher', 'pytorch'),
        *words[_subject(task) :],
    ]


def srun(
    task: str,
    words: Sequence[str],
    partition: str,
    job_name: str,
    variables: Mapping[str, str],
) -> list[str]:
    """Write the command line that starts a job of Slurm, one process per GPU.

    Args:
        task (str): ``'train'`` or ``'test'``.
        words (Sequence[str]): The config and all arguments of the task.
        partition (str): Of the cluster.
        job_name (str): Of the job.
        variables (Mapping[str, str]): The environment.

    Returns:
        list[str]: The program and its arguments.

    Raises:
        ValueError: ``GPUS`` is no number.
    """
    gpus = _number(variables, 'GPUS', '1')
    per_node = _read(variables, 'GPUS_PER_NODE', str(min(gpus, 8)))
    return [
        'srun',
        f'--partition={partition}',
        f'--job-name={job_name}',
        f'--gres=gpu:{per_node}',
        f'--ntasks={gpus}',
        f'--ntasks-per-node={per_node}',
        f'--cpus-per-task={_read(variables, "CPUS_PER_TASK", "5")}',
        '--kill-on-bad-exit=1',
        *variables.get('SRUN_ARGS', '').split(),
        *(sys.executable, '-u', '-m', 'mmreid', task),
        *(*words[: _subject(task)], '--launcher', 'slurm', *words[_subject(task) :]),
    ]


def start(parser: ArgumentParser, words: Sequence[str]) -> NoReturn:
    """Become another program, which gets this one's signals; on Windows wait for it.

    Args:
        parser (ArgumentParser): Ends the program where there is no such program.
        words (Sequence[str]): The program and its arguments.
    """
    if shutil.which(words[0]) is None:
        parser.error(
            f'{words[0]} is not on the PATH; log in where Slurm is, or start the '
            'processes of this machine by mmreid dist-train or dist-test'
        )
    if any(word.startswith('--max_restarts') for word in words):
        os.environ[NO_SHARED_STORE] = '1'
    sys.stdout.flush()
    if os.name == 'nt':  # where exec ends this program before the other one has
        sys.exit(subprocess.call(list(words)))
    os.execvp(words[0], list(words))


def _subject(task: str) -> int:
    """How many words name what is trained or tested; options follow."""
    return 2 if task == 'test' else 1


def _read(variables: Mapping[str, str], name: str, default: str) -> str:
    """Read a variable; an empty one is as good as none, as in ``${NAME:-default}``."""
    return variables.get(name) or default


def _number(variables: Mapping[str, str], name: str, default: str) -> int:
    value = _read(variables, name, default)
    if not value.isdecimal():
        raise ValueError(f'{name} must be a whole number, got {value!r}.')
    return int(value)
