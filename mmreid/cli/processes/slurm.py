"""A job of a Slurm cluster, one process per GPU, by srun."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from mmreid.cli.processes import starting
from mmreid.cli.processes.starting import read, read_number

_VARIABLES = """GPUS: all together (default 1); GPUS_PER_NODE (default: GPUS, at most
8); CPUS_PER_TASK (default 5); SRUN_ARGS: further arguments of srun."""


def declare(task: str, text: str | None) -> ArgumentParser:
    """Declare the command line, importing nothing heavy.

    Args:
        task (str): ``'train'`` or ``'test'``.
        text (str | None): What the command does.
    """
    parser = starting.declare(text, _VARIABLES)
    parser.add_argument('partition', help='of the cluster')
    parser.add_argument('job_name', help='of the job')
    starting.add_subject(parser, task)
    starting.add_arguments(parser, task)
    return parser


def srun(args: Namespace, variables: Mapping[str, str]) -> list[str]:
    """Write the command line that starts a job of Slurm, one process per GPU.

    Args:
        args (Namespace): As of :func:`declare`.
        variables (Mapping[str, str]): The environment.

    Returns:
        list[str]: The program and its arguments.

    Raises:
        ValueError: ``GPUS`` is no number.
    """
    gpus = read_number(variables, 'GPUS', '1')
    per_node = read(variables, 'GPUS_PER_NODE', str(min(gpus, 8)))
    return [
        'srun',
        f'--partition={args.partition}',
        f'--job-name={args.job_name}',
        f'--gres=gpu:{per_node}',
        f'--ntasks={gpus}',
        f'--ntasks-per-node={per_node}',
        f'--cpus-per-task={read(variables, "CPUS_PER_TASK", "5")}',
        '--kill-on-bad-exit=1',
        *variables.get('SRUN_ARGS', '').split(),
        *(sys.executable, '-u', *starting.words_of(args, 'slurm')),
    ]
