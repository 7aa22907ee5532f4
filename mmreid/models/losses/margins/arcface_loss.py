"""ArcFace: a margin on the angle."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from mmreid.models.losses.margins.margin_loss import MarginLoss
from mmreid.registry import MODELS


@MODELS.register_module()
class ArcFaceLoss(MarginLoss):
    r"""Cross-entropy of :math:`s \cos(\theta_y + m)` and :math:`s \cos\theta_i`.

    Paper: `ArcFace: Additive Angular Margin Loss for Deep Face Recognition
    <https://arxiv.org/abs/1801.07698>`_, Eq. 3. Past :math:`\theta_y + m = \pi`, where
    the cosine would rise again, it is :math:`\cos\theta_y - m \sin m`, as in the
    authors' code (https://github.com/deepinsight/insightface). The scores must be
    cosines: set ``classifier=dict(type='CosineClassifier')`` beside it, with
    ``num_centers`` for sub-centres.

    Args:
        scale (float): The factor s. Defaults to 64.
        margin (float | Sequence[float]): The margin m in radians, of all classes or
            one for each class, such as margins that decrease with the number of
            pictures (`Google Landmark Recognition 2020, third place
            <https://arxiv.org/abs/2010.05350>`_). Defaults to 0.5.
        label_smooth_val (float): Share of the target that all classes have together.
            Defaults to 0.0.
        loss_weight (float): Factor on the result. Defaults to 1.0.

    Raises:
        ValueError: If a margin lies outside [0, pi]; in ``forward``, if there are not
            as many margins as classes.
    """

    margin: Tensor

    def __init__(
        self,
        scale: float = 64,
        margin: float | Sequence[float] = 0.5,
        label_smooth_val: float = 0.0,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(scale, label_smooth_val, loss_weight)
        each = [margin] if isinstance(margin, int | float) else [*margin]
        if not each or not all(isinstance(m, int | float) for m in each):
            raise ValueError(
                'margin must be a number, or a list with one for each class; got '
                f'{margin!r}.'
            )
        margins = torch.tensor(margin, dtype=torch.float64)
        if not bool(((margins >= 0) & (margins <= math.pi)).all()):
            raise ValueError(
                'margin must be an angle in [0, pi], got '
                f'{margins.min():g} to {margins.max():g}; 0.5 is usual.'
            )
        # Told by the config, so that no checkpoint needs it.
        self.register_buffer('margin', margins, persistent=False)

    def logits(self, cosines: Tensor, is_true: Tensor, labels: Tensor) -> Tensor:
        """Set the margin, without the scale.

        Args:
            cosines (Tensor): ``(N, num_classes)``, in at least float32.
            is_true (Tensor): Where the true class is, of the same shape.
            labels (Tensor): True classes ``(N,)``.

        Returns:
            Tensor: ``(N, num_classes)``.

        Raises:
            ValueError: If there are not as many margins as classes.
        """
        if self.margin.ndim and len(self.margin) != cosines.shape[1]:
            raise ValueError(
                f'margin must be a number or one for each of the {cosines.shape[1]} '
                f'classes, got {len(self.margin)}.'
            )
        margin = (self.margin[labels] if self.margin.ndim else self.margin).to(cosines)
        true = cosines.gather(1, labels[:, None]).squeeze(1)
        # Rounding makes cosines larger than 1, whose angle is NaN, and that of 1 has an
        # infinite gradient.
        limit = 1 - torch.finfo(true.dtype).eps
        angle = true.clamp(-limit, limit).acos()
        widened = torch.where(
            angle + margin <= math.pi,
            (angle + margin).cos(),
            true - margin * margin.sin(),
        )
        return torch.where(is_true, widened[:, None], cosines)
