"""CosFace's margin on the pairs of a batch."""

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
class PairwiseCosFaceLoss(PairLoss):
    r"""A smooth maximum over all triplets: positives nearer than negatives by a margin.

    With the cosines :math:`s^+_j` of an anchor's positives and :math:`s^-_k` of its
    negatives its loss is

    .. math:: \log\bigl(1 + \sum_j e^{-\gamma s^+_j}
        \sum_k e^{\gamma (s^-_k + m)}\bigr),

    the case of equal weights in Eq. 1 of `Circle Loss
    <https://arxiv.org/abs/2002.10857>`_. The result is the mean over the anchors, as
    fast-reid takes it (https://github.com/JDAI-CV/fast-reid).

    Args:
        margin (float): The margin m. Defaults to 0.25.
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
        logits = self.scale * similarities(feats)[anchors]
        from_positives = (-logits).masked_fill(~positive[anchors], -torch.inf)
        from_negatives = logits.masked_fill(~negative[anchors], -torch.inf)
        total = from_positives.logsumexp(1) + from_negatives.logsumexp(1)
        return F.softplus(total + self.scale * self.margin).mean()
