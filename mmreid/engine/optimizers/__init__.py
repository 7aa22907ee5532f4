"""Optimizer wrappers, their constructors, and schedulers."""

from mmreid.engine.optimizers.autocast_optim_wrapper import AutocastOptimWrapper
from mmreid.engine.optimizers.group_multi_step_lr import GroupMultiStepLR
from mmreid.engine.optimizers.prefix_optim_wrapper_constructor import (
    PrefixOptimWrapperConstructor,
)
from mmreid.engine.optimizers.warmup_cosine_lr import WarmupCosineLR

__all__ = [
    'AutocastOptimWrapper',
    'GroupMultiStepLR',
    'PrefixOptimWrapperConstructor',
    'WarmupCosineLR',
]
