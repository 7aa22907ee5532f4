"""Weights that come with the package, so that the first minute needs no network.

Each is a file of ``mmreid publish --small``, which tells its training, its config and
its results; ``README.md`` says what they are for and what they are not. The ``In
Package`` of a metafile names the file and its checksum, by which ``finding.py`` has it.
"""

from mmreid.apis.weights.packaged.finding import packaged_file

__all__ = ['packaged_file']
