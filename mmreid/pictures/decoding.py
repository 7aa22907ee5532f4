"""A picture of a file's content."""

import cv2
import numpy as np

from mmreid.pictures.bit_depth import to_eight_bits
from mmreid.pictures.whole_files import check_whole


def decode(content: bytes | np.ndarray) -> np.ndarray:
    """Make a picture in colour of a file's content, turned as its EXIF entry says.

    Args:
        content (bytes | np.ndarray): The file; an array is one of bytes.

    Returns:
        np.ndarray: ``(H, W, 3)`` uint8, blue-green-red. Of 16 bits it has the upper
        eight of those in use, see :func:`to_eight_bits`.

    Raises:
        ValueError: It is cut short, or no picture.
    """
    data = np.frombuffer(content, np.uint8)
    check_whole(data.data)
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    try:
        picture = cv2.imdecode(data, flags) if len(data) else None
    except cv2.error as error:  # such as one of more pixels than OpenCV allows
        raise ValueError(
            f'OpenCV refuses it: {" ".join(str(error).split())}'
        ) from error
    if picture is None:
        raise ValueError('These bytes are no image.')
    return to_eight_bits(picture)
