"""Dropping of the rows that a network attends to most.

Paper: Top-DB-Net: Top DropBlock for Activation Enhancement in Person Re-Identification
(https://arxiv.org/abs/2010.05435), section III.C. What it leaves open was read in
LightMBN (https://github.com/jixunbo/LightMBN, model/attention.py).
"""

import torch
from torch import Tensor, nn

from mmreid.models.precision import widen
from mmreid.registry import MODELS


@MODELS.register_module()
class TopDrop(nn.Module):
    """Set the rows of a map that answer most to zero while training.

    A row answers as its strongest position does, a position by the sum of its squared
    channels. Each picture loses rows of its own; what is left is not rescaled. The
    network has to see persons by the other rows, too.

    Args:
        drop_ratio (float): Share of the rows, in [0, 1); their number is rounded.
            Defaults to 0.33.

    Raises:
        ValueError: If the share is none.
    """

    def __init__(self, drop_ratio: float = 0.33) -> None:
        super().__init__()
        if not 0 <= drop_ratio < 1:
            raise ValueError(
                f'drop_ratio must be a share of the rows in [0, 1), got {drop_ratio!r}.'
            )
        self.drop_ratio = drop_ratio

    def forward(self, x: Tensor) -> Tensor:
        """Mask ``(N, C, H, W)``; in evaluation mode, return it as it is."""
        if not self.training:
            return x
        with torch.no_grad():
            # Squares leave the range of float16.
            answers = widen(x).square().sum(1).amax(2)  # N x H
            dropped = answers.topk(round(self.drop_ratio * x.shape[2])).indices
            kept = torch.ones_like(answers).scatter(1, dropped, 0)
        return x * kept[:, None, :, None].to(x.dtype)
