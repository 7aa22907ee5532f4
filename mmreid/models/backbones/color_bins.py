"""A backbone that sees nothing but colour: the floor that a network must clear."""

import math
from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmreid.registry import MODELS

_ONE = 1 << 12  # of OpenCV's fixed-point numbers


@MODELS.register_module()
class ColorBins(BaseModule):
    """Sort every pixel into a bin of hue, saturation and value.

    The map is one-hot over the bins, so that average pooling it gives colour
    histograms: of the picture with ``GlobalPool``, of its stripes with
    ``StripePool``. It has no parameters. Hue, saturation and value are OpenCV's of 8
    bits, hue in half degrees, to the last digit.

    Args:
        bins (Sequence[int]): Number of bins of hue, saturation and value.
            Defaults to (12, 4, 4).

    Raises:
        ValueError: If there are not three positive numbers.
    """

    ranges = (180, 256, 256)

    def __init__(self, bins: Sequence[int] = (12, 4, 4)) -> None:
        super().__init__()
        if len(bins) != 3 or min(bins) < 1:
            raise ValueError(
                'bins must be three positive numbers, of hue, saturation and value; '
                f'got {bins!r}.'
            )
        self.bins = tuple(bins)
        self.out_channels = (math.prod(bins),)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """Map RGB pictures ``(N, 3, H, W)`` in [0, 255] to ``(N, bins, H, W)``."""
        pixels = hue_saturation_value(x.round().clamp(0, 255).long())
        index = torch.zeros_like(pixels[0])
        for axis, count, full in zip(pixels, self.bins, self.ranges, strict=True):
            index = index * count + axis * count // full
        maps = torch.nn.functional.one_hot(index, self.out_channels[0])
        return (maps.permute(0, 3, 1, 2).to(x.dtype),)


def hue_saturation_value(pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Convert colours as OpenCV does, in its fixed-point numbers.

    Args:
        pixels (Tensor): RGB ``(N, 3, H, W)``, int64 from 0 to 255.

    Returns:
        tuple[Tensor, Tensor, Tensor]: Hue in half degrees from 0 to 179, saturation
        and value from 0 to 255, each ``(N, H, W)``, int64.
    """
    red, green, blue = pixels.unbind(1)
    value = pixels.amax(1)
    spread = value - pixels.amin(1)
    saturation = _rounded(spread * _reciprocals(255, value))
    # Sixths of the circle times the spread.
    sixths = torch.where(
        value == red,
        green - blue,
        torch.where(value == green, blue - red + 2 * spread, red - green + 4 * spread),
    )
    # One more turn, so that nothing is negative and division rounds down.
    turned = sixths * _reciprocals(30, spread) + 180 * _ONE
    return _rounded(turned) % 180, saturation, value


def _reciprocals(numerator: int, x: Tensor) -> Tensor:
    """Divide by numbers from 0 to 255, 0 for 0, in fixed-point numbers."""
    numbers = torch.arange(1, 256, device=x.device)
    table = (2 * numerator * _ONE + numbers) // (2 * numbers)  # there are no ties
    return torch.cat([table.new_zeros(1), table])[x]


def _rounded(fixed: Tensor) -> Tensor:
    """Round fixed-point numbers that are not negative to integers."""
    return (fixed + _ONE // 2) // _ONE
