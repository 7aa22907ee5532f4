"""Hooks of the training loop."""

from mmreid.engine.hooks.atomic_checkpoint_hook import AtomicCheckpointHook
from mmreid.engine.hooks.channels_last_hook import ChannelsLastHook
from mmreid.engine.hooks.compile_hook import CompileHook
from mmreid.engine.hooks.data_checks import InconsistentConfigError
from mmreid.engine.hooks.finite_check_hook import FiniteCheckHook, NonFiniteError
from mmreid.engine.hooks.lagged_info_hook import LaggedInfoHook
from mmreid.engine.hooks.plain_checkpoint_hook import PlainCheckpointHook, to_plain
from mmreid.engine.hooks.progress_bar_hook import ProgressBarHook
from mmreid.engine.hooks.resume_hook import ResumeHook
from mmreid.engine.hooks.schedule_check_hook import ScheduleCheckHook
from mmreid.engine.hooks.seed_hook import SeededBatches, SeedHook, seed_everything
from mmreid.engine.hooks.trained_on_hook import TrainedOnHook, describe_training
from mmreid.engine.hooks.training_check_hook import TrainingCheckHook

__all__ = [
    'AtomicCheckpointHook',
    'ChannelsLastHook',
    'CompileHook',
    'FiniteCheckHook',
    'InconsistentConfigError',
    'LaggedInfoHook',
    'NonFiniteError',
    'PlainCheckpointHook',
    'ProgressBarHook',
    'ResumeHook',
    'ScheduleCheckHook',
    'SeedHook',
    'SeededBatches',
    'TrainedOnHook',
    'TrainingCheckHook',
    'describe_training',
    'seed_everything',
    'to_plain',
]
