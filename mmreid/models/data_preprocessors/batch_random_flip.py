"""Mirroring the pictures of a batch at once."""

import torch
from torch import Tensor, nn

from mmreid.registry import MODELS


@MODELS.register_module()
class BatchRandomFlip(nn.Module):
    """Mirror each picture of a batch, left to right, with a probability of its own.

    The distribution is that of ``RandomFlip(prob, direction='horizontal')`` in a
    pipeline. Draws come from torch's generator of the pictures' device.

    Args:
        prob (float): Probability to mirror a picture. Defaults to 0.5.

    Raises:
        ValueError: ``prob`` lies outside [0, 1].
    """

    def __init__(self, prob: float = 0.5) -> None:
        super().__init__()
        if not 0 <= prob <= 1:
            raise ValueError(f'prob must lie in [0, 1], got {prob}.')
        self.prob = prob

    def forward(self, images: Tensor) -> Tensor:
        """Map pictures ``(N, C, H, W)`` of any dtype to pictures of the same shape."""
        mirrored = torch.rand(len(images), device=images.device) < self.prob
        return torch.where(mirrored.view(-1, 1, 1, 1), images.flip(3), images)
