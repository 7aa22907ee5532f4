"""A job of a Slurm cluster, one process per GPU, by srun."""

import os
from argparse import ArgumentParser

from mmreid.cli.processes import starting

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


def start(task: str, text: str | None) -> None:
    """Start srun; the arguments are those of :func:`declare`."""
    parser = declare(task, text)
    args = parser.parse_args()
    words = starting.words_of(args)
    try:
        job = starting.srun(task, words, args.partition, args.job_name, os.environ)
    except ValueError as error:
        parser.error(str(error))
    starting.start(parser, job)
