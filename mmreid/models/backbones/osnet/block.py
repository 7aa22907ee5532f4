"""OSNet's residual block, with the places that instance norms may have in it.

Papers: https://arxiv.org/abs/1905.00953 (Figure 3 and Eq. 3) and, for instance norms
inside the residual mapping, https://arxiv.org/abs/1910.06827 (Figure 4).
"""

from collections import OrderedDict
from typing import Literal

import torch
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.models.backbones.osnet.layers import ChannelGate, ConvNorm, LightConv
from mmreid.registry import MODELS

InstanceNorm = Literal['residual', 'sum']


@MODELS.register_module()
class OSBlock(nn.Module):
    r"""Four streams that see 3, 5, 7 and 9 pixels, gated and added (omni-scale).

    With u_t the stream of t light convolutions and G one gate for all of them,

    .. math:: y = \mathrm{ReLU}(x + W_3 \sum_{t=1}^4 G(u_t(W_1 x))),

    where x passes a 1x1 convolution if the widths differ. A block may serve as the
    ``stage`` of a branch, too.

    Args:
        in_channels (int): Channels of the map.
        out_channels (int, optional): Channels of the result, a multiple of 4 and at
            least 64: inside it is a quarter as wide, and its gate a sixteenth of that.
            Defaults to None, those of the map.
        instance_norm (str, optional): Instance normalisation ``'residual'``, of the
            residual mapping in place of its batch norm (AIN), or ``'sum'``, of the sum
            (IBN). Defaults to None.
        streams (str): How the streams' parameters are named: ``'letters'``, as
            torchreid's OSNet (``conv2a``), or ``'list'``, as its AIN
            (``conv2.0.layers``). Defaults to ``'letters'``.

    Raises:
        ValueError: If an option is unknown, or ``out_channels`` none of those.
    """

    conv2: nn.ModuleList

    def __init__(
        self,
        in_channels: int,
        out_channels: int | None = None,
        instance_norm: InstanceNorm | None = None,
        streams: Literal['letters', 'list'] = 'letters',
    ) -> None:
        super().__init__()
        check_choice('instance_norm', instance_norm, ('residual', 'sum', None))
        check_choice('streams', streams, ('letters', 'list'))
        if out_channels is None:
            out_channels = in_channels
        self.out_channels = out_channels
        inner = out_channels // 4
        if out_channels < 64 or out_channels % 4:
            raise ValueError(
                'out_channels must be at least 64 and a multiple of 4, since the gate '
                f'is a 64th as wide, got {out_channels}.'
            )
        self.streams = streams
        self.conv1 = ConvNorm(in_channels, inner)
        self._add_streams(inner)
        self.gate = ChannelGate(inner)
        self.conv3 = ConvNorm(
            inner,
            out_channels,
            norm=None if instance_norm == 'residual' else 'batch',
            relu=False,
        )
        self.downsample: nn.Module = nn.Identity()
        if in_channels != out_channels:
            self.downsample = ConvNorm(in_channels, out_channels, relu=False)
        self.normalizes = instance_norm
        if instance_norm:
            self.IN = nn.InstanceNorm2d(out_channels, affine=True)

    def _add_streams(self, channels: int) -> None:
        """Make streams of one to four light convolutions."""
        chains = [[LightConv(channels) for _ in range(t)] for t in range(1, 5)]
        if self.streams == 'letters':
            self.conv2a = chains[0][0]
            for letter, chain in zip('bcd', chains[1:], strict=True):
                self.add_module(f'conv2{letter}', nn.Sequential(*chain))
            return
        self.conv2 = nn.ModuleList(
            nn.Sequential(OrderedDict(layers=nn.Sequential(*chain))) for chain in chains
        )

    def _each_stream(self) -> list[nn.Module]:
        """List the streams, the shortest first."""
        if self.streams == 'list':
            return list(self.conv2)
        return [self.get_submodule(f'conv2{letter}') for letter in 'abcd']

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C_in, H, W)`` to ``(N, C_out, H, W)``."""
        inner = self.conv1(x)
        seen = [self.gate(stream(inner)) for stream in self._each_stream()]
        y = self.conv3(seen[0] + seen[1] + seen[2] + seen[3])
        if self.normalizes == 'residual':
            y = self.IN(y)
        y = y + self.downsample(x)
        if self.normalizes == 'sum':
            y = self.IN(y)
        return torch.relu(y)
