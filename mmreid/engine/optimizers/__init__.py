"""Optimizer wrappers, their constructors, and schedulers."""

from mmreid.engine.optimizers.autocast_optim_wrapper import AutocastOptimWrapper
from mmreid.engine.optimizers.group_multi_step_lr import GroupMultiStepLR
from mmreid.engine.optimizers.prefix_optim_wrapper_constructor import (
    PrefixOptimWrapperConstructor,
)

__all__ = ['AutocastOptimWrapper', 'GroupMultiStepLR', 'PrefixOptimWrapperConstructor']
