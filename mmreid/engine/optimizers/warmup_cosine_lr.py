"""The learning rate of transformers' recipes: warm-up and half a cosine."""

import math
from typing import Any

from mmengine.optim.scheduler.lr_scheduler import LRSchedulerMixin
from mmengine.optim.scheduler.param_scheduler import _ParamScheduler

from mmreid.registry import PARAM_SCHEDULERS


@PARAM_SCHEDULERS.register_module()
class WarmupCosineLR(LRSchedulerMixin, _ParamScheduler):
    """timm's ``CosineLRScheduler`` as TransReID, SOLIDER and their heirs step it.

    It is set once an epoch, for which the first epoch has the number 1. For epoch t:
    ``warmup_lr + t / warmup * (lr - warmup_lr)`` for t below ``warmup``, then
    ``eta_min + (lr - eta_min) * (1 + cos(pi * t / end)) / 2``, in which the warm-up's
    epochs count, and ``eta_min`` from ``end`` on. ``lr`` is each group's; both ends are
    rates, the same for all groups. mmengine's ``LinearLR`` and ``CosineAnnealingLR``
    start at 0 and count apart.

    Args:
        optimizer (OptimWrapper | Optimizer): What is scheduled; the Runner gives it.
        end (int): Epochs of the training.
        warmup (int): Epochs of the warm-up. Defaults to 0.
        warmup_lr (float): Where it would start, at epoch 0. Defaults to 0.
        eta_min (float): Where the cosine ends. Defaults to 0.
        first (int): Number of the first epoch. Defaults to 1.
        **kwargs (Any): ``by_epoch``, ``last_step`` and ``verbose`` of mmengine's
            schedulers.

    Raises:
        ValueError: The warm-up is not within the training.
    """

    def __init__(
        self,
        optimizer: Any,
        end: int,
        warmup: int = 0,
        warmup_lr: float = 0.0,
        eta_min: float = 0.0,
        first: int = 1,
        **kwargs: Any,
    ) -> None:
        if not 0 <= warmup < end:
            raise ValueError(f'warmup must lie in [0, end={end}), got {warmup}.')
        self.warmup, self.warmup_lr = warmup, warmup_lr
        self.eta_min, self.first = eta_min, first
        super().__init__(optimizer, end=end, **kwargs)

    def _get_value(self) -> list[float]:
        """Compute the learning rate of each group."""
        return [self._rate(self.last_step + self.first, lr) for lr in self.base_values]

    def _rate(self, epoch: int, lr: float) -> float:
        """Compute the rate of an epoch from a group's own."""
        if epoch < self.warmup:
            return self.warmup_lr + epoch * (lr - self.warmup_lr) / self.warmup
        if epoch >= self.end:
            return self.eta_min
        cosine = math.cos(math.pi * epoch / self.end)
        return self.eta_min + 0.5 * (lr - self.eta_min) * (1 + cosine)
