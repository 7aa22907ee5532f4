"""Pictures from files, as networks see them, and drawings in files."""

import os
from pathlib import Path

import cv2
import numpy as np

from mmreid.files import whole_file
from mmreid.registry import TRANSFORMS


def read_picture(path: str | os.PathLike) -> np.ndarray:
    """Read a picture as ``LoadImage`` reads it for a network.

    Args:
        path (str | os.PathLike): Its file.

    Returns:
        np.ndarray: ``(H, W, 3)`` uint8 BGR.

    Raises:
        FileNotFoundError: It cannot be read.
    """
    load = TRANSFORMS.build(dict(type='mmreid.LoadImage'))
    try:
        return load(dict(img_path=os.fspath(path)))['img']
    except OSError as error:
        raise FileNotFoundError(f'No picture can be read: {error}') from error


def write_picture(
    path: str | os.PathLike, picture: np.ndarray, *, quality: int = 95
) -> Path:
    """Write a picture, the whole file or none; missing folders are made.

    Args:
        path (str | os.PathLike): A .jpg, .jpeg or .png file.
        picture (np.ndarray): ``(H, W, 3)`` uint8 BGR.
        quality (int): Of a JPEG, up to 100. Defaults to 95.

    Returns:
        Path: ``path``.

    Raises:
        OSError: The file cannot be written; the message names it.
    """
    target = Path(path)
    options = [cv2.IMWRITE_JPEG_QUALITY, quality]
    encoded = cv2.imencode(target.suffix, picture, options)[1]
    with whole_file(target) as unfinished:
        unfinished.write_bytes(encoded.tobytes())
    return target
