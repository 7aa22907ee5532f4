"""Cross-entropy with a margin, on the cosines that a ``CosineClassifier`` returns.

``margin_loss.py`` is what they share: scale, label smoothing and weight. A further one
derives from it and computes ``logits``.
"""

from mmreid.models.losses.margins.arcface_loss import ArcFaceLoss
from mmreid.models.losses.margins.circle_softmax_loss import CircleSoftmaxLoss
from mmreid.models.losses.margins.cosface_loss import CosFaceLoss
from mmreid.models.losses.margins.margin_loss import MarginLoss

__all__ = ['ArcFaceLoss', 'CircleSoftmaxLoss', 'CosFaceLoss', 'MarginLoss']
