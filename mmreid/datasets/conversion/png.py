"""Pictures as lossless files that are whole or not there."""

import os

import cv2
import numpy as np

_START = b'\x89PNG\r\n\x1a\n'
_END = b'\x00\x00\x00\x00IEND\xaeB`\x82'
# OpenCV's default differs between versions; more compresses hardly better.
_OPTIONS = [cv2.IMWRITE_PNG_COMPRESSION, 3]


def is_whole_png(path: str | os.PathLike) -> bool:
    """Return whether there is a PNG file that has its beginning and its end.

    One that a crash or a full disk cut short has no end.

    Args:
        path: The file.
    """
    try:
        with open(path, 'rb') as file:
            start = file.read(len(_START))
            file.seek(-len(_END), os.SEEK_END)
            return start == _START and file.read() == _END
    except OSError:  # not there, or shorter than the end
        return False


def write_png(path: str | os.PathLike, picture: np.ndarray) -> None:
    """Write a picture so that a reader sees all of it or none.

    Args:
        path: The file, ending in ``.png``.
        picture: ``(H, W, 3)`` RGB of type uint8.

    Raises:
        OSError: The folder is not writable, or the disk is full.
    """
    content = cv2.imencode('.png', picture[..., ::-1], _OPTIONS)[1].tobytes()
    folder, name = os.path.split(os.fspath(path))
    # Always the same hidden name, so that killed runs leave no heap of them.
    unfinished = os.path.join(folder, f'.{name}.unfinished')
    with open(unfinished, 'wb') as file:
        file.write(content)
    os.replace(unfinished, path)
