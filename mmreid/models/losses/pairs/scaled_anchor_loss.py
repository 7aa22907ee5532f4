"""What losses on the scaled cosines of an anchor's pairs have in common."""

import torch
from torch import Tensor

from mmreid.arguments import check_number
from mmreid.models.losses.pairs.pair_loss import AnchorLoss


def smooth_gaps(
    pull: Tensor, push: Tensor, positive: Tensor, negative: Tensor
) -> Tensor:
    r"""Compute the smooth maximum over all pairs of a positive and a negative.

    .. math:: \log\bigl(\sum_j e^{a_j} \sum_k e^{b_k}\bigr)

    Args:
        pull (Tensor): Logits :math:`a` of the columns as positives, ``(M, N)``.
        push (Tensor): Logits :math:`b` of the columns as negatives, ``(M, N)``.
        positive (Tensor): Which columns are positives, ``(M, N)``.
        negative (Tensor): Which are negatives, ``(M, N)``.

    Returns:
        Tensor: ``(M,)``.
    """
    from_positives = pull.masked_fill(~positive, -torch.inf)
    from_negatives = push.masked_fill(~negative, -torch.inf)
    return from_positives.logsumexp(1) + from_negatives.logsumexp(1)


class ScaledAnchorLoss(AnchorLoss):
    """A loss on cosines with a margin and a factor.

    Args:
        margin (float): By how much, see the loss. Defaults to 0.25.
        scale (float): Factor on what is taken to exponents. Defaults to 128.
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
