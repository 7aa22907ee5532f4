"""Hooks of training, validation and test.

Rooms: ``checks/`` ends trainings that would go wrong, ``checkpoints/`` decides what is
saved and resumed, ``memories/`` fills a loss's memory and finds clusters. The files
beside them show how far a loop is (``progress_bar_hook``, whose bars
``mmreid/progress.py`` draws; ``lagged_info_hook``), draw random numbers
(``seed_hook``), keep a trunk as it is at first (``freeze_hook``) and make a network
faster (``channels_last_hook``, ``compile_hook``). ``guards`` is the way in: it gives
every training the hooks that no list of a config can leave out.
"""

from mmreid.engine.hooks.channels_last_hook import ChannelsLastHook
from mmreid.engine.hooks.checkpoints.atomic_checkpoint_hook import AtomicCheckpointHook
from mmreid.engine.hooks.checkpoints.plain_checkpoint_hook import (
    PlainCheckpointHook,
    to_plain,
)
from mmreid.engine.hooks.checkpoints.resume_hook import ResumeHook
from mmreid.engine.hooks.checkpoints.trained_on_hook import (
    TrainedOnHook,
    describe_training,
)
from mmreid.engine.hooks.checks.consistency import InconsistentConfigError
from mmreid.engine.hooks.checks.finite_check_hook import FiniteCheckHook, NonFiniteError
from mmreid.engine.hooks.checks.schedule_check_hook import ScheduleCheckHook
from mmreid.engine.hooks.checks.training_check_hook import TrainingCheckHook
from mmreid.engine.hooks.compile_hook import CompileHook
from mmreid.engine.hooks.freeze_hook import FreezeHook
from mmreid.engine.hooks.lagged_info_hook import LaggedInfoHook
from mmreid.engine.hooks.memories.class_centroids_hook import ClassCentroidsHook
from mmreid.engine.hooks.memories.cluster_hook import ClusterHook
from mmreid.engine.hooks.memories.clustering_errors import (
    ClusteringError,
    NoClustersError,
    OneCameraError,
    SingleClusterError,
    TooFewPicturesError,
)
from mmreid.engine.hooks.progress_bar_hook import ProgressBarHook
from mmreid.engine.hooks.seed_hook import SeededBatches, SeedHook, seed_everything

__all__ = [
    'AtomicCheckpointHook',
    'ChannelsLastHook',
    'ClassCentroidsHook',
    'ClusterHook',
    'ClusteringError',
    'CompileHook',
    'FiniteCheckHook',
    'FreezeHook',
    'InconsistentConfigError',
    'LaggedInfoHook',
    'NoClustersError',
    'NonFiniteError',
    'OneCameraError',
    'PlainCheckpointHook',
    'ProgressBarHook',
    'ResumeHook',
    'ScheduleCheckHook',
    'SeedHook',
    'SeededBatches',
    'SingleClusterError',
    'TooFewPicturesError',
    'TrainedOnHook',
    'TrainingCheckHook',
    'describe_training',
    'seed_everything',
    'to_plain',
]
