"""AANet's Omnidirectional Foreground-aware Attention.

Paper: Attention-Aligned Network for Person Re-Identification, section 3.2.
No code was released. Normalisation, activations and the place of the stride follow
from the sizes printed in the paper's Table 5 (see ``configs/aanet/README.md``).
"""

from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.registry import MODELS

# Where S starts, before the sigmoid.
START_SCORE = 2.0


def _squeezed(channels: int, reduction: int) -> int:
    """Width of a squeezed layer."""
    if reduction < 1 or channels < reduction:
        raise ValueError(
            'The squeezed width in_channels // reduction must be at least 1, got '
            f'in_channels={channels}, reduction={reduction}; lower the reduction.'
        )
    return channels // reduction


def _conv_bn(
    in_channels: int, out_channels: int, kernel: tuple[int, int]
) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    """A size-keeping convolution and its batch norm.

    The convolution has a bias although the norm removes it: the paper's sizes count it.
    """
    padding = (kernel[0] // 2, kernel[1] // 2)
    conv = nn.Conv2d(in_channels, out_channels, kernel, padding=padding)
    return conv, nn.BatchNorm2d(out_channels)


@MODELS.register_module()
class ForegroundChannelAttention(BaseModule):
    """Gate channels by how far their mean rises above their minimum (3.2.1).

    The minimum is what a channel answers to the background, so the difference is a
    signature of the foreground. It ignores a constant added to a channel and the
    order of the positions.

    Args:
        in_channels (int): Channels of the map.
        out_channels (int, optional): Channels of the gate. Defaults to those of the
            map.
        reduction (int): Squeeze ratio r. Defaults to 16.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int | None = None,
        reduction: int = 16,
    ) -> None:
        super().__init__()
        inner = _squeezed(in_channels, reduction)
        self.squeeze = nn.Conv2d(in_channels, inner, 1)
        self.expand = nn.Conv2d(inner, out_channels or in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C_in, H, W)`` to a gate ``(N, C, 1, 1)`` in (0, 1)."""
        signature = x.mean((2, 3), keepdim=True) - x.amin((2, 3), keepdim=True)
        return torch.sigmoid(self.expand(F.relu(self.squeeze(signature))))


@MODELS.register_module()
class MultiscaleSpatialAttention(BaseModule):
    """Attention per position and channel from four receptive fields (3.2.2).

    One branch a kernel size n: a 1x1 squeeze, for n > 1 a 1xn and an nx1
    convolution, and a 1x1 expansion straight to ``out_channels``; every convolution
    is followed by batch normalisation, all but the expansion by ReLU. The branches
    are summed and, where the residual block strides, average-pooled.

    The paper does not say how it starts. Here the last normalisations begin with a
    small weight and a positive bias, so that S is nearly constant, 0.88: a pretrained
    block beside it keeps its features, and every weight gets a gradient.

    Args:
        in_channels (int): Channels of the map.
        out_channels (int): Channels of the attention.
        stride (int): Stride of the block beside it. Defaults to 1.
        reduction (int): Squeeze ratio r. Defaults to 16.
        kernel_sizes (Sequence[int]): Odd sizes n, one a branch.
            Defaults to (1, 3, 5, 7).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 1,
        reduction: int = 16,
        kernel_sizes: Sequence[int] = (1, 3, 5, 7),
    ) -> None:
        super().__init__()
        if any(size < 1 or size % 2 == 0 for size in kernel_sizes):
            raise ValueError(
                f'Kernel sizes must be odd to keep the map size, got {kernel_sizes!r}.'
            )
        self.stride = stride
        widths = (in_channels, _squeezed(in_channels, reduction), out_channels)
        start = START_SCORE / len(kernel_sizes)
        self.branches = nn.ModuleList(
            self._branch(*widths, size, start) for size in kernel_sizes
        )

    @staticmethod
    def _branch(
        in_channels: int, inner: int, out_channels: int, size: int, start: float
    ) -> nn.Module:
        """Squeeze, look across and along, expand."""
        layers: list[nn.Module] = [*_conv_bn(in_channels, inner, (1, 1)), nn.ReLU()]
        for kernel in [(1, size), (size, 1)] if size > 1 else []:
            layers += [*_conv_bn(inner, inner, kernel), nn.ReLU()]
        expand, norm = _conv_bn(inner, out_channels, (1, 1))
        nn.init.constant_(norm.weight, 0.25)
        nn.init.constant_(norm.bias, start)
        return nn.Sequential(*layers, expand, norm)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C_in, H, W)`` to S ``(N, C_out, H', W')`` in (0, 1)."""
        scores = self.branches[0](x)
        for branch in self.branches[1:]:
            scores = scores + branch(x)
        if self.stride > 1:
            # ceil_mode: a strided convolution rounds an odd side up.
            scores = F.avg_pool2d(scores, self.stride, ceil_mode=True)
        return torch.sigmoid(scores)


@MODELS.register_module()
class OFA(BaseModule):
    """Scale a residual block by attention computed from its input (3.2, Eq. 1, 2).

    A backbone plugin for ``position='parallel'``: ``(x, y) -> y * S``, where S is
    :class:`MultiscaleSpatialAttention` of the map x that
    :class:`ForegroundChannelAttention` has gated. At ``position='after'`` the block's
    output attends to itself, ``y -> y * S(y)``: the series connection of Table 4
    (AANet-2).

    Args:
        in_channels (int): Channels of the block's input.
        out_channels (int, optional): Channels of the block's output. Defaults to
            ``in_channels``.
        stride (int): Stride of the block. Defaults to 1.
        reduction (int): Squeeze ratio r of both parts. Defaults to 16.
        attend (str): What y is: ``'block'``, the block's output, as the paper's Eq. 2
            is written; or ``'residual'``, the residual mapping before the shortcut is
            added, which leaves pretrained features closer to where they were.
            Defaults to ``'block'``.
        fca (bool): Use channel attention. Defaults to True.
        msa (bool): Use spatial attention; without it the channel gate itself is S.
            Defaults to True.
        literal (bool): Multiply by Eq. 1's A = F_in * C * S instead of S, which
            exists only where input and output have the same shape.
            Defaults to False.

    Raises:
        ValueError: If both parts are off, ``attend`` is unknown, the reduction
            exceeds the channels, or ``literal`` is asked for between unequal shapes.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int | None = None,
        stride: int = 1,
        reduction: int = 16,
        attend: Literal['block', 'residual'] = 'block',
        fca: bool = True,
        msa: bool = True,
        literal: bool = False,
    ) -> None:
        super().__init__()
        out_channels = out_channels or in_channels
        if not (fca or msa):
            raise ValueError(
                'OFA needs at least one of fca and msa, got both False; remove the '
                'plugin to switch the attention off.'
            )
        check_choice('attend', attend, ('block', 'residual'))
        if literal and (in_channels != out_channels or stride != 1):
            raise ValueError(
                'literal=True multiplies input and output, which need one shape; got '
                f'in_channels={in_channels}, out_channels={out_channels}, '
                f'stride={stride}. Leave the first block of a stage out.'
            )
        self.attend = attend
        self.literal = literal
        gate_channels = in_channels if msa else out_channels
        self.fca = (
            ForegroundChannelAttention(in_channels, gate_channels, reduction)
            if fca
            else None
        )
        self.msa = (
            MultiscaleSpatialAttention(in_channels, out_channels, stride, reduction)
            if msa
            else None
        )
        if self.fca is not None and not msa:  # then the gate is S
            nn.init.constant_(self.fca.get_parameter('expand.bias'), START_SCORE)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Attend to a block.

        Args:
            x (Tensor): Input of the residual block, ``(N, C_in, H, W)``.
            y (Tensor, optional): Its output, or its residual mapping,
                ``(N, C_out, H', W')``. Defaults to x.

        Returns:
            Tensor: The attended y, ``(N, C_out, H', W')``.
        """
        y = x if y is None else y
        if self.msa is None:
            assert self.fca is not None  # the constructor wants one of them
            gated, attention = x, self.fca(x)
        else:
            gated = x if self.fca is None else self.fca(x) * x
            attention = self.msa(gated)
        return y * gated * attention if self.literal else y * attention
