"""Test in several processes of this machine, or of several machines."""

import os
from argparse import ArgumentParser

from mmreid.cli.command import command
from mmreid.cli.processes import starting

VARIABLES = """NNODES, NODE_RANK, MASTER_ADDR and PORT: machines, of which each
runs this command with the same NNODES, MASTER_ADDR and PORT and a NODE_RANK of its
own, 0 on MASTER_ADDR. Without GPUs the processes use the CPU.
"""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = starting.make_parser('test', __doc__, VARIABLES)
    starting.add_task(parser)
    parser.add_argument('gpus', help='processes of this machine')
    starting.add_arguments(parser)
    return parser


@command
def main() -> None:
    """Start torchrun."""
    parser = make_parser()
    args = parser.parse_args()
    words = [args.config, args.checkpoint, *args.arguments]
    starting.start(parser, starting.torchrun('test', words, args.gpus, os.environ))
