"""A backbone that sees nothing but colour: the floor that a network must clear."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmreid.registry import MODELS


@MODELS.register_module()
class ColorBins(BaseModule):
    """Sort every pixel into a bin of hue, saturation and value.

    The map is one-hot over the bins, so that average pooling it gives colour
    histograms: of the picture with ``GlobalPool``, of its stripes with
    ``StripePool``. It has no parameters.

    Args:
        bins (Sequence[int]): Number of bins of hue, saturation and value.
            Defaults to (12, 4, 4).

    Raises:
        ValueError: If there are not three positive numbers.
    """

    # OpenCV's 8-bit HSV: hue in half degrees.
    ranges = (180, 256, 256)

    def __init__(self, bins: Sequence[int] = (12, 4, 4)) -> None:
        super().__init__()
        if len(bins) != 3 or min(bins) < 1:
            raise ValueError(
                'bins must be three positive numbers, of hue, saturation and value; '
                f'got {bins!r}.'
            )
        self.bins = tuple(bins)
        self.out_channels = (int(np.prod(bins)),)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """Map RGB pictures ``(N, 3, H, W)`` in [0, 255] to ``(N, bins, H, W)``."""
        pictures = x.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
        index = torch.from_numpy(
            np.stack([self._bin_of(picture) for picture in pictures.cpu().numpy()])
        )
        maps = torch.nn.functional.one_hot(index.to(x.device), self.out_channels[0])
        return (maps.permute(0, 3, 1, 2).to(x.dtype),)

    def _bin_of(self, picture: np.ndarray) -> np.ndarray:
        """Bin of each pixel of an RGB picture ``(H, W, 3)``, as ``(H, W)`` int64."""
        hsv = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2HSV)
        share = [
            hsv[..., axis].astype(np.int64) * count // full
            for axis, (count, full) in enumerate(
                zip(self.bins, self.ranges, strict=True)
            )
        ]
        return np.ravel_multi_index(share, self.bins)
