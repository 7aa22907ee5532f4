"""Checkpoints that are read without running code, and that fit or are refused.

``addresses`` is the way in: every loader of mmengine's is led through ``safe_loading``
(what ``torch.save`` writes) or ``safetensors_files``, after ``downloads`` has fetched
the file. ``model_weights`` puts weights into a model, ``entries`` tells whether a
single one fits, ``training_only`` which an embedding can do without; ``training/``
begins or resumes a training; ``foreign/`` reads what other programs wrote. ``damage``
turns what a damaged file leads to into an error of ``mmreid.errors``.
"""

from mmreid.engine.checkpoints.addresses import install_safe_loaders, know_names
from mmreid.engine.checkpoints.downloads import (
    CheckpointDownloadError,
    fetch,
    place_of,
)
from mmreid.engine.checkpoints.foreign.foreign_weights import (
    ForeignWeights,
    read_weights,
)
from mmreid.engine.checkpoints.foreign.known_programs import FAMILIES, Family
from mmreid.engine.checkpoints.foreign.recognition import (
    Recognition,
    converter_hint,
    family_of,
    recognise,
)
from mmreid.engine.checkpoints.model_weights import (
    Checkpoint,
    MismatchedCheckpointError,
    check_whole,
    load_weights,
    weights_of,
)
from mmreid.engine.checkpoints.safe_loading import load_safely
from mmreid.engine.checkpoints.safetensors_files import (
    MissingPackageError,
    read_safetensors,
    safetensors_bytes,
)
from mmreid.engine.checkpoints.training.resumable import find_resumable
from mmreid.errors import (
    CheckpointError,
    UnreadableCheckpointError,
    UnsafeCheckpointError,
)

__all__ = [
    'FAMILIES',
    'Checkpoint',
    'CheckpointDownloadError',
    'CheckpointError',
    'Family',
    'ForeignWeights',
    'MismatchedCheckpointError',
    'MissingPackageError',
    'Recognition',
    'UnreadableCheckpointError',
    'UnsafeCheckpointError',
    'check_whole',
    'converter_hint',
    'family_of',
    'fetch',
    'find_resumable',
    'install_safe_loaders',
    'know_names',
    'load_safely',
    'load_weights',
    'place_of',
    'read_safetensors',
    'read_weights',
    'recognise',
    'safetensors_bytes',
    'weights_of',
]
