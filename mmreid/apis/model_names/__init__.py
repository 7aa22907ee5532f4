"""Models by name, as ``model-index.yml`` and the metafiles of ``configs/`` list them.

``index.py`` is the way in and reads the list, which ``places.py`` finds in the clone
and in the package; ``published_model.py`` is what one entry tells. ``config_paths.py``
finds configs, by a model's name too; ``listing.py`` makes tables; ``of_network.py``
says what a network is called, published or not. Their weights are another room,
``weights/``.
"""

from mmreid.apis.model_names.config_paths import config_path, find_config
from mmreid.apis.model_names.index import (
    UnknownModelError,
    explain_no_match,
    find_model,
    list_models,
)
from mmreid.apis.model_names.listing import format_models

__all__ = [
    'UnknownModelError',
    'config_path',
    'explain_no_match',
    'find_config',
    'find_model',
    'format_models',
    'list_models',
]
