"""Published weights by the name of their model: fetched once, checked and converted.

``named_weights.py`` is the way in: from a name to a config and a checkpoint, which
``model_weights.py`` gets. ``fetching.py`` has the file, after ``licences.py`` has said
what it may be used for, or it is one of ``packaged/``. ``kept_conversions.py`` has it
converted once, and ``waiting.py`` lets one process do so. ``own_words.py`` reads what a
checkpoint tells of itself, ``carried_config.py`` the config in it without running it,
``errors.py`` says what is in the way. Importing the room has all loaders of checkpoints
take names.
"""

from mmreid.apis.weights.errors import (
    FetchError,
    LicenceError,
    NoWeightsError,
    WrongWeightsError,
)
from mmreid.apis.weights.named_weights import Named, load_for_command, load_named

__all__ = [
    'FetchError',
    'LicenceError',
    'Named',
    'NoWeightsError',
    'WrongWeightsError',
    'load_for_command',
    'load_named',
]
