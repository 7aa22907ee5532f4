"""Exported files where a model is asked for.

``config.py`` makes the config of a file, by itself or with that of the user, whose
model is then ``ExportedNetwork`` of ``mmreid.deploy``; ``file_network.py`` has the
inferencer run it; ``refusing.py`` says what a file cannot do, for whatever trains
networks or looks into them. How such files are made is in ``export/``.
"""

from mmreid.apis.file_models.config import (
    check_recipe,
    config_of_file,
    is_run_by_file,
    network_config,
)
from mmreid.apis.file_models.file_network import FileNetwork
from mmreid.apis.file_models.refusing import refuse_exported

__all__ = [
    'FileNetwork',
    'check_recipe',
    'config_of_file',
    'is_run_by_file',
    'network_config',
    'refuse_exported',
]
