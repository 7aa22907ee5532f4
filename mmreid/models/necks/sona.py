"""SONA-Net's second-order non-local attention.

Paper: Second-order Non-local Attention Networks for Person Re-identification, ICCV
2019, section 2.2. No code was released.
"""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.models.precision import full_precision, wide_dtype, widen
from mmreid.registry import MODELS


def covariance(rows: Tensor) -> Tensor:
    """Covariance of all pairs of positions over the channels (Eq. 1).

    The centring matrix I - 11^T / d is symmetric and its own square: the product with
    it is the product of rows that have lost their means.

    Args:
        rows (Tensor): theta(x), ``(N, M, d)``.

    Returns:
        Tensor: Sigma, ``(N, M, M)``.
    """
    centred = rows - rows.mean(2, keepdim=True)
    return centred @ centred.transpose(1, 2) / rows.shape[2]


@MODELS.register_module()
class SONA(BaseModule):
    """Add to every position what correlated positions tell (Eq. 1 to 3).

    A backbone plugin for ``position='after'`` and a ``stage`` of a branch. Positions
    are correlated by the covariance of their features over the channels, divided by
    sqrt(d) before the softmax, d = in_channels // reduction. The paper does not say
    how it starts; here p is zero, so that SONA is the identity and a pretrained trunk
    keeps its features.

    Scores are the dot products of centred features, so that torch's fused attention
    computes them and nothing of the size M x M, M = H * W, is kept. Means are taken
    in at least float32. The products follow in the precision of the features, summed
    and normalised in float32; on a CPU, whose kernels for half precision are slow, in
    at least float32. Maps may have any size.

    Args:
        in_channels (int): Channels C of the map.
        reduction (int): Ratio r of C to the inner width d. Defaults to 2.
        negative_slope (float): Of the LeakyReLU in theta, which the paper does not
            tell. Defaults to 0.01.

    Raises:
        ValueError: If no inner channel is left.
    """

    def __init__(
        self, in_channels: int, reduction: int = 2, negative_slope: float = 0.01
    ) -> None:
        super().__init__()
        if reduction < 1 or in_channels < reduction:
            raise ValueError(
                'The inner width in_channels // reduction must be at least 1, got '
                f'in_channels={in_channels}, reduction={reduction}; lower the '
                'reduction.'
            )
        width = in_channels // reduction
        self.scale = width**-1.5  # 1 / d of Eq. 1, 1 / sqrt(d) of Eq. 2
        self.theta = nn.Sequential(
            nn.Conv2d(in_channels, width, 1),
            nn.BatchNorm2d(width),
            nn.LeakyReLU(negative_slope),
        )
        self.g = nn.Conv2d(in_channels, width, 1)
        self.p = nn.Conv2d(width, in_channels, 1)
        self.init_weights()

    def init_weights(self) -> None:
        """Start as the identity."""
        nn.init.zeros_(self.p.weight)
        nn.init.zeros_(self.get_parameter('p.bias'))

    def forward(self, x: Tensor) -> Tensor:
        """Map x ``(N, C, H, W)`` to SONA(x) of the same shape (Eq. 3)."""
        theta, g = self.theta(x), self.g(x)
        with full_precision(x):
            precise = wide_dtype(theta)
            dtype = precise if x.device.type == 'cpu' else g.dtype
            centred = _rows(theta).to(precise)
            centred = (centred - centred.mean(3, keepdim=True)).to(dtype)
            value = _rows(g).to(dtype)
            z = F.scaled_dot_product_attention(
                centred, centred, value, scale=self.scale
            )
        z = z.transpose(2, 3).reshape(g.shape).to(g.dtype)
        if torch.compiler.is_compiling():
            # Of symbolic size, a view kept for the backward pass stops the compiler:
            # https://github.com/pytorch/pytorch/issues/172204
            z = z.clone()
        return x + self.p(z)

    def relation_map(self, x: Tensor) -> Tensor:
        """Compute the attention, softmax(Sigma / sqrt(d)) of Eq. 2.

        Args:
            x (Tensor): The map ``(N, C, H, W)``.

        Returns:
            Tensor: ``(N, M, M)`` in at least float32. Row i tells what position i takes
            from each.
        """
        theta = _rows(self.theta(x))[:, 0]
        with full_precision(x):
            theta = widen(theta)
            return (covariance(theta) / theta.shape[2] ** 0.5).softmax(2)


def _rows(x: Tensor) -> Tensor:
    """Lay a map ``(N, d, H, W)`` out by positions, ``(N, 1, M, d)``.

    With the one head that the fused attention asks for, and contiguous, as it is where
    channels come last: the kernels want that.
    """
    return x.flatten(2).transpose(1, 2)[:, None].contiguous()
