"""Pooling of horizontal stripes."""

from typing import Literal

from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.registry import MODELS


@MODELS.register_module()
class StripePool(nn.Module):
    """Cut a map into equal horizontal stripes and pool each (PCB).

    Paper: `Beyond Part Models <https://arxiv.org/abs/1711.09349>`_, section 3.1.

    Args:
        num_parts (int): Number of stripes P, from top to bottom.
        mode (str): ``'avg'`` or ``'max'``. Defaults to ``'avg'``.

    Raises:
        ValueError: If ``num_parts`` is not positive or the mode is unknown; in
            ``forward``, if P does not divide the map's height.
    """

    def __init__(self, num_parts: int, mode: Literal['avg', 'max'] = 'avg') -> None:
        super().__init__()
        if num_parts < 1:
            raise ValueError(f'num_parts must be at least 1, got {num_parts}.')
        check_choice('mode', mode, ('avg', 'max'))
        self.num_parts = num_parts
        self.mode = mode

    @property
    def out_parts(self) -> int:
        """Number of part vectors that ``forward`` returns."""
        return self.num_parts

    def forward(self, x: Tensor) -> Tensor:
        """Pool ``(N, C, H, W)`` to ``(N, P, C)``."""
        height = x.shape[2]
        if height % self.num_parts:
            raise ValueError(
                f'num_parts must divide the height of the map, got {self.num_parts} '
                f'parts of {height} rows; choose an input height whose map divides '
                f'evenly (for stride 16, a multiple of {16 * self.num_parts}).'
            )
        stripes = x.unflatten(2, (self.num_parts, -1))  # N x C x P x rows x W
        pooled = stripes.mean((3, 4)) if self.mode == 'avg' else stripes.amax((3, 4))
        return pooled.transpose(1, 2)
