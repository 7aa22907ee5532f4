"""What cross-entropies with a margin have in common."""

from abc import ABC, abstractmethod

import torch.nn.functional as F
from torch import Tensor, nn

from mmreid.models.precision import full_precision, widen


class MarginLoss(nn.Module, ABC):
    r"""Cross-entropy of scaled cosines, of which the true class must win by a margin.

    Args:
        scale (float): Factor s on the cosines: the temperature of the softmax is 1/s.
        label_smooth_val (float): Share of the target that all classes have together,
            as in mmpretrain's ``LabelSmoothLoss``.
        loss_weight (float): Factor on the result.

    Raises:
        ValueError: If ``scale`` is not positive or ``label_smooth_val`` is no share.
    """

    #: Scores that are no cosines have no margin, so that a branch refuses them.
    needs_cosines = True

    def __init__(
        self, scale: float, label_smooth_val: float, loss_weight: float
    ) -> None:
        super().__init__()
        if scale <= 0:
            raise ValueError(
                f'scale must be positive, got {scale}; 64 and 30 are usual.'
            )
        if not 0 <= label_smooth_val < 1:
            raise ValueError(
                f'label_smooth_val must lie in [0, 1), got {label_smooth_val}; 0.1 is '
                'usual, 0 for none.'
            )
        self.scale = scale
        self.label_smooth_val = label_smooth_val
        self.loss_weight = loss_weight

    @abstractmethod
    def logits(self, cosines: Tensor, is_true: Tensor, labels: Tensor) -> Tensor:
        """Set the margin, without the scale.

        Args:
            cosines (Tensor): ``(N, num_classes)``, in at least float32.
            is_true (Tensor): Where the true class is, of the same shape.
            labels (Tensor): True classes ``(N,)``.

        Returns:
            Tensor: ``(N, num_classes)``.
        """

    def forward(self, cosines: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss of a batch.

        Args:
            cosines (Tensor): Cosine of each vector with each class,
                ``(N, num_classes)``; half precision is computed in float32.
            labels (Tensor): True classes ``(N,)``.

        Returns:
            Tensor: Scalar, the mean over the batch.
        """
        with full_precision(cosines):
            cosines = widen(cosines)
            is_true = F.one_hot(labels, cosines.shape[1]).bool()
            logits = self.scale * self.logits(cosines, is_true, labels)
            smoothing = self.label_smooth_val
            loss = F.cross_entropy(logits, labels, label_smoothing=smoothing)
            return self.loss_weight * loss
