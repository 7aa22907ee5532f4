"""Circle loss on the pairs of a batch."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmreid.arguments import check_number
from mmreid.models.losses.pairs.pair_loss import (
    PairLoss,
    anchors_of,
    pairs_of,
    similarities,
)
from mmreid.registry import MODELS


@MODELS.register_module()
class PairwiseCircleLoss(PairLoss):
    r"""Circle loss: the farther a similarity is from its optimum, the harder it pulls.

    Paper: `Circle Loss: A Unified Perspective of Pair Similarity Optimization
    <https://arxiv.org/abs/2002.10857>`_, Eq. 6 to 8, with pairs of a batch. With the
    cosines :math:`s^+_j` of an anchor's positives and :math:`s^-_k` of its negatives
    its loss is

    .. math:: \log\bigl(1 + \sum_j e^{-\gamma [1 + m - s^+_j]_+ (s^+_j - 1 + m)}
        \sum_k e^{\gamma [s^-_k + m]_+ (s^-_k - m)}\bigr),

    where the weights in brackets have no gradient. The result is the mean over the
    anchors, as fast-reid takes it (https://github.com/JDAI-CV/fast-reid).

    Args:
        margin (float): The relaxation m. Defaults to 0.25.
        scale (float): The factor :math:`\gamma`. Defaults to 128.
        loss_weight (float): Factor on the result. Defaults to 1.0.
        gather (bool): See :class:`PairLoss`. Defaults to False.

    Raises:
        ValueError: If ``margin`` is no number, or ``scale`` no positive one.
    """

    def __init__(
        self,
        margin: float = 0.25,
        scale: float = 128,
        loss_weight: float = 1.0,
        gather: bool = False,
    ) -> None:
        super().__init__(loss_weight, gather)
        check_number('margin', margin)
        check_number('scale', scale, above=0)
        self.margin = margin
        self.scale = scale

    def compare(self, feats: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss, unweighted, of vectors in at least float32.

        Args:
            feats (Tensor): Vectors ``(N, D)``.
            labels (Tensor): Identities ``(N,)``.

        Returns:
            Tensor: Scalar, the mean over the anchors that have a positive and a
            negative; zero, with a gradient path, when none has.
        """
        positive, negative = pairs_of(labels)
        anchors = anchors_of(positive, negative)
        if not len(anchors):
            return 0.0 * feats.sum()
        cosines = similarities(feats)[anchors]
        margin, scale = self.margin, self.scale
        fixed = cosines.detach()
        pull = F.relu(1 + margin - fixed) * (cosines - (1 - margin))
        push = F.relu(fixed + margin) * (cosines - margin)
        from_positives = (-scale * pull).masked_fill(~positive[anchors], -torch.inf)
        from_negatives = (scale * push).masked_fill(~negative[anchors], -torch.inf)
        total = from_positives.logsumexp(1) + from_negatives.logsumexp(1)
        return F.softplus(total).mean()
