"""Test in several processes of this machine, or of several machines."""

from argparse import ArgumentParser

from mmreid.cli.command import command
from mmreid.cli.processes import dist, starting


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    return dist.declare('test', __doc__)


@command
def main() -> None:
    """Start torchrun."""
    starting.start(make_parser(), dist.torchrun)
