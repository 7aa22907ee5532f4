"""Losses, one per file.

``pairs/`` compare the pictures of a batch with each other, ``margins/`` are
cross-entropies on cosines; what has weights of its own, or sees maps, stands beside
them.
"""

from mmreid.models.losses.attention_alignment_loss import AttentionAlignmentLoss
from mmreid.models.losses.center_loss import CenterLoss
from mmreid.models.losses.cluster_memory_loss import ClusterMemoryLoss
from mmreid.models.losses.fixed_prototype_loss import FixedPrototypeLoss
from mmreid.models.losses.margins import ArcFaceLoss, CircleSoftmaxLoss, CosFaceLoss
from mmreid.models.losses.pairs import (
    BatchHardTripletLoss,
    MultiSimilarityLoss,
    PairwiseCircleLoss,
    PairwiseCosFaceLoss,
    WeightedRegularizedTripletLoss,
)

__all__ = [
    'ArcFaceLoss',
    'AttentionAlignmentLoss',
    'BatchHardTripletLoss',
    'CenterLoss',
    'CircleSoftmaxLoss',
    'ClusterMemoryLoss',
    'CosFaceLoss',
    'FixedPrototypeLoss',
    'MultiSimilarityLoss',
    'PairwiseCircleLoss',
    'PairwiseCosFaceLoss',
    'WeightedRegularizedTripletLoss',
]
