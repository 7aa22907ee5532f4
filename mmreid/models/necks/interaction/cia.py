"""IANet's interaction-and-aggregation over channels.

Paper: Interaction-and-Aggregation Network for Person Re-Identification, CVPR 2019,
section 3.2.
"""

from typing import Any

import torch
from mmengine.model import BaseModule
from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import hardshrink

from mmreid.models.precision import full_precision, widen
from mmreid.registry import MODELS


class _NormalSoftmax(Function):
    """Softmax of rows with zeros in the place of numbers below the smallest normal one.

    CPUs take many times as long for every product with such a number.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Map ``(..., M)`` to weights of the same shape."""
        # Not threshold, which exporters of files lack; weights have no sign.
        weights = hardshrink(x.softmax(-1), torch.finfo(x.dtype).tiny)
        ctx.save_for_backward(weights)
        return weights

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (weights,) = ctx.saved_tensors
        return torch._softmax_backward_data(grads[0], weights, -1, weights.dtype)


@MODELS.register_module()
class CIA(BaseModule):
    """Make every channel a mean over the channels related to it (Eq. 7, 8).

    Related are channels whose maps have a large dot product, unscaled as printed: where
    features are large, a channel is related to itself alone, and E = F. There are no
    parameters; products and softmax are computed in at least float32.

    Args:
        in_channels (int): Channels C of the map.
    """

    relates = 'channels'  # not positions, as attention maps show them

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.in_channels = in_channels

    def forward(self, x: Tensor) -> Tensor:
        """Map F ``(N, C, H, W)`` to E of the same shape (Eq. 8)."""
        with full_precision(x):
            mean = self.relation_map(x) @ widen(x).flatten(2)
        return mean.unflatten(2, x.shape[2:]).to(x.dtype)

    def relation_map(self, x: Tensor) -> Tensor:
        """Compute C of Eq. 7, ``(N, C, C)`` in at least float32, from F."""
        with full_precision(x):
            features = widen(x).flatten(2)
            return _NormalSoftmax.apply(features @ features.transpose(1, 2))
