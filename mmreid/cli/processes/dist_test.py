"""Test in several processes of this machine, or of several machines."""

from functools import partial

from mmreid.cli.command import command
from mmreid.cli.processes import dist

make_parser = partial(dist.declare, 'test', __doc__)
main = command(partial(dist.start, 'test', __doc__))
