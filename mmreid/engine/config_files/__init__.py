"""Config files: what they say must be read by something.

``reading`` is the way in: mmengine's reading, with an error that tells the line, and
the check of ``names``, which knows what a Runner reads. ``sources`` finds out what the
files of a config assign and read. Nothing here knows data sets or models.
"""

from mmreid.engine.config_files.names import (
    KNOWN,
    UnknownNameError,
    check_below,
    check_option,
    find_entry,
)
from mmreid.engine.config_files.reading import (
    ConfigFileError,
    expand_home,
    load_config,
)

__all__ = [
    'KNOWN',
    'ConfigFileError',
    'UnknownNameError',
    'check_below',
    'check_option',
    'expand_home',
    'find_entry',
    'load_config',
]
