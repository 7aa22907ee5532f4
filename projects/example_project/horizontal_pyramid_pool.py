"""Horizontal Pyramid Matching as one brick.

Paper: `Horizontal Pyramid Matching for Person Re-identification
<https://arxiv.org/abs/1804.05275>`_, section "Horizontal Pyramid Pooling".
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmreid.registry import MODELS


@MODELS.register_module()
class HorizontalPyramidPool(nn.Module):
    """Pool a map at several numbers of stripes, each stripe by average plus maximum.

    Args:
        scales (Sequence[int]): Numbers of stripes, each a divisor of the map's height.
            Defaults to (1, 2, 4).

    Raises:
        ValueError: If a scale is not positive; in ``forward``, if one does not divide
            the height.
    """

    def __init__(self, scales: Sequence[int] = (1, 2, 4)) -> None:
        super().__init__()
        if not scales or min(scales) < 1:
            raise ValueError(f'scales must be positive numbers, got {scales!r}.')
        self.scales = tuple(scales)
        self.out_parts = sum(scales)  # a branch asks its pool for this

    def forward(self, x: Tensor) -> Tensor:
        """Pool ``(N, C, H, W)`` to ``(N, P, C)``, from coarse to fine."""
        height = x.shape[2]
        wrong = [scale for scale in self.scales if height % scale]
        if wrong:
            raise ValueError(
                f'every scale must divide the height of the map, got {wrong} for '
                f'{height} rows; choose other scales or another input height.'
            )
        parts = []
        for scale in self.scales:
            stripes = x.unflatten(2, (scale, -1))  # N x C x scale x rows x W
            parts.append(stripes.mean((3, 4)) + stripes.amax((3, 4)))
        return torch.cat(parts, 2).transpose(1, 2)
