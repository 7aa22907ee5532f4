"""Pooling of the whole map to one vector."""

from typing import Literal, get_args

from mmpretrain.models.necks import GeneralizedMeanPooling
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from mmreid.arguments import check_choice
from mmreid.registry import MODELS

Mode = Literal['avg', 'max', 'avg+max', 'gem']


@MODELS.register_module()
class GlobalPool(nn.Module):
    """Pool a map to a single part vector.

    Args:
        mode (str): ``'avg'``, ``'max'``, ``'avg+max'`` (their sum) or ``'gem'``
            (generalised mean with a trainable exponent, mmpretrain's
            ``GeneralizedMeanPooling``). Defaults to ``'avg'``.

    Raises:
        ValueError: If the mode is unknown.
    """

    def __init__(self, mode: Mode = 'avg') -> None:
        super().__init__()
        check_choice('mode', mode, get_args(Mode))
        self.mode = mode
        if mode == 'gem':
            self.gem = GeneralizedMeanPooling()

    def forward(self, x: Tensor) -> Tensor:
        """Pool ``(N, C, H, W)`` to ``(N, 1, C)``."""
        if self.mode == 'gem':
            return self._generalized_mean(x)[:, None]
        pooled = x.new_zeros(x.shape[:2])
        if 'avg' in self.mode:
            pooled = pooled + x.mean((2, 3))
        if 'max' in self.mode:
            pooled = pooled + x.amax((2, 3))
        return pooled[:, None]

    def _generalized_mean(self, x: Tensor) -> Tensor:
        """Compute what calling ``gem`` does, with a window of plain numbers.

        Tracers that write files take no window whose size they have traced.
        """
        powers = x.clamp(min=self.gem.eps).pow(self.gem.p)
        window = (int(x.shape[2]), int(x.shape[3]))
        return avg_pool2d(powers, window).pow(1.0 / self.gem.p).flatten(1)
