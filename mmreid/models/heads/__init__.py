"""From feature maps to part vectors, and from those to embeddings and losses.

``multi_branch_head.py`` is the way in, a dictionary of branches; ``branches/`` leads a
map through a pooling (``global_pool.py``, ``stripe_pool.py``, ``attention_pool.py``,
``relation.py``, ``channel_pool.py``; several by ``parallel_pool.py``) to embeddings and
their losses.
"""

from mmreid.models.heads.attention_pool import AttentionPool
from mmreid.models.heads.branches import Branch
from mmreid.models.heads.channel_pool import ChannelPool
from mmreid.models.heads.cosine_classifier import CosineClassifier
from mmreid.models.heads.global_pool import GlobalPool
from mmreid.models.heads.multi_branch_head import MultiBranchHead
from mmreid.models.heads.parallel_pool import ParallelPool
from mmreid.models.heads.part_layers import PartLinear, PartUnit
from mmreid.models.heads.relation import RelationPool
from mmreid.models.heads.stripe_pool import StripePool

__all__ = [
    'AttentionPool',
    'Branch',
    'ChannelPool',
    'CosineClassifier',
    'GlobalPool',
    'MultiBranchHead',
    'ParallelPool',
    'PartLinear',
    'PartUnit',
    'RelationPool',
    'StripePool',
]
