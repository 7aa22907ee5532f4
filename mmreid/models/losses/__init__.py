"""Losses, one per file."""

from mmreid.models.losses.attention_alignment_loss import AttentionAlignmentLoss
from mmreid.models.losses.batch_hard_triplet_loss import BatchHardTripletLoss

__all__ = ['AttentionAlignmentLoss', 'BatchHardTripletLoss']
