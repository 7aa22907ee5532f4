"""Features on the disk: embeddings of a test set with their labels.

``file.py`` reads and writes them, also those of other programs, whose names for arrays
``names.py`` knows; ``key.py`` says what they were computed from; ``threshold_file.py``
keeps an operating threshold, ``time_prior_file.py`` a prior of times. A new
format is a file in ``formats/``.
"""

from mmreid.evaluation.features.formats.by_ending import (
    READERS,
    WRITERS,
    Contents,
    read_array,
    read_arrays,
)
from mmreid.evaluation.features.formats.damage import FeaturesFileError
from mmreid.evaluation.features.formats.safetensors_files import check_safetensors

__all__ = [
    'READERS',
    'WRITERS',
    'Contents',
    'FeaturesFileError',
    'check_safetensors',
    'read_array',
    'read_arrays',
]
