"""Losses that compare the pictures of a batch with each other.

``pair_loss.py`` is what they share: which pairs there are, and how the vectors of all
processes come together. A further one derives from its ``AnchorLoss`` and computes
``of_anchors``; one that is no mean over anchors derives from ``PairLoss`` and computes
``compare``.
"""

from mmreid.models.losses.pairs.batch_hard_triplet_loss import BatchHardTripletLoss
from mmreid.models.losses.pairs.multi_similarity_loss import MultiSimilarityLoss
from mmreid.models.losses.pairs.pair_loss import AnchorLoss, PairLoss
from mmreid.models.losses.pairs.pairwise_circle_loss import PairwiseCircleLoss
from mmreid.models.losses.pairs.pairwise_cosface_loss import PairwiseCosFaceLoss
from mmreid.models.losses.pairs.weighted_regularized_triplet_loss import (
    WeightedRegularizedTripletLoss,
)

__all__ = [
    'AnchorLoss',
    'BatchHardTripletLoss',
    'MultiSimilarityLoss',
    'PairLoss',
    'PairwiseCircleLoss',
    'PairwiseCosFaceLoss',
    'WeightedRegularizedTripletLoss',
]
