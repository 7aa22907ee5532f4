"""Test as a job of a Slurm cluster, one process per GPU."""

from functools import partial

from mmreid.cli.command import command
from mmreid.cli.processes import slurm

make_parser = partial(slurm.declare, 'test', __doc__)
main = command(partial(slurm.start, 'test', __doc__))
