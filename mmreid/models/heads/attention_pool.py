"""AIR-Net's attention-based pooling.

Paper: On the Importance of Appearance and Interaction Feature Representations for
Person Re-identification, section 3.2, Eq. 3. No code was released.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.models.precision import full_precision, widen
from mmreid.registry import MODELS


@MODELS.register_module()
class AttentionPool(BaseModule):
    r"""Pool a map to one vector of how its features interact (ABP).

    With X the map as HW rows of C features,

    .. math:: I = (X W_v)^T (X W_u) = W_v^T (X^T (X W_u)),

    a sum over the positions, each weighted by its own score :math:`x W_u`, whose
    channels :math:`W_v` mixes. It is computed from right to left: :math:`X W_v`, a
    product of HW x C x C, is never formed.

    The paper does not say how it starts. Here :math:`W_v` starts as the identity, so
    that the vector has the channels of the pretrained map, and :math:`W_u` as the
    unit vector of equal entries: behind a ReLU every score is then positive, large
    where the map answers much. Random entries would weigh positions with random
    signs, from which classifiers learn more slowly; zeros would leave :math:`W_v`
    without a gradient at first. Under a softmax equal entries would single out few
    positions; there :math:`W_u` starts at zero, as average pooling.

    Args:
        in_channels (int): Channels C of the map.
        attn (str): ``'none'``: the scores are weights as they are, as printed;
            ``'softmax'``: over the positions. Defaults to ``'none'``.

    Raises:
        ValueError: If ``attn`` is unknown.
    """

    def __init__(
        self, in_channels: int, attn: Literal['none', 'softmax'] = 'none'
    ) -> None:
        super().__init__()
        check_choice('attn', attn, ('none', 'softmax'))
        self.attn = attn
        self.weight_v = nn.Parameter(torch.empty(in_channels, in_channels))
        self.weight_u = nn.Parameter(torch.empty(in_channels, 1))
        self.init_weights()

    def init_weights(self) -> None:
        """Start as a pooling of the map's own channels."""
        nn.init.eye_(self.weight_v)
        start = 0.0 if self.attn == 'softmax' else len(self.weight_u) ** -0.5
        nn.init.constant_(self.weight_u, start)

    def forward(self, x: Tensor) -> Tensor:
        """Pool ``(N, C, H, W)`` to ``(N, 1, C)``; half precision in float32."""
        # A sum of squares over all positions leaves the range of float16.
        with full_precision(x):
            features, weight_u, weight_v = map(
                widen, (x.flatten(2), self.weight_u, self.weight_v)
            )  # features: N x C x HW, X transposed
            weights = weight_u.T @ features  # N x 1 x HW
            if self.attn == 'softmax':
                weights = F.softmax(weights, dim=2)
            pooled = weights @ features.transpose(1, 2) @ weight_v
        return pooled.to(self.weight_v.dtype)
