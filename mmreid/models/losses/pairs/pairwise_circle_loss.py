"""Circle loss on the pairs of a batch."""

import torch.nn.functional as F
from torch import Tensor

from mmreid.models.losses.pairs.pair_loss import similarities
from mmreid.models.losses.pairs.scaled_anchor_loss import (
    ScaledAnchorLoss,
    smooth_gaps,
)
from mmreid.registry import MODELS


@MODELS.register_module()
class PairwiseCircleLoss(ScaledAnchorLoss):
    r"""Circle loss: the farther a similarity is from its optimum, the harder it pulls.

    Paper: `Circle Loss: A Unified Perspective of Pair Similarity Optimization
    <https://arxiv.org/abs/2002.10857>`_, Eq. 6 to 8, with pairs of a batch. With the
    cosines :math:`s^+_j` of an anchor's positives and :math:`s^-_k` of its negatives
    its loss is

    .. math:: \log\bigl(1 + \sum_j e^{-\gamma [1 + m - s^+_j]_+ (s^+_j - 1 + m)}
        \sum_k e^{\gamma [s^-_k + m]_+ (s^-_k - m)}\bigr),

    where the weights in brackets have no gradient. The result is the mean over the
    anchors, as fast-reid takes it (https://github.com/JDAI-CV/fast-reid).

    Its arguments are those of :class:`ScaledAnchorLoss`: ``margin`` is the relaxation
    m, ``scale`` the factor :math:`\gamma`.
    """

    def of_anchors(
        self, feats: Tensor, anchors: Tensor, positive: Tensor, negative: Tensor
    ) -> Tensor:
        """Compute the loss of each anchor, ``(M,)``; see :class:`AnchorLoss`."""
        cosines = similarities(feats)[anchors]
        margin, scale = self.margin, self.scale
        fixed = cosines.detach()
        pull = F.relu(1 + margin - fixed) * (cosines - (1 - margin))
        push = F.relu(fixed + margin) * (cosines - margin)
        gaps = smooth_gaps(-scale * pull, scale * push, positive, negative)
        return F.softplus(gaps)
