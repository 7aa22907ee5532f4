"""Trunks, image -> tuple of maps, and the blocks that heads use as a stage.

``plugin_resnet.py`` and ``googlenet.py`` take attention by their argument ``plugins``:
``placement.py`` reads where each one goes, ``sockets.py`` builds it with the block's
widths and calls it; ``stage_copies.py`` copies the last stages. ``bottleneck.py`` is
the block for heads. ``transformers/`` are the trunks of tokens, ``osnet/`` is OSNet,
``timm_trunks/`` holds any network of timm.
"""

from mmreid.models.backbones.bottleneck import Bottleneck
from mmreid.models.backbones.clip_resnet import CLIPResNet
from mmreid.models.backbones.color_bins import ColorBins
from mmreid.models.backbones.googlenet import PluginGoogLeNet
from mmreid.models.backbones.osnet import OSBlock, OSNet
from mmreid.models.backbones.plugin_resnet import PluginResNet
from mmreid.models.backbones.timm_trunks import TimmBackbone
from mmreid.models.backbones.transformers import (
    CLIPVisionTransformer,
    SwinTransformer,
    VisionTransformer,
)

__all__ = [
    'Bottleneck',
    'CLIPResNet',
    'CLIPVisionTransformer',
    'ColorBins',
    'OSBlock',
    'OSNet',
    'PluginGoogLeNet',
    'PluginResNet',
    'SwinTransformer',
    'TimmBackbone',
    'VisionTransformer',
]
