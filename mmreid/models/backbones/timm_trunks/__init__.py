"""Trunks by the names of timm, image -> tuple of maps.

``timm_backbone.py`` is the trunk and the way in. ``construction.py`` builds a network
of timm for pictures of a size and takes away what only its classifier needs,
``output_maps.py`` finds out once what the network returns and brings it into the shape
of maps, ``timm_weights.py`` takes weights by timm's own names.
"""

from mmreid.models.backbones.timm_trunks.timm_backbone import TimmBackbone

__all__ = ['TimmBackbone']
