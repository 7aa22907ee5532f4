"""Transformers, image -> tuple of maps: tokens ``(N, C, h, w)``, class token.

Each trunk stands in a file of its own; ``token_trunk.py`` is what vision transformers
share. ``position_grids.py`` fits the position table of a checkpoint to another grid of
patches, ``*_names.py`` take weights by other programs' names, ``token_maps.py`` brings
tokens into the shape of maps. What papers add stands beside: ``side_information.py``,
``jigsaw.py``, ``instance_stem.py``.
"""

from mmreid.models.backbones.transformers.clip_vision_transformer import (
    CLIPVisionTransformer,
)
from mmreid.models.backbones.transformers.swin_transformer import SwinTransformer
from mmreid.models.backbones.transformers.vision_transformer import VisionTransformer

__all__ = ['CLIPVisionTransformer', 'SwinTransformer', 'VisionTransformer']
