"""Convolution weights stored with the channels innermost."""

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmreid.registry import HOOKS


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Turns the model to ``torch.channels_last`` before it is used.

    Convolutions choose their memory layout by that of their weight, so the maps follow
    by themselves. Values do not change, but dropout draws its mask in the order of
    memory: another mask from the same seed. On CPUs with bfloat16 units and on GPUs
    with tensor cores it is faster together with autocast. DistributedDataParallel has
    laid its buckets out before, and says so once; it is no error.
    """

    def before_train(self, runner: Runner) -> None:
        """Convert before training."""
        self._convert(runner)

    def before_val(self, runner: Runner) -> None:
        """Convert before validation."""
        self._convert(runner)

    def before_test(self, runner: Runner) -> None:
        """Convert before testing."""
        self._convert(runner)

    @staticmethod
    def _convert(runner: Runner) -> None:
        wrapped = is_model_wrapper(runner.model)
        model = runner.model.module if wrapped else runner.model
        model.to(memory_format=torch.channels_last)
