"""CosFace's margin on the pairs of a batch."""

import torch.nn.functional as F
from torch import Tensor

from mmreid.models.losses.pairs.pair_loss import similarities
from mmreid.models.losses.pairs.scaled_anchor_loss import (
    ScaledAnchorLoss,
    smooth_gaps,
)
from mmreid.registry import MODELS


@MODELS.register_module()
class PairwiseCosFaceLoss(ScaledAnchorLoss):
    r"""A smooth maximum over all triplets: positives nearer than negatives by a margin.

    With the cosines :math:`s^+_j` of an anchor's positives and :math:`s^-_k` of its
    negatives its loss is

    .. math:: \log\bigl(1 + \sum_j e^{-\gamma s^+_j}
        \sum_k e^{\gamma (s^-_k + m)}\bigr),

    the case of equal weights in Eq. 1 of `Circle Loss
    <https://arxiv.org/abs/2002.10857>`_. The result is the mean over the anchors, as
    fast-reid takes it (https://github.com/JDAI-CV/fast-reid).

    Its arguments are those of :class:`ScaledAnchorLoss`: ``margin`` is m, ``scale`` the
    factor :math:`\gamma`.
    """

    def of_anchors(
        self, feats: Tensor, anchors: Tensor, positive: Tensor, negative: Tensor
    ) -> Tensor:
        """Compute the loss of each anchor, ``(M,)``; see :class:`AnchorLoss`."""
        logits = self.scale * similarities(feats)[anchors]
        gaps = smooth_gaps(-logits, logits, positive, negative)
        return F.softplus(gaps + self.scale * self.margin)
