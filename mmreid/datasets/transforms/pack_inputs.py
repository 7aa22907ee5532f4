"""Packing a picture and its labels for the model, faster than mmpretrain."""

from typing import Any

import cv2
import numpy as np
import torch
from mmpretrain.datasets.transforms import PackInputs as MMPretrainPackInputs

from mmreid.registry import TRANSFORMS


@TRANSFORMS.register_module()
class PackInputs(MMPretrainPackInputs):
    """mmpretrain's ``PackInputs``: the same output, made faster.

    Channels are separated by OpenCV's vector instructions. Takes the parent's
    arguments.
    """

    @staticmethod
    def format_input(input_: Any) -> Any:
        """Turn ``(H, W, C)`` into a tensor ``(C, H, W)``.

        Args:
            input_ (np.ndarray | PIL.Image.Image | torch.Tensor | list): The picture.
                The parent takes care of all but uint8 arrays of three channels.
        """
        is_array = isinstance(input_, np.ndarray) and input_.dtype == np.uint8
        if not is_array or input_.ndim != 3 or input_.shape[2] != 3:
            return MMPretrainPackInputs.format_input(input_)
        planes = np.empty((3, *input_.shape[:2]), np.uint8)
        cv2.split(input_, mv=[*planes])
        return torch.from_numpy(planes)
