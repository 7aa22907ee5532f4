"""Loops that can be resumed at any step, and that evaluate on several data sets.

``resumable_train_loop`` trains: ``mid_epoch`` has what it must remember beside the
weights, ``stop_signals`` tells it when to stop. ``multi_loops`` validates and tests.
"""

from mmreid.engine.loops.multi_loops import (
    MultiTestLoop,
    MultiValLoop,
    check_loops,
    name_sets,
)
from mmreid.engine.loops.resumable_train_loop import RESUME_POINT, ResumableTrainLoop
from mmreid.engine.loops.stop_signals import (
    STOPPED_STATUS,
    ShieldedWorker,
    StopSignals,
    TrainingStoppedError,
)

__all__ = [
    'RESUME_POINT',
    'STOPPED_STATUS',
    'MultiTestLoop',
    'MultiValLoop',
    'ResumableTrainLoop',
    'ShieldedWorker',
    'StopSignals',
    'TrainingStoppedError',
    'check_loops',
    'name_sets',
]
