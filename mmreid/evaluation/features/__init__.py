"""Files of embeddings, of whatever program: arrays by their names, and nothing run.

One file a format; ``formats.py`` has the list and the way in, ``read_arrays``. A reader
gives NumPy arrays under the names that the file has and bounds what it allocates by the
file's size (``damage.py``). It knows nothing of persons, cameras or rankings: what the
names mean is told in ``functional/array_names.py``.
"""

from mmreid.evaluation.features.damage import FeaturesFileError
from mmreid.evaluation.features.formats import (
    READERS,
    WRITERS,
    Contents,
    read_array,
    read_arrays,
)
from mmreid.evaluation.features.safetensors_files import check_safetensors

__all__ = [
    'READERS',
    'WRITERS',
    'Contents',
    'FeaturesFileError',
    'check_safetensors',
    'read_array',
    'read_arrays',
]
