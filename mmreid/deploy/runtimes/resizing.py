"""Pictures of any size made into those that an exported file takes.

The same as the test pipeline of the config that the file was made of: the whole picture
is resized, whatever its shape.
"""

import os

import cv2
import numpy as np

from mmreid.deploy.facts import ExportedFacts
from mmreid.optional import import_optional
from mmreid.pictures import decode

_CV2 = dict(
    nearest=cv2.INTER_NEAREST,
    bilinear=cv2.INTER_LINEAR,
    bicubic=cv2.INTER_CUBIC,
    area=cv2.INTER_AREA,
    lanczos=cv2.INTER_LANCZOS4,
)


def read_picture(path: str | os.PathLike) -> np.ndarray:
    """Read a picture in colour.

    Args:
        path (str | PathLike): The file.

    Returns:
        np.ndarray: ``(H, W, 3)`` uint8, blue-green-red.

    Raises:
        OSError: It is no file, cut short, or no picture.
    """
    # Not cv2.imread, which says nothing of a file that is not there, and on Windows
    # opens no path beyond ASCII.
    content = np.fromfile(os.path.expanduser(os.fspath(path)), np.uint8)
    try:
        return decode(content)
    except ValueError as error:
        raise OSError(
            f'{os.fspath(path)} cannot be read as a picture: {error} Replace it by a '
            'whole copy.'
        ) from error


def resize(picture: np.ndarray, facts: ExportedFacts) -> np.ndarray:
    """Resize a picture, and put its channels in the order of the facts.

    Args:
        picture (np.ndarray): ``(H, W, 3)`` uint8, blue-green-red.
        facts (ExportedFacts): The size and the order.

    Returns:
        np.ndarray: ``(height, width, 3)`` uint8.

    Raises:
        ValueError: The array is no such picture.
    """
    is_colour = picture.ndim == 3 and picture.shape[2] == 3 and picture.size
    if picture.dtype != np.uint8 or not is_colour:
        raise ValueError(
            'picture must be an array (H, W, 3) of uint8, blue-green-red, got '
            f'{picture.dtype} {picture.shape}.'
        )
    size = facts.width, facts.height
    if facts.resize_backend == 'cv2':
        resized = cv2.resize(picture, size, interpolation=_CV2[facts.interpolation])
    else:
        image = import_optional(
            'PIL.Image', 'Resizing as this model needs', install='pillow'
        )
        kind = image.Resampling[facts.interpolation.upper()]
        resized = np.asarray(image.fromarray(picture).resize(size, kind))
    return resized[:, :, ::-1] if facts.channels == 'rgb' else resized
