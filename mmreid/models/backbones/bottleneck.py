"""A residual block for heads."""

from mmpretrain.models.backbones import resnet
from torch import nn

from mmreid.registry import MODELS


@MODELS.register_module()
class Bottleneck(resnet.Bottleneck):
    """ResNet's bottleneck as the ``stage`` of a branch, map -> map of the same size.

    The inner width is a quarter of ``out_channels``. Its convolutions are drawn as
    in a fresh ResNet (He's initialisation).

    Args:
        in_channels (int): Channels of the map.
        out_channels (int, optional): Channels of the result; if they differ from
            ``in_channels``, the shortcut is a 1x1 convolution with batch norm.
            Defaults to None, those of the map.
    """

    def __init__(self, in_channels: int, out_channels: int | None = None) -> None:
        out_channels = out_channels or in_channels
        shortcut = None
        if out_channels != in_channels:
            shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )
        super().__init__(in_channels, out_channels, downsample=shortcut)
        # Here and not through init_cfg, which containers of plain torch cut off.
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(
                    module.weight, mode='fan_out', nonlinearity='relu'
                )
