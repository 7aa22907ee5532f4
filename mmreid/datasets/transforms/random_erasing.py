"""Random erasing, without the costs of NumPy's broadcasting."""

import cv2
import numpy as np
from mmpretrain.datasets.transforms import RandomErasing as MMPretrainRandomErasing

from mmreid.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomErasing(MMPretrainRandomErasing):
    """mmpretrain's ``RandomErasing``: the same pictures from the same seed, faster.

    One colour is drawn as a rectangle; the parent makes a patch and copies it. Takes
    the parent's arguments.
    """

    def _fill_pixels(
        self, img: np.ndarray, top: int, left: int, h: int, w: int
    ) -> np.ndarray:
        if self.mode != 'const' or img.dtype != np.uint8 or not h or not w:
            return super()._fill_pixels(img, top, left, h, w)
        color = [int(value) for value in self.fill_color]  # cut off, as the parent does
        corners = (left, top), (left + w - 1, top + h - 1)
        return cv2.rectangle(img, *corners, color, cv2.FILLED)
