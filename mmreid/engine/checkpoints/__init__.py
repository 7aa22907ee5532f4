"""Checkpoints that are read without running code and written whole."""

from mmreid.engine.checkpoints.atomic_backend import AtomicBackend
from mmreid.engine.checkpoints.downloads import CheckpointDownloadError
from mmreid.engine.checkpoints.errors import (
    CheckpointError,
    UnreadableCheckpointError,
    UnsafeCheckpointError,
)
from mmreid.engine.checkpoints.families import (
    FAMILIES,
    Family,
    converter_hint,
    family_of,
)
from mmreid.engine.checkpoints.fitting import (
    MismatchedCheckpointError,
    check_whole,
    load_weights,
    weights_of,
)
from mmreid.engine.checkpoints.foreign_weights import ForeignWeights, read_weights
from mmreid.engine.checkpoints.resuming import find_resumable
from mmreid.engine.checkpoints.safe_loading import load_safely
from mmreid.engine.checkpoints.safetensors_files import (
    MissingPackageError,
    read_safetensors,
    safetensors_bytes,
)
from mmreid.engine.checkpoints.schemes import install_safe_loaders

__all__ = [
    'FAMILIES',
    'AtomicBackend',
    'CheckpointDownloadError',
    'CheckpointError',
    'Family',
    'ForeignWeights',
    'MismatchedCheckpointError',
    'MissingPackageError',
    'UnreadableCheckpointError',
    'UnsafeCheckpointError',
    'check_whole',
    'converter_hint',
    'family_of',
    'find_resumable',
    'install_safe_loaders',
    'load_safely',
    'load_weights',
    'read_safetensors',
    'read_weights',
    'safetensors_bytes',
    'weights_of',
]
