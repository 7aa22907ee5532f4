"""Attention, map -> map, pluggable at any depth of a backbone."""

from mmreid.models.necks.drop_block import DropBlock2d
from mmreid.models.necks.global_context import GlobalContext
from mmreid.models.necks.interaction import CIA, SIA, IABlock
from mmreid.models.necks.ofa import (
    OFA,
    ForegroundChannelAttention,
    MultiscaleSpatialAttention,
)
from mmreid.models.necks.sona import SONA

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
]
