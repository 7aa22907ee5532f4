"""Circle loss with class weights."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmreid.arguments import check_number
from mmreid.models.losses.margins.margin_loss import MarginLoss
from mmreid.registry import MODELS


@MODELS.register_module()
class CircleSoftmaxLoss(MarginLoss):
    r"""Cross-entropy of cosines that weigh more the farther they are from an optimum.

    Paper: `Circle Loss: A Unified Perspective of Pair Similarity Optimization
    <https://arxiv.org/abs/2002.10857>`_, Eq. 6 to 8, with class weights. The logit is

    .. math:: s [1 + m - \cos\theta_y]_+ (\cos\theta_y - 1 + m)

    of the true class and :math:`s [\cos\theta_i + m]_+ (\cos\theta_i - m)` of every
    other one, where the weights in brackets have no gradient. The scores must be
    cosines: set ``classifier=dict(type='CosineClassifier')`` beside it. fast-reid
    (https://github.com/JDAI-CV/fast-reid) trains its strongest baseline with it.

    Args:
        scale (float): The factor s. Defaults to 64.
        margin (float): The relaxation m. Defaults to 0.35.
        label_smooth_val (float): Share of the target that all classes have together.
            Defaults to 0.0.
        loss_weight (float): Factor on the result. Defaults to 1.0.

    Raises:
        ValueError: If ``margin`` is no number, ``scale`` is not positive or
            ``label_smooth_val`` is no share.
    """

    def __init__(
        self,
        scale: float = 64,
        margin: float = 0.35,
        label_smooth_val: float = 0.0,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(scale, label_smooth_val, loss_weight)
        check_number('margin', margin)
        self.margin = margin

    def logits(self, cosines: Tensor, is_true: Tensor, labels: Tensor) -> Tensor:
        """Set the margin, see :class:`MarginLoss`."""
        fixed = cosines.detach()
        true = F.relu(1 + self.margin - fixed) * (cosines - (1 - self.margin))
        other = F.relu(fixed + self.margin) * (cosines - self.margin)
        return torch.where(is_true, true, other)
