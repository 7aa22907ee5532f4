"""Residual blocks that attention is plugged into without renaming a parameter."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from mmpretrain.models.backbones.resnet import BasicBlock, Bottleneck
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mmreid.models.backbones.placement import POSITIONS
from mmreid.registry import MODELS


class SocketBlock(nn.Module):
    """What a residual block needs to take plugins; to be mixed into one.

    A plugin lives in one of two sockets, which are also its names in the state dict:

    * ``parallel``: called with the block's input and output, returns the new output.
      If it has the attribute ``attend == 'residual'``, it gets the residual mapping
      instead of the output and returns the new mapping, before the shortcut is added
      (in place, so it must not end in an operation that needs its own result for the
      gradient, such as a sigmoid).
    * ``after``: called with the output of all that.

    Args:
        *args (Any): Of the block.
        with_cp (bool): Recompute block and plugins in the backward pass instead of
            keeping their intermediate maps. Defaults to False.
        **kwargs (Any): Of the block.
    """

    conv1: nn.Module
    norm1: nn.Module
    conv2: nn.Module
    norm2: nn.Module
    downsample: nn.Module | None
    drop_path: nn.Module
    relu: nn.Module
    parallel: nn.Module | None
    after: nn.Module | None

    def __init__(self, *args: Any, with_cp: bool = False, **kwargs: Any) -> None:
        # Not handed on: the parent's own checkpoint would leave the plugins out.
        super().__init__(*args, **kwargs)
        self.checkpointed = with_cp
        # Not class attributes, which would hide modules of the same name for ever.
        self.register_module('parallel', None)
        self.register_module('after', None)

    def plug(self, position: str, cfg: Mapping[str, Any]) -> None:
        """Build a plugin with the block's widths and put it into a socket.

        Args:
            position (str): ``'parallel'`` or ``'after'``.
            cfg (dict): Config of the plugin, without widths; not modified.

        Raises:
            ValueError: If the socket is taken, the config holds a width, or the plugin
                attends to the residual mapping from ``'after'``.
        """
        if getattr(self, position) is not None:
            raise ValueError(
                f'A socket takes one plugin, but {position!r} of this block already '
                f'holds {type(getattr(self, position)).__name__}, got {cfg!r}; use '
                'another position or block.'
            )
        if position == 'after':
            widths = dict(in_channels=self.out_channels)
        else:
            widths = dict(
                in_channels=self.in_channels,
                out_channels=self.out_channels,
                stride=self.stride,
            )
        repeated = sorted(widths.keys() & cfg.keys())
        if repeated:
            raise ValueError(
                f"A plugin's widths come from its block; leave {repeated} out of "
                f'{cfg!r}.'
            )
        plugin = MODELS.build({**copy.deepcopy(cfg), **widths})
        if position == 'after' and getattr(plugin, 'attend', None) == 'residual':
            raise ValueError(
                "A plugin with attend='residual' needs the residual mapping, which "
                f"only position='parallel' gives; got {position!r} for {cfg!r}."
            )
        setattr(self, position, plugin)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C_in, H, W)`` to ``(N, C_out, H', W')``."""
        if self.checkpointed and torch.is_grad_enabled():
            return checkpoint(self._plugged, x, use_reentrant=False)
        return self._plugged(x)

    def _plugged(self, x: Tensor) -> Tensor:
        """Run the block and what is plugged into it."""
        if self.parallel is None:
            y = super().forward(x)
        elif getattr(self.parallel, 'attend', None) == 'residual':
            y = self._with_new_residual(x, self.parallel)
        else:
            y = self.parallel(x, super().forward(x))
        return y if self.after is None else self.after(y)

    def _with_new_residual(self, x: Tensor, plugin: nn.Module) -> Tensor:
        """Run the block with its residual mapping replaced by the plugin's."""
        y = self.drop_path(plugin(x, self.residual(x)))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)

    def residual(self, x: Tensor) -> Tensor:
        """Map ``(N, C_in, H, W)`` to what the block adds to its shortcut."""
        y = self.relu(self.norm1(self.conv1(x)))
        return self.norm2(self.conv2(y))


class SocketBasicBlock(SocketBlock, BasicBlock):
    """The block of ResNet-18 and 34, with sockets."""


class SocketBottleneck(SocketBlock, Bottleneck):
    """The block of ResNet-50, 101 and 152, with sockets."""

    conv3: nn.Module
    norm3: nn.Module

    def residual(self, x: Tensor) -> Tensor:
        """Run the three convolutions, see the parent."""
        y = self.relu(super().residual(x))
        return self.norm3(self.conv3(y))


def named_plugins(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Find the plugins in a network of such blocks.

    Args:
        network (nn.Module): The network.

    Yields:
        tuple[str, nn.Module]: Name, such as ``'layer3.5.parallel'``, and plugin.
    """
    for name, block in network.named_modules():
        if isinstance(block, SocketBlock):
            for position in POSITIONS:
                plugin = getattr(block, position)
                if plugin is not None:
                    yield f'{name}.{position}', plugin
