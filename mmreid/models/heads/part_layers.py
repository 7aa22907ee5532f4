"""Layers of part vectors, with own weights for every part."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.registry import MODELS


@MODELS.register_module()
class PartLinear(BaseModule):
    """Apply to each part vector its own linear layer, all in one batched product.

    Args:
        num_parts (int): Number of parts P.
        in_channels (int): Width of a part vector.
        out_channels (int): Width of the result.
        bias (bool): Add a bias. Defaults to True.
        std (float, optional): Standard deviation of normally drawn weights; None for
            He's initialisation of a layer in front of a ReLU. Defaults to None.
    """

    def __init__(
        self,
        num_parts: int,
        in_channels: int,
        out_channels: int,
        bias: bool = True,
        std: float | None = None,
    ) -> None:
        super().__init__()
        self.std = std
        self.weight = nn.Parameter(torch.empty(num_parts, out_channels, in_channels))
        self.bias = nn.Parameter(torch.empty(num_parts, out_channels)) if bias else None
        self.init_weights()

    def init_weights(self) -> None:
        """Draw the weights; biases are zero."""
        std = (2 / self.weight.shape[2]) ** 0.5 if self.std is None else self.std
        nn.init.normal_(self.weight, std=std)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, parts: Tensor) -> Tensor:
        """Map ``(N, P, C)`` to ``(N, P, out_channels)``.

        Fewer parts than the layer has use the first weights: a pool may give further
        parts in training only.
        """
        num_parts = parts.shape[1]
        out = torch.einsum('npc,poc->npo', parts, self.weight[:num_parts])
        return out if self.bias is None else out + self.bias[:num_parts]


@MODELS.register_module()
class PartUnit(nn.Sequential):
    """Map each part vector by its own 1x1 convolution, batch norm and ReLU.

    On vectors the convolution is a linear layer; every part has its own weights and
    its own batch statistics, and all are computed together.

    Args:
        num_parts (int): Number of parts P.
        in_channels (int): Width C of a part vector.
        out_channels (int): Width c of the result; ``(N, P, C) -> (N, P, c)``.
    """

    def __init__(self, num_parts: int, in_channels: int, out_channels: int) -> None:
        linear = dict(type='PartLinear', num_parts=num_parts, in_channels=in_channels)
        super().__init__(
            MODELS.build(dict(linear, out_channels=out_channels)),
            nn.Flatten(),  # batch statistics of every part by itself
            nn.BatchNorm1d(num_parts * out_channels),
            nn.ReLU(),
            nn.Unflatten(1, (num_parts, out_channels)),
        )
