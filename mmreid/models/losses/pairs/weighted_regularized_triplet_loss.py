"""AGW's triplet loss, in which every pair has a weight."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from mmreid.arguments import check_choice
from mmreid.models.losses.pairs.pair_loss import AnchorLoss
from mmreid.registry import MODELS


@MODELS.register_module()
class WeightedRegularizedTripletLoss(AnchorLoss):
    r"""Triplet loss without a margin, over all pairs instead of the hardest.

    Paper: `Deep Learning for Person Re-identification: A Survey and Outlook
    <https://arxiv.org/abs/2001.04193>`_, section 4.1 (AGW). With the Euclidean
    distances :math:`d_{ij}`, an anchor i has the loss

    .. math:: \log(1 + e^{\sum_j w^+_{ij} d_{ij} - \sum_k w^-_{ik} d_{ik}}),

    where :math:`w^+` is the softmax of :math:`d` over the pictures of its person, the
    anchor itself among them as in the authors' code, and :math:`w^-` that of
    :math:`-d` over all others. The result is the mean over the anchors.

    Args:
        variant (str): ``'paper'``: both softmaxes are exact. ``'released'``: as in the
            authors' code (https://github.com/mangye16/ReID-Survey), which adds 1e-6
            to the sums that both divide by, but shifts only the first to a largest
            exponent of 0: where all others are farther away than about 14, the weights
            :math:`w^-` no longer sum to one and the second term vanishes.
            Defaults to ``'paper'``.
        loss_weight (float): Factor on the result. Defaults to 1.0.
        gather (bool): See :class:`PairLoss`. Defaults to False.

    Raises:
        ValueError: If the variant is unknown.
    """

    def __init__(
        self,
        variant: Literal['paper', 'released'] = 'paper',
        loss_weight: float = 1.0,
        gather: bool = False,
    ) -> None:
        super().__init__(loss_weight, gather)
        check_choice('variant', variant, ('paper', 'released'))
        self.variant = variant

    def of_anchors(
        self, feats: Tensor, anchors: Tensor, positive: Tensor, negative: Tensor
    ) -> Tensor:
        """Compute the loss of each anchor, ``(M,)``; see :class:`AnchorLoss`."""
        # Through differences: |a|^2 - 2ab + |b|^2 cancels for near neighbours.
        mode = 'donot_use_mm_for_euclid_dist'
        distances = torch.cdist(feats[anchors], feats, compute_mode=mode)
        to_positive = (self._weights(distances, ~negative) * distances).sum(1)
        to_negative = (self._weights(-distances, negative) * distances).sum(1)
        return F.softplus(to_positive - to_negative)

    def _weights(self, logits: Tensor, chosen: Tensor) -> Tensor:
        """Softmax over the chosen columns; the others weigh nothing."""
        if self.variant == 'paper':
            return F.softmax(logits.masked_fill(~chosen, -torch.inf), dim=1)
        shift = (logits * chosen).amax(1, keepdim=True)  # 0 where logits are negative
        exponentials = (logits - shift).masked_fill(~chosen, -torch.inf).exp()
        return exponentials / (exponentials.sum(1, keepdim=True) + 1e-6)
