"""Several processes, of this machine or of several machines, by torchrun."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from mmreid.cli.processes import starting
from mmreid.cli.processes.starting import read, read_number

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


def torchrun(args: Namespace, variables: Mapping[str, str]) -> list[str]:
    """Write the command line that starts processes of this machine.

    A training has the launcher that stops all processes by one signal, and starts them
    again where ``MAX_RESTARTS`` says so.

    Args:
        args (Namespace): As of :func:`declare`.
        variables (Mapping[str, str]): The environment.

    Returns:
        list[str]: The program and its arguments.

    Raises:
        ValueError: ``MAX_RESTARTS`` is no number.
    """
    is_training = args.task == 'train'
    host = read(variables, 'MASTER_ADDR', '127.0.0.1')
    port = read(variables, 'PORT', '29500')
    restarts = read_number(variables, 'MAX_RESTARTS', '0') if is_training else 0
    if restarts > 0:
        # The static meeting point would give out the addresses of those that died.
        meeting = ['--rdzv_backend=c10d', f'--rdzv_endpoint={host}:{port}']
        meeting += [f'--rdzv_id={read(variables, "JOB_ID", "mmreid")}']
        meeting += [f'--max_restarts={restarts}']
    else:
        meeting = [f'--node_rank={read(variables, "NODE_RANK", "0")}']
        meeting += [f'--master_addr={host}', f'--master_port={port}']
    launcher = ['mmreid', 'launch'] if is_training else ['torch.distributed.run']
    return [
        *(sys.executable, '-m', *launcher),
        f'--nnodes={read(variables, "NNODES", "1")}',
        f'--nproc_per_node={args.gpus}',
        *meeting,
        *starting.words_of(args, 'pytorch'),
    ]
