"""DropBlock with blocks of any height and width.

Papers: DropBlock: A regularization method for convolutional networks
(https://arxiv.org/abs/1810.12890); Second-order Non-local Attention Networks for
Person Re-identification, ICCV 2019, section 2.1 (DropBlock+); Batch Feature Erasing for
Person Re-identification and Beyond (https://arxiv.org/abs/1811.07130).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmreid.registry import MODELS


@MODELS.register_module()
class DropBlock2d(nn.Module):
    """Set rectangles of a map to zero while training.

    Every position that can be the upper left corner of a whole block becomes one with
    the same chance, DropBlock's gamma, which would drop ``drop_ratio`` of the map if
    blocks never met and the border were as likely as the middle. Both lower the share:
    blocks of 5 x 8 at 0.1 keep 90.6 % of a 48 x 16 map, and 15 % of the masks are
    empty. All channels share a mask.

    Batch Feature Erasing (also: Batch DropBlock) is ``drop_ratio=None,
    block_size=(0.33, 1.0), batchwise=True, rescale=False``.

    Args:
        drop_ratio (float, optional): Share of the map to drop, below 1; 0 drops
            nothing. None for exactly one block a mask, anywhere with the same chance.
            Defaults to 0.1.
        block_size (Sequence[int | float]): Height and width of a block in positions,
            or, where a float, as a fraction of the map's side, rounded to at least one
            position. Defaults to (5, 8).
        batchwise (bool): One mask for all pictures of a batch, instead of one for each.
            Defaults to False.
        rescale (bool): Divide what is left by its share of the batch's positions, as
            DropBlock does. Defaults to True.

    Raises:
        ValueError: If an option has no meaning; in ``forward``, if a block is larger
            than the map.
    """

    def __init__(
        self,
        drop_ratio: float | None = 0.1,
        block_size: Sequence[int | float] = (5, 8),
        batchwise: bool = False,
        rescale: bool = True,
    ) -> None:
        super().__init__()
        if drop_ratio is not None and not 0 <= drop_ratio < 1:
            raise ValueError(
                'drop_ratio must be a share of the map in [0, 1), or None for one '
                f'block a mask; got {drop_ratio!r}.'
            )
        if len(block_size) != 2 or not all(map(_is_side, block_size)):
            raise ValueError(
                'block_size must be a height and a width, each a whole number of '
                'positions or a float fraction of the map in (0, 1]; got '
                f'{block_size!r}.'
            )
        self.drop_ratio = drop_ratio
        self.block_size = tuple(block_size)
        self.batchwise = batchwise
        self.rescale = rescale

    def forward(self, x: Tensor) -> Tensor:
        """Mask ``(N, C, H, W)``; in evaluation mode, return it as it is."""
        if not self.training or self.drop_ratio == 0:
            return x
        kept = self._kept(x)
        if self.rescale:
            kept = kept * (kept.numel() / kept.sum().clamp_min(1))
        return x * kept.to(x.dtype)

    def _kept(self, x: Tensor) -> Tensor:
        """Draw masks of x, zero in the blocks, ``(N or 1, 1, H, W)``."""
        size = x.shape[2:]
        height, width = (
            side if isinstance(side, int) else max(1, round(side * whole))
            for side, whole in zip(self.block_size, size, strict=True)
        )
        if height > size[0] or width > size[1]:
            raise ValueError(
                f'A block must fit into the map, but block_size={self.block_size} '
                f'gives {height} x {width} positions on a map of {size[0]} x {size[1]}.'
            )
        corners = self._corners(x, size[0] - height + 1, size[1] - width + 1)
        # Each corner covers the block below it and to its right.
        reach = (width - 1, width - 1, height - 1, height - 1)
        return 1 - F.max_pool2d(F.pad(corners, reach), (height, width), stride=1)

    def _corners(self, x: Tensor, rows: int, columns: int) -> Tensor:
        """Draw the blocks' upper left corners, ones in ``(N or 1, 1, rows, columns)``.

        The drawn numbers are float32, whose bits are enough for small chances.
        """
        shape = (1 if self.batchwise else len(x), rows * columns)
        drawn = torch.rand(shape, device=x.device)
        if self.drop_ratio is None:
            chosen = F.one_hot(drawn.argmax(1), rows * columns)
        else:
            # A block of h x w has (H - h + 1) (W - w + 1) places on H x W.
            height, width = x.shape[2] - rows + 1, x.shape[3] - columns + 1
            positions = x.shape[2] * x.shape[3]
            gamma = self.drop_ratio * positions / (height * width * rows * columns)
            chosen = drawn < gamma
        return chosen.float().view(-1, 1, rows, columns)


def _is_side(side: int | float) -> bool:
    """Tell whether a block may have such a side."""
    return 0 < side <= 1 if isinstance(side, float) else side >= 1
