"""The non-local block whose last convolution has a bias."""

from typing import Any

import torch
from mmcv.cnn import NonLocal2d
from torch import nn

from mmreid.registry import MODELS


@MODELS.register_module()
class NonLocalBlock(NonLocal2d):
    """mmcv's ``NonLocal2d`` with a bias in front of its batch norm, map -> map.

    Wang et al., `Non-local Neural Networks <https://arxiv.org/abs/1711.07971>`_, as AGW
    (https://github.com/mangye16/ReID-Survey) and fast-reid have it. A batch norm takes
    the bias away again, but weights that have one are the same to the last digit only
    if it is kept. It starts at zero, as does the batch norm's weight.

    Args:
        in_channels (int): Channels of the map.
        reduction (int): Channels by inner width, which is at least 1.
            Defaults to 1024: one channel inside, as in all releases.
        mode (str): How pairs are weighed, see mmcv. Defaults to ``'dot_product'``:
            products, divided by the number of positions.
        **kwargs (Any): Further ones of mmcv's.
    """

    def __init__(
        self,
        in_channels: int,
        reduction: int = 1024,
        mode: str = 'dot_product',
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault('norm_cfg', dict(type='BN'))
        super().__init__(in_channels, reduction=reduction, mode=mode, **kwargs)
        last = self.conv_out.conv
        if last.bias is None:
            last.bias = nn.Parameter(torch.zeros(last.out_channels))

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any
    ) -> None:
        """Let a checkpoint without the bias have one of zero."""
        name = f'{prefix}conv_out.conv.bias'
        weight = state_dict.get(f'{prefix}conv_out.conv.weight')
        if weight is not None and name not in state_dict:
            state_dict[name] = weight.new_zeros(len(weight))
        super()._load_from_state_dict(state_dict, prefix, *args)
