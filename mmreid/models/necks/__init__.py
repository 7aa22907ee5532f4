"""Attention, map -> map, pluggable at any depth of a backbone.

A new one is a file here: a registered module that takes ``in_channels`` (in the
position ``parallel`` also ``out_channels`` and ``stride``), imported below. A config
names it in ``plugins`` of a backbone, see ``mmreid/models/backbones/plugin_resnet.py``;
nothing else has to know it.
"""

from mmreid.models.necks.drop_block import DropBlock2d
from mmreid.models.necks.global_context import GlobalContext
from mmreid.models.necks.interaction import CIA, SIA, IABlock
from mmreid.models.necks.non_local_block import NonLocalBlock
from mmreid.models.necks.ofa import (
    OFA,
    ForegroundChannelAttention,
    MultiscaleSpatialAttention,
)
from mmreid.models.necks.sona import SONA
from mmreid.models.necks.top_drop import TopDrop

__all__ = [
    'CIA',
    'OFA',
    'SIA',
    'SONA',
    'DropBlock2d',
    'ForegroundChannelAttention',
    'GlobalContext',
    'IABlock',
    'MultiscaleSpatialAttention',
    'NonLocalBlock',
    'TopDrop',
]
