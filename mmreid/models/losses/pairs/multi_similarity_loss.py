"""Multi-similarity loss over mined pairs."""

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

# Positives that are nearer than this are the same vector and teach nothing.
SAME = 1 - 1e-5


@MODELS.register_module()
class MultiSimilarityLoss(PairLoss):
    r"""Weigh pairs by their own similarity and by that of the others of the anchor.

    Paper: `Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning
    <https://arxiv.org/abs/1904.06627>`_, Eq. 11 to 15. Of an anchor those negatives are
    kept whose cosine with it exceeds that of its farthest positive minus the mining
    margin, and those positives whose cosine stays below that of its nearest negative
    plus the margin. With the cosines :math:`s^+_j` and :math:`s^-_k` of what is kept
    its loss is

    .. math:: \frac{1}{\alpha} \log\bigl(1 + \sum_j e^{-\alpha (s^+_j - \lambda)}\bigr)
        + \frac{1}{\beta} \log\bigl(1 + \sum_k e^{\beta (s^-_k - \lambda)}\bigr),

    or 0 where it keeps no positive or no negative. The result is the mean over the
    batch. Positives with a cosine above 1 - 1e-5 are left out, as in the authors' code
    (https://github.com/msight-tech/research-ms-loss).

    Args:
        scale_pos (float): :math:`\alpha`. Defaults to 2.
        scale_neg (float): :math:`\beta`. Defaults to 40.
        threshold (float): :math:`\lambda`. Defaults to 0.5.
        mining_margin (float): By how much more than the hardest is kept.
            Defaults to 0.1.
        loss_weight (float): Factor on the result. Defaults to 1.0.
        gather (bool): See :class:`PairLoss`. Defaults to False.

    Raises:
        ValueError: If a scale is not positive, or another argument no number.
    """

    def __init__(
        self,
        scale_pos: float = 2,
        scale_neg: float = 40,
        threshold: float = 0.5,
        mining_margin: float = 0.1,
        loss_weight: float = 1.0,
        gather: bool = False,
    ) -> None:
        super().__init__(loss_weight, gather)
        check_number('scale_pos', scale_pos, above=0)
        check_number('scale_neg', scale_neg, above=0)
        check_number('threshold', threshold)
        check_number('mining_margin', mining_margin)
        self.scale_pos = scale_pos
        self.scale_neg = scale_neg
        self.threshold = threshold
        self.mining_margin = mining_margin

    def compare(self, feats: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss, unweighted, of vectors in at least float32.

        Args:
            feats (Tensor): Vectors ``(N, D)``.
            labels (Tensor): Identities ``(N,)``.

        Returns:
            Tensor: Scalar, the mean over the batch; zero, with a gradient path, when
            no anchor keeps a pair.
        """
        cosines = similarities(feats)
        positive, negative = self._mine(cosines.detach(), labels)
        anchors = anchors_of(positive, negative)
        if not len(anchors):
            return 0.0 * feats.sum()
        above = cosines[anchors] - self.threshold
        pull = (-self.scale_pos * above).masked_fill(~positive[anchors], -torch.inf)
        push = (self.scale_neg * above).masked_fill(~negative[anchors], -torch.inf)
        # log(1 + sum(exp(x))), which cannot overflow.
        terms = F.softplus(pull.logsumexp(1)) / self.scale_pos
        terms = terms + F.softplus(push.logsumexp(1)) / self.scale_neg
        return terms.sum() / len(feats)

    def _mine(self, cosines: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Keep the positives and negatives that are hard, ``(N, N)`` each."""
        positive, negative = pairs_of(labels)
        positive = positive & (cosines < SAME)
        farthest = cosines.masked_fill(~positive, torch.inf).amin(1, keepdim=True)
        nearest = cosines.masked_fill(~negative, -torch.inf).amax(1, keepdim=True)
        return (
            positive & (cosines - self.mining_margin < nearest),
            negative & (cosines + self.mining_margin > farthest),
        )
