"""Trunks, image -> tuple of maps, and the blocks that heads use as a stage."""

from mmreid.models.backbones.bottleneck import Bottleneck
from mmreid.models.backbones.color_bins import ColorBins
from mmreid.models.backbones.googlenet import PluginGoogLeNet
from mmreid.models.backbones.plugin_resnet import PluginResNet

__all__ = ['Bottleneck', 'ColorBins', 'PluginGoogLeNet', 'PluginResNet']
