"""Convolution weights stored with the channels innermost."""

from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from mmreid.engine.model_wrappers import unwrap_model
from mmreid.registry import HOOKS


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Turns the model to ``torch.channels_last`` before it is used.

    Convolutions choose their memory layout by that of their weight, so the maps follow
    by themselves. Values do not change, but dropout draws its mask in the order of
    memory: another mask from the same seed. On CPUs with bfloat16 units and on GPUs
    with tensor cores it is faster together with autocast.

    A distributed model is wrapped anew: ``DistributedDataParallel`` lays out its
    buckets of gradients when it is made, and of weights that change their layout
    afterwards it averages the wrong numbers, with no more than a warning.

    On the CPU, networks with a strided 1x1 convolution of fewer than eight channels
    stay as they are: its backward pass in this layout writes beyond its memory
    (torch 2.12).
    """

    # Before the hooks that copy the model, as EMAHook does.
    priority = 'VERY_HIGH'

    def before_run(self, runner: Runner) -> None:
        """Convert before training, validation and testing."""
        model = unwrap_model(runner.model)
        if not put_channels_last(model):
            runner.logger.warning(
                'ChannelsLastHook leaves this network as it is: it has a strided 1x1 '
                'convolution of fewer than 8 channels, with which torch may crash.'
            )
            return
        if model is not runner.model:
            runner.model = runner.wrap_model(runner.cfg.get('model_wrapper_cfg'), model)


def put_channels_last(model: Any) -> bool:
    """Store a network's weights with the channels innermost, unless torch may crash.

    Args:
        model (Any): Changed in place.

    Returns:
        bool: Whether it was done, see :class:`ChannelsLastHook`.
    """
    on_cpu = all(p.device.type == 'cpu' for p in model.parameters())
    if on_cpu and any(map(_is_unsafe, model.modules())):
        return False
    model.to(memory_format=torch.channels_last)
    return True


def _is_unsafe(module: nn.Module) -> bool:
    return (
        isinstance(module, nn.Conv2d)
        and module.in_channels // module.groups < 8
        and max(module.kernel_size) == 1
        and max(module.stride) > 1
    )
