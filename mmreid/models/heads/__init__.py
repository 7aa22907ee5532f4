"""From feature maps to part vectors, and from those to embeddings and losses."""

from mmreid.models.heads.attention_pool import AttentionPool
from mmreid.models.heads.branch import Branch
from mmreid.models.heads.global_pool import GlobalPool
from mmreid.models.heads.multi_branch_head import MultiBranchHead
from mmreid.models.heads.part_layers import PartLinear, PartUnit
from mmreid.models.heads.relation import RelationPool
from mmreid.models.heads.stripe_pool import StripePool

__all__ = [
    'AttentionPool',
    'Branch',
    'GlobalPool',
    'MultiBranchHead',
    'PartLinear',
    'PartUnit',
    'RelationPool',
    'StripePool',
]
