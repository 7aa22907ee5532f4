"""What runs around the model: checkpoints, hooks, loops, optimizers, configs, logs.

``launch`` is the way in for a tool: a config becomes a Runner (of ``runners``) with the
hooks that every training has, and ``run_summary`` tells what it will do. Rooms:
``config_files/`` reads configs, ``checkpoints/`` reads weights and resumes, ``hooks/``
and ``loops/`` run in mmengine's Runner, ``optimizers/`` are for steps in other
precisions and rates by group, ``logs/`` has a run's log and what of it the screen
shows. ``identities`` counts ``num_classes`` from the training data, ``atomic_backend``
writes checkpoints whole, ``folder_lock`` keeps a work folder to one training,
``newer_pythons`` gives mmengine what Python has removed. Nothing here imports data sets
or models: they are built by the registries.
"""

from mmreid.engine.atomic_backend import AtomicBackend
from mmreid.engine.checkpoints import (
    Checkpoint,
    CheckpointDownloadError,
    CheckpointError,
    Family,
    ForeignWeights,
    MismatchedCheckpointError,
    MissingPackageError,
    Recognition,
    UnreadableCheckpointError,
    UnsafeCheckpointError,
    converter_hint,
    family_of,
    find_resumable,
    install_safe_loaders,
    load_safely,
    load_weights,
    read_safetensors,
    read_weights,
    recognise,
    safetensors_bytes,
    weights_of,
)
from mmreid.engine.config_files import (
    ConfigFileError,
    UnknownNameError,
    cluster_training,
    load_config,
    set_interpolation,
    set_picture_size,
)
from mmreid.engine.folder_lock import FolderInUseError, FolderLock
from mmreid.engine.hooks import (
    AtomicCheckpointHook,
    ChannelsLastHook,
    ClassCentroidsHook,
    ClusterHook,
    ClusteringError,
    CompileHook,
    FiniteCheckHook,
    FreezeHook,
    InconsistentConfigError,
    LaggedInfoHook,
    NoClustersError,
    NonFiniteError,
    OneCameraError,
    PlainCheckpointHook,
    ProgressBarHook,
    ResumeHook,
    SeedHook,
    SingleClusterError,
    TooFewPicturesError,
    TrainedOnHook,
    TrainingCheckHook,
    seed_everything,
)
from mmreid.engine.identities import fill_num_classes
from mmreid.engine.launch import (
    build_runner,
    initialize_model,
    leave_processes,
    read_config,
    set_up_processes,
    take_folder,
    use_autocast,
    use_checkpoint,
    was_restarted,
)
from mmreid.engine.logs import (
    ScalarLogProcessor,
    ScreenLine,
    hide_deprecations,
    shorten_screen,
)
from mmreid.engine.loops import (
    STOPPED_STATUS,
    MultiTestLoop,
    MultiValLoop,
    ResumableTrainLoop,
    TrainingStoppedError,
    check_loops,
)
from mmreid.engine.newer_pythons import restore_find_loader
from mmreid.engine.optimizers import (
    AutocastOptimWrapper,
    GroupMultiStepLR,
    PrefixOptimWrapperConstructor,
    WarmupCosineLR,
)
from mmreid.engine.run_summary import describe_end, describe_run
from mmreid.errors import short_errors
from mmreid.files import expand_home

__all__ = [
    'STOPPED_STATUS',
    'AtomicBackend',
    'AtomicCheckpointHook',
    'AutocastOptimWrapper',
    'ChannelsLastHook',
    'Checkpoint',
    'CheckpointDownloadError',
    'CheckpointError',
    'ClassCentroidsHook',
    'ClusterHook',
    'ClusteringError',
    'CompileHook',
    'ConfigFileError',
    'Family',
    'FiniteCheckHook',
    'FolderInUseError',
    'FolderLock',
    'ForeignWeights',
    'FreezeHook',
    'GroupMultiStepLR',
    'InconsistentConfigError',
    'LaggedInfoHook',
    'MismatchedCheckpointError',
    'MissingPackageError',
    'MultiTestLoop',
    'MultiValLoop',
    'NoClustersError',
    'NonFiniteError',
    'OneCameraError',
    'PlainCheckpointHook',
    'PrefixOptimWrapperConstructor',
    'ProgressBarHook',
    'Recognition',
    'ResumableTrainLoop',
    'ResumeHook',
    'ScalarLogProcessor',
    'ScreenLine',
    'SeedHook',
    'SingleClusterError',
    'TooFewPicturesError',
    'TrainedOnHook',
    'TrainingCheckHook',
    'TrainingStoppedError',
    'UnknownNameError',
    'UnreadableCheckpointError',
    'UnsafeCheckpointError',
    'WarmupCosineLR',
    'build_runner',
    'check_loops',
    'cluster_training',
    'converter_hint',
    'describe_end',
    'describe_run',
    'expand_home',
    'family_of',
    'fill_num_classes',
    'find_resumable',
    'hide_deprecations',
    'initialize_model',
    'install_safe_loaders',
    'leave_processes',
    'load_config',
    'load_safely',
    'load_weights',
    'read_config',
    'read_safetensors',
    'read_weights',
    'recognise',
    'safetensors_bytes',
    'seed_everything',
    'set_interpolation',
    'set_picture_size',
    'set_up_processes',
    'short_errors',
    'shorten_screen',
    'take_folder',
    'use_autocast',
    'use_checkpoint',
    'was_restarted',
    'weights_of',
]

# Whatever has imported mmreid comes here before it can load a checkpoint, or train.
install_safe_loaders()
restore_find_loader()
