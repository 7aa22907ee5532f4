"""Pooling of horizontal stripes."""

from collections.abc import Iterator
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
        uneven (bool): Where P does not divide the height H, cut as adaptive pooling
            does it: stripe i has the rows from floor(i H / P) to ceil((i + 1) H / P),
            so that neighbours share some (torchreid's PCB). False makes it an error.
            Defaults to False.

    Raises:
        ValueError: If ``num_parts`` is not positive or the mode is unknown; in
            ``forward``, if P does not divide the map's height.
    """

    def __init__(
        self, num_parts: int, mode: Mode = 'avg', uneven: bool = False
    ) -> None:
        super().__init__()
        if num_parts < 1:
            raise ValueError(f'num_parts must be at least 1, got {num_parts}.')
        check_choice('mode', mode, get_args(Mode))
        self.num_parts = num_parts
        self.mode = mode
        self.uneven = uneven
        if mode == 'gem':
            self.p = nn.Parameter(torch.full((num_parts,), 3.0))

    @property
    def out_parts(self) -> int:
        """Number of part vectors that ``forward`` returns."""
        return self.num_parts

    def forward(self, x: Tensor) -> Tensor:
        """Pool ``(N, C, H, W)`` to ``(N, P, C)``."""
        height = x.shape[2]
        if height % self.num_parts and self.uneven:
            return torch.cat([*self._pool_uneven(x)], 1)
        if height % self.num_parts:
            raise ValueError(
                f'num_parts must divide the height of the map, got {self.num_parts} '
                f'parts of {height} rows; choose an input height whose map divides '
                f'evenly (for stride 16, a multiple of {16 * self.num_parts}), or set '
                'uneven=True.'
            )
        stripes = x.unflatten(2, (self.num_parts, -1))  # N x C x P x rows x W
        return self._pool(stripes, slice(None))

    def _pool_uneven(self, x: Tensor) -> Iterator[Tensor]:
        """Pool stripes that may share rows, one by one."""
        height, count = x.shape[2], self.num_parts
        for part in range(count):
            start, end = part * height // count, -(-(part + 1) * height // count)
            yield self._pool(x[:, :, None, start:end], slice(part, part + 1))

    def _pool(self, stripes: Tensor, parts: slice) -> Tensor:
        """Pool rows and columns of ``(N, C, P, rows, W)`` to ``(N, P, C)``."""
        if self.mode == 'gem':
            p = self.p[parts]
            powers = stripes.clamp(min=_SMALLEST).pow(p[:, None, None])
            pooled = powers.mean((3, 4)).pow(1 / p)
        elif self.mode == 'max':
            pooled = stripes.amax((3, 4))
        else:
            pooled = stripes.mean((3, 4))
            if self.mode == 'avg+max':
                pooled = pooled + stripes.amax((3, 4))
        return pooled.transpose(1, 2)
