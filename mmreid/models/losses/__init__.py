"""Losses, one per file."""

from mmreid.models.losses.attention_alignment_loss import AttentionAlignmentLoss
from mmreid.models.losses.batch_hard_triplet_loss import BatchHardTripletLoss
from mmreid.models.losses.cluster_memory_loss import ClusterMemoryLoss
from mmreid.models.losses.fixed_prototype_loss import FixedPrototypeLoss

__all__ = [
    'AttentionAlignmentLoss',
    'BatchHardTripletLoss',
    'ClusterMemoryLoss',
    'FixedPrototypeLoss',
]
