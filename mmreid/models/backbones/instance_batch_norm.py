"""The normalisation of IBN-a.

Paper: Two at Once: Enhancing Learning and Generalization Capacities via IBN-Net
(https://arxiv.org/abs/1807.09441). The names ``IN`` and ``BN`` and the split are those
of the authors' checkpoints (https://github.com/XingangPan/IBN-Net, read for the
layout only).
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from mmreid.registry import MODELS


class InstanceBatchNorm(nn.Module):
    """Instance normalisation of the first half of the channels, batch of the rest.

    Args:
        channels (int): Channels of the map; of an odd number the smaller half is
            normalised by instance.
        norm_cfg (dict): Config of the batch normalisation; ``requires_grad`` counts
            for both halves.

    Raises:
        ValueError: In ``load_state_dict``, strict or not, if a plain batch norm's
            weights are in its place.
    """

    def __init__(self, channels: int, norm_cfg: Mapping[str, Any]) -> None:
        super().__init__()
        norm_cfg = dict(norm_cfg)
        trainable = norm_cfg.pop('requires_grad', True)
        half = channels // 2
        self.sizes = (half, channels - half)
        self.IN = nn.InstanceNorm2d(half, affine=True)
        self.BN = MODELS.build(dict(norm_cfg, num_features=channels - half))
        self.requires_grad_(trainable)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``(N, C, H, W)``."""
        by_instance, by_batch = x.split(self.sizes, dim=1)
        return torch.cat((self.IN(by_instance), self.BN(by_batch)), dim=1)

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any
    ) -> None:
        """Refuse a network without IBN, of which a lenient load would leave half."""
        if f'{prefix}weight' in state_dict:
            raise ValueError(
                f'A checkpoint of a network without IBN has no weights for {prefix}IN '
                f'and {prefix}BN; load one of IBN-a, or set ibn=None.'
            )
        super()._load_from_state_dict(state_dict, prefix, *args)
