"""The layers of OSNet's block: convolutions with a norm, and a gate of channels.

Paper: Omni-Scale Feature Learning for Person Re-Identification
(https://arxiv.org/abs/1905.00953), sections 3.1 and 3.2. What they are named and where
they have a bias was read in https://github.com/KaiyangZhou/deep-person-reid.
"""

from typing import Literal

from torch import Tensor, nn


class ConvNorm(nn.Module):
    """Convolution, normalisation, ReLU.

    Args:
        in_channels (int): Channels of the map.
        out_channels (int): Channels of the result.
        kernel_size (int): 1 or 7; the edge is padded. Defaults to 1.
        stride (int): Of the convolution. Defaults to 1.
        norm (str, optional): ``'batch'``, ``'instance'`` or None. Defaults to
            ``'batch'``.
        relu (bool): End in a ReLU. Defaults to True.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 1,
        stride: int = 1,
        norm: Literal['batch', 'instance'] | None = 'batch',
        relu: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding=kernel_size // 2,
            bias=False,
        )
        self.bn: nn.Module = nn.Identity()
        if norm == 'batch':
            self.bn = nn.BatchNorm2d(out_channels)
        elif norm == 'instance':
            self.bn = nn.InstanceNorm2d(out_channels, affine=True)
        self.relu: nn.Module = nn.ReLU(inplace=True) if relu else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C_in, H, W)`` to ``(N, C_out, H', W')``."""
        return self.relu(self.bn(self.conv(x)))


class LightConv(nn.Module):
    """1x1 convolution, 3x3 convolution of each channel by itself, batch norm, ReLU.

    Args:
        channels (int): Channels of the map and of the result.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 1, bias=False)
        self.conv2 = nn.Conv2d(
            channels, channels, 3, padding=1, groups=channels, bias=False
        )
        self.bn = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to the same shape."""
        return self.relu(self.bn(self.conv2(self.conv1(x))))


class ChannelGate(nn.Module):
    """Scale each channel by a number in (0, 1) that the mean of the map decides.

    Args:
        channels (int): Channels C of the map.
        reduction (int): The gate is C / reduction wide inside. Defaults to 16.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // reduction, 1)
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = nn.Conv2d(channels // reduction, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Gate ``(N, C, H, W)``."""
        mean = x.mean((2, 3), keepdim=True)
        return x * self.fc2(self.relu(self.fc1(mean))).sigmoid()
