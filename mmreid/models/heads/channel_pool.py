"""Pooling of groups of channels."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.registry import MODELS


@MODELS.register_module()
class ChannelPool(BaseModule):
    """Average a map, cut its channels into groups, and map each by one shared unit.

    The unit is a 1x1 convolution without bias, batch norm and ReLU; in training each
    group has batch statistics of its own. Paper: `Lightweight Multi-Branch Network for
    Person Re-Identification <https://arxiv.org/abs/2101.10774>`_, section 3.1.

    Args:
        in_channels (int): Channels of the map, a multiple of ``num_parts``.
        out_channels (int): Width of the part vectors.
        num_parts (int): Number of groups P. Defaults to 2.

    Raises:
        ValueError: If ``num_parts`` does not divide the channels.
    """

    def __init__(self, in_channels: int, out_channels: int, num_parts: int = 2) -> None:
        super().__init__()
        if num_parts < 1 or in_channels % num_parts:
            raise ValueError(
                f'num_parts must divide the {in_channels} channels of the map, got '
                f'{num_parts}.'
            )
        self.out_channels = out_channels
        self.out_parts = num_parts
        self.shared = nn.Sequential(
            nn.Linear(in_channels // num_parts, out_channels, bias=False),
            nn.BatchNorm1d(out_channels),
            nn.ReLU(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Pool ``(N, C, H, W)`` to ``(N, P, out_channels)``."""
        groups = x.mean((2, 3)).chunk(self.out_parts, 1)
        return torch.stack([self.shared(group) for group in groups], 1)
