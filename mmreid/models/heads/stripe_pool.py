"""Pooling of horizontal stripes."""

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.registry import MODELS

Mode = Literal['avg', 'max', 'avg+max', 'gem']
_SMALLEST = 1e-6  # of what a generalised mean takes to a power


@MODELS.register_module()
class StripePool(nn.Module):
    """Cut a map into equal horizontal stripes and pool each (PCB).

    Paper: `Beyond Part Models <https://arxiv.org/abs/1711.09349>`_, section 3.1.

    Args:
        num_parts (int): Number of stripes P, from top to bottom.
        mode (str): ``'avg'``, ``'max'``, ``'avg+max'`` (their sum) or ``'gem'``
            (generalised mean, with a trainable exponent ``p`` for each stripe).
            Defaults to ``'avg'``.

    Raises:
        ValueError: If ``num_parts`` is not positive or the mode is unknown; in
            ``forward``, if P does not divide the map's height.
    """

    def __init__(self, num_parts: int, mode: Mode = 'avg') -> None:
        super().__init__()
        if num_parts < 1:
            raise ValueError(f'num_parts must be at least 1, got {num_parts}.')
        check_choice('mode', mode, get_args(Mode))
        self.num_parts = num_parts
        self.mode = mode
        if mode == 'gem':
            self.p = nn.Parameter(torch.full((num_parts,), 3.0))

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
        return self._pool(stripes).transpose(1, 2)

    def _pool(self, stripes: Tensor) -> Tensor:
        """Pool rows and columns of ``(N, C, P, rows, W)``."""
        if self.mode == 'gem':
            powers = stripes.clamp(min=_SMALLEST).pow(self.p[:, None, None])
            return powers.mean((3, 4)).pow(1 / self.p)
        if self.mode == 'max':
            return stripes.amax((3, 4))
        mean = stripes.mean((3, 4))
        return mean if self.mode == 'avg' else mean + stripes.amax((3, 4))
