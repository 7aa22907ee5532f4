"""Triplet loss over the hardest pairs of a batch."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from mmreid.arguments import check_choice
from mmreid.models.losses.pairs.pair_loss import AnchorLoss
from mmreid.registry import MODELS


@MODELS.register_module()
class BatchHardTripletLoss(AnchorLoss):
    r"""Triplet loss with the hardest positive and negative of each anchor.

    With :math:`D^+` the distance to the anchor's farthest positive in the batch and
    :math:`D^-` that to its nearest negative, the loss is the mean over the anchors of

    .. math:: [m + D^+ - D^-]_+ + w D^+

    The first term is that of `In Defense of the Triplet Loss
    <https://arxiv.org/abs/1703.07737>`_, Eq. 5; the second, with weight
    :math:`w` = ``intra_weight``, AANet's constraint on the intra-class distance
    (Eq. 9, the "improved TriHard loss", w = 1).

    Args:
        margin (float | str): The margin m, or ``'soft'`` for
            :math:`\log(1 + e^{D^+ - D^-})` instead of the hinge. Defaults to 0.3.
        distance (str): ``'euclidean'``, or ``'cosine'`` for 1 - cos, in [0, 2].
            Defaults to ``'euclidean'``.
        intra_weight (float): Weight w of the hardest positive's own distance.
            Defaults to 0.0.
        loss_weight (float): Factor on the result. Defaults to 1.0.
        gather (bool): Find the hardest pairs in the batch of all processes together,
            see :class:`PairLoss`. Defaults to False.

    Raises:
        ValueError: If ``margin`` is neither a number nor ``'soft'``, or ``distance``
            is unknown.
    """

    def __init__(
        self,
        margin: float | Literal['soft'] = 0.3,
        distance: Literal['euclidean', 'cosine'] = 'euclidean',
        intra_weight: float = 0.0,
        loss_weight: float = 1.0,
        gather: bool = False,
    ) -> None:
        super().__init__(loss_weight, gather)
        if margin != 'soft' and not isinstance(margin, int | float):
            raise ValueError(
                f"margin must be a number or 'soft', got {margin!r}; write margin=0.3 "
                "for a hinge or margin='soft' for the soft margin (None elsewhere)."
            )
        check_choice('distance', distance, ('euclidean', 'cosine'))
        self.margin = margin
        self.distance = distance
        self.intra_weight = intra_weight

    def of_anchors(
        self, feats: Tensor, anchors: Tensor, positive: Tensor, negative: Tensor
    ) -> Tensor:
        """Compute the loss of each anchor, ``(M,)``; see :class:`AnchorLoss`."""
        if self.distance == 'cosine':
            feats = F.normalize(feats)
        with torch.no_grad():
            distances = self._pairwise(feats)[anchors]
            farthest = distances.masked_fill(~positive, -torch.inf).argmax(1)
            nearest = distances.masked_fill(~negative, torch.inf).argmin(1)
        to_positive = self._paired(feats[anchors], feats[farthest])
        to_negative = self._paired(feats[anchors], feats[nearest])
        gap = to_positive - to_negative
        hinge = (
            F.softplus(gap)
            if isinstance(self.margin, str)
            else F.relu(self.margin + gap)
        )
        return hinge + self.intra_weight * to_positive

    def _pairwise(self, feats: Tensor) -> Tensor:
        """Distances of all pairs, ``(N, N)``."""
        if self.distance == 'cosine':
            return 1 - feats @ feats.T
        # Through differences: |a|^2 - 2ab + |b|^2 cancels for near neighbours.
        return torch.cdist(feats, feats, compute_mode='donot_use_mm_for_euclid_dist')

    def _paired(self, a: Tensor, b: Tensor) -> Tensor:
        """Distances row by row, ``(M,)``, of vectors that ``_pairwise`` has seen."""
        if self.distance == 'cosine':
            return 1 - (a * b).sum(1)
        # Unlike sqrt, the norm has a (zero) gradient where a == b.
        return torch.linalg.vector_norm(a - b, dim=1)
