"""Arrays, tensors and PIL pictures as what reading their files would give."""

from typing import Any

import cv2
import numpy as np
import torch

from mmreid.apis.inference.sources import is_pil
from mmreid.pictures import to_eight_bits


def to_picture(value: Any) -> np.ndarray:
    """Turn what shows a picture into one.

    What OpenCV does with files is done here, too: grey becomes blue, green and red, a
    fourth channel (how transparent a pixel is) goes, and of 16 bits the upper eight of
    those in use remain.

    Args:
        value (Any): An array ``(H, W)``, ``(H, W, 1)``, ``(H, W, 3)`` or ``(H, W, 4)``,
            blue first; a tensor ``(3, H, W)`` or ``(H, W, 3)``, blue first; or a PIL
            picture of any mode, which knows its colours.

    Returns:
        np.ndarray: ``(H, W, 3)`` uint8, blue-green-red.

    Raises:
        TypeError: It is none of these.
        ValueError: Numbers or shape are those of no picture.
        OSError: PIL cannot read the file of its picture.
    """
    if value is None:
        raise ValueError('There is no picture: NoneType, as of what cannot be read.')
    if is_pil(value):
        return _from_pil(value)
    if isinstance(value, torch.Tensor):
        value = _from_tensor(value)
    if not isinstance(value, np.ndarray):
        raise TypeError(
            'A picture must be a path, an array, a tensor or a PIL picture, got '
            f'{type(value).__name__}.'
        )
    if value.dtype not in (np.uint8, np.uint16):
        raise ValueError(
            f'A picture must have numbers of 8 or 16 bits, 0 to 255, got {value.dtype} '
            f'{value.shape}. Multiply values of 0 to 1 by 255, and convert with '
            '.astype(numpy.uint8).'
        )
    if value.ndim not in (2, 3) or (
        value.ndim == 3 and value.shape[2] not in (1, 3, 4)
    ):
        raise ValueError(
            'A picture must be an array (height, width, 3), blue-green-red, or '
            f'(height, width) of grey, got the shape {value.shape}.'
        )
    if not value.size:
        raise ValueError(f'A picture must have pixels, got the shape {value.shape}.')
    return _with_three_channels(to_eight_bits(value))


def _with_three_channels(picture: np.ndarray) -> np.ndarray:
    """Make three channels of one or four."""
    if picture.ndim == 2:
        picture = picture[..., None]
    if picture.shape[2] == 1:
        return np.repeat(picture, 3, axis=2)
    return picture[..., :3]


def _from_tensor(tensor: torch.Tensor) -> np.ndarray:
    """Turn a tensor into an array with the channels last."""
    if tensor.ndim == 3 and tensor.shape[0] in (1, 3, 4):
        tensor = tensor.permute(1, 2, 0)
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.float()
    return tensor.detach().cpu().numpy()


def _from_pil(picture: Any) -> np.ndarray:
    """Turn a PIL picture into an array, upright and blue first."""
    from PIL import ImageOps

    if not all(picture.size):
        raise ValueError(f'A picture must have pixels, got the size {picture.size}.')
    if picture.mode.startswith('I'):  # whole numbers of 16 bits, as of a PNG file
        values = np.asarray(picture)
        if values.min() < 0 or values.max() > np.iinfo(np.uint16).max:
            raise ValueError(
                f'A PIL picture of mode {picture.mode} must hold 0 to 65535, got '
                f'{values.min()} to {values.max()}.'
            )
        return _with_three_channels(to_eight_bits(values.astype(np.uint16)))
    if picture.mode == 'F':
        raise ValueError(
            "A PIL picture must not have the mode 'F', of which the range is unknown; "
            "scale it to 0 to 255 and call convert('L')."
        )
    upright = ImageOps.exif_transpose(picture)
    return cv2.cvtColor(np.asarray(upright.convert('RGB')), cv2.COLOR_RGB2BGR)
