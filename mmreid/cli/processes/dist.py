"""Several processes, of this machine or of several machines, by torchrun."""

import os
from argparse import ArgumentParser

from mmreid.cli.processes import starting

_MACHINES = """NNODES, NODE_RANK, MASTER_ADDR and PORT: machines, of which each
runs this command with the same NNODES, MASTER_ADDR and PORT and a NODE_RANK of its
own, 0 on MASTER_ADDR. Without GPUs the processes use the CPU."""
_RESTARTS = """
MAX_RESTARTS=3: when a process dies all are started again, at most three times, and go
on from the newest checkpoint; machines that meet so have one JOB_ID.
A signal stops all, saved, with status 75 and for good."""


def declare(task: str, text: str | None) -> ArgumentParser:
    """Declare the command line, importing nothing heavy.

    Args:
        task (str): ``'train'`` or ``'test'``.
        text (str | None): What the command does.
    """
    variables = _MACHINES + (_RESTARTS if task == 'train' else '')
    parser = starting.declare(text, variables)
    starting.add_subject(parser, task)
    parser.add_argument('gpus', help='processes of this machine')
    starting.add_arguments(parser, task)
    return parser


def start(task: str, text: str | None) -> None:
    """Start torchrun; the arguments are those of :func:`declare`."""
    parser = declare(task, text)
    args = parser.parse_args()
    words = starting.words_of(args)
    try:
        program = starting.torchrun(task, words, args.gpus, os.environ)
    except ValueError as error:
        parser.error(str(error))
    starting.start(parser, program)
