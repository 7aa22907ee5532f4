"""Train as a job of a Slurm cluster, one process per GPU."""

from argparse import ArgumentParser

from mmreid.cli.command import command
from mmreid.cli.processes import slurm, starting


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    return slurm.declare('train', __doc__)


@command
def main() -> None:
    """Start srun."""
    starting.start(make_parser(), slurm.srun)
