"""What runs around the model: checkpoints, seeds, learning rates, precision, logs."""

from mmreid.engine.checkpoints import (
    AtomicBackend,
    CheckpointDownloadError,
    CheckpointError,
    ForeignWeights,
    MismatchedCheckpointError,
    UnreadableCheckpointError,
    UnsafeCheckpointError,
    install_safe_loaders,
    load_safely,
    load_weights,
    read_weights,
)
from mmreid.engine.errors import short_errors
from mmreid.engine.hooks import (
    ChannelsLastHook,
    InconsistentConfigError,
    PlainCheckpointHook,
    ProgressBarHook,
    SeedHook,
    TrainedOnHook,
    TrainingCheckHook,
    seed_everything,
)
from mmreid.engine.launch import (
    build_runner,
    initialize_model,
    leave_processes,
    read_config,
    set_up_processes,
    use_autocast,
    use_checkpoint,
)
from mmreid.engine.logs import ScalarLogProcessor, hide_deprecations
from mmreid.engine.loops import MultiTestLoop, MultiValLoop, check_loops
from mmreid.engine.optimizers import (
    AutocastOptimWrapper,
    GroupMultiStepLR,
    PrefixOptimWrapperConstructor,
)

__all__ = [
    'AtomicBackend',
    'AutocastOptimWrapper',
    'ChannelsLastHook',
    'CheckpointDownloadError',
    'CheckpointError',
    'ForeignWeights',
    'GroupMultiStepLR',
    'InconsistentConfigError',
    'MismatchedCheckpointError',
    'MultiTestLoop',
    'MultiValLoop',
    'PlainCheckpointHook',
    'PrefixOptimWrapperConstructor',
    'ProgressBarHook',
    'ScalarLogProcessor',
    'SeedHook',
    'TrainedOnHook',
    'TrainingCheckHook',
    'UnreadableCheckpointError',
    'UnsafeCheckpointError',
    'build_runner',
    'check_loops',
    'hide_deprecations',
    'initialize_model',
    'install_safe_loaders',
    'leave_processes',
    'load_safely',
    'load_weights',
    'read_config',
    'read_weights',
    'seed_everything',
    'set_up_processes',
    'short_errors',
    'use_autocast',
    'use_checkpoint',
]
