"""Configs, from files and the command line: what they say must be read by something.

``reading`` is the way in: mmengine's reading, with an error that tells the line, and
the check of ``variables``. ``sources`` finds out what the files of a config assign and
read; ``keys`` knows what a Runner reads. ``options`` applies what the command line
changes, whose values ``option_values`` reads; ``formatted_config`` remembers a config's
text, ``literals`` reads the text of one without running it. ``picture_size``,
``interpolation`` and ``cluster_training`` are for config files themselves; they find
the steps of pipelines by ``pipeline_steps``. ``bases`` lets configs in any folder
inherit those of the package. Nothing here knows data sets or models.
"""

from mmreid.engine.config_files.bases import know_own_bases
from mmreid.engine.config_files.cluster_training import cluster_training
from mmreid.engine.config_files.formatted_config import FormattedConfig
from mmreid.engine.config_files.interpolation import set_interpolation
from mmreid.engine.config_files.keys import (
    KNOWN,
    UnknownNameError,
    check_below,
    check_option,
    find_entry,
)
from mmreid.engine.config_files.literals import parse_config_text
from mmreid.engine.config_files.options import apply_options
from mmreid.engine.config_files.picture_size import set_picture_size
from mmreid.engine.config_files.reading import (
    ConfigFileError,
    load_config,
)

know_own_bases()

__all__ = [
    'KNOWN',
    'ConfigFileError',
    'FormattedConfig',
    'UnknownNameError',
    'apply_options',
    'check_below',
    'check_option',
    'cluster_training',
    'find_entry',
    'load_config',
    'parse_config_text',
    'set_interpolation',
    'set_picture_size',
]
