"""CosFace: a margin on the cosine."""

import torch
from torch import Tensor

from mmreid.arguments import check_number
from mmreid.models.losses.margins.margin_loss import MarginLoss
from mmreid.registry import MODELS


@MODELS.register_module()
class CosFaceLoss(MarginLoss):
    r"""Cross-entropy of :math:`s (\cos\theta_y - m)` and :math:`s \cos\theta_i`.

    Paper: `CosFace: Large Margin Cosine Loss for Deep Face Recognition
    <https://arxiv.org/abs/1801.09414>`_, Eq. 4 (also AM-Softmax). The scores must be
    cosines: set ``classifier=dict(type='CosineClassifier')`` beside it.

    Args:
        scale (float): The factor s. Defaults to 64.
        margin (float): The margin m. Defaults to 0.35.
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
        return torch.where(is_true, cosines - self.margin, cosines)
