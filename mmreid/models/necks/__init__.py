"""Attention, map -> map, pluggable at any depth of a backbone."""

from mmreid.models.necks.ofa import (
    OFA,
    ForegroundChannelAttention,
    MultiscaleSpatialAttention,
)

__all__ = ['OFA', 'ForegroundChannelAttention', 'MultiscaleSpatialAttention']
