"""Train as a job of a Slurm cluster, one process per GPU."""

import os
from argparse import ArgumentParser

from mmreid.cli.command import command
from mmreid.cli.processes import starting

VARIABLES = """GPUS: all together (default 1); GPUS_PER_NODE (default: GPUS, at most
8); CPUS_PER_TASK (default 5); SRUN_ARGS: further arguments of srun."""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = starting.make_parser('train', __doc__, VARIABLES)
    parser.add_argument('partition', help='of the cluster')
    parser.add_argument('job_name', help='of the job')
    starting.add_task(parser)
    starting.add_arguments(parser)
    return parser


@command
def main() -> None:
    """Start srun."""
    parser = make_parser()
    args = parser.parse_args()
    words = [args.config, *args.arguments]
    words = starting.srun('train', words, args.partition, args.job_name, os.environ)
    starting.start(parser, words)
