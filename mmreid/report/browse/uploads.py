"""Pictures of what was sent, and small pictures of what a gallery names."""

import hashlib
import io
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import cv2
import numpy as np

from mmreid.optional import import_optional
from mmreid.pictures import decode

#: Bytes and pixels of a picture at most.
LARGEST, MOST_PIXELS = 32 * 2**20, 64 * 10**6
_TOO_LARGE = f'A picture must have at most {MOST_PIXELS // 10**6} million pixels.'
# Those that are kept in memory together: bytes at most.
_KEPT = 256 * 2**20
# Few formats have few readers to trust. All begin as they do, and end so in a folder.
_ENDINGS = {
    'JPEG': ('.jpg', b'\xff\xd8\xff'),
    'PNG': ('.png', b'\x89PNG'),
    'GIF': ('.gif', b'GIF8'),
    'BMP': ('.bmp', b'BM'),
    'WEBP': ('.webp', b'RIFF'),
    'TIFF': ('.tif', b'II*\0'),
    'PPM': ('.ppm', b'P'),
}
_HEIC = (b'ftypheic', b'ftypheix', b'ftypmif1', b'ftypavif')
_QUALITY = 90


def read_upload(content: bytes) -> np.ndarray:
    """Make a picture of bytes that somebody sent.

    Args:
        content (bytes): A file.

    Returns:
        np.ndarray: ``(H, W, 3)`` uint8, blue-green-red.

    Raises:
        ValueError: It is no picture, damaged, or too large.
    """
    images = import_optional('PIL.Image', 'Reading pictures', install='pillow')
    if len(content) > LARGEST:
        raise ValueError(f'A picture must have at most {LARGEST // 2**20} MB.')
    try:  # its size first: few bytes may unpack to many pixels
        with images.open(io.BytesIO(content), formats=[*_ENDINGS]) as image:
            width, height = image.size
    except (images.DecompressionBombError, images.DecompressionBombWarning) as error:
        raise ValueError(_TOO_LARGE) from error
    except Exception as error:  # whatever its readers stumble on
        if content[4:12] in _HEIC:
            raise ValueError(
                'HEIC and AVIF pictures are not read; save it as JPEG or PNG.'
            ) from error
        raise ValueError(
            f'This is no picture, or a damaged one: {", ".join(_ENDINGS)} are read.'
        ) from error
    if width * height > MOST_PIXELS:
        raise ValueError(_TOO_LARGE)
    return decode(content)


def encode_small(content: bytes, height: int) -> bytes:
    """Encode a picture anew, as a JPEG of at most this height.

    Args:
        content (bytes): Its file.
        height (int): In pixels; none is enlarged.

    Raises:
        ValueError: As of :func:`read_upload`.
    """
    picture = read_upload(content)
    if picture.shape[0] > height:
        width = max(1, round(picture.shape[1] * height / picture.shape[0]))
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    return cv2.imencode('.jpg', picture, options)[1].tobytes()


def read_entry(path: str | None, height: int) -> bytes | None:
    """Read the picture that a gallery's entry names, anew encoded.

    Args:
        path (str | None): As the gallery has it; nobody else gives a path.
        height (int): As of :func:`encode_small`.

    Returns:
        bytes | None: A JPEG; None where there is no picture.
    """
    file = Path(path or '')
    try:
        if not path or not file.is_file() or file.stat().st_size > LARGEST:
            return None
        return encode_small(file.read_bytes(), height)
    except (OSError, ValueError):
        return None


def ending_of(content: bytes) -> str:
    """Tell how the name of a picture's file ends.

    Args:
        content (bytes): What :func:`read_upload` has read.
    """
    for ending, start in _ENDINGS.values():
        if content.startswith(start):
            return ending
    return '.tif'


class Upload(NamedTuple):
    """A picture that was sent.

    Attributes:
        content: Its file.
        vector: ``(1, D)``, what the model makes of it.
    """

    content: bytes
    vector: np.ndarray


class Uploads:
    """Pictures that were sent lately, in memory until they are marked."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Upload] = OrderedDict()
        self._lock = Lock()

    def keep(self, upload: Upload) -> str:
        """Keep a picture, and let go of the oldest ones where they are too many.

        Args:
            upload (Upload): The picture.

        Returns:
            str: Its name: that of a file by its content.
        """
        name = self.name(upload.content)
        with self._lock:
            self._kept[name] = upload
            self._kept.move_to_end(name)
            size = sum(len(each.content) for each in self._kept.values())
            while size > _KEPT:
                size -= len(self._kept.popitem(last=False)[1].content)
        return name

    @staticmethod
    def name(content: bytes) -> str:
        """Name a picture's file by its content.

        Args:
            content (bytes): The file.
        """
        return hashlib.sha256(content).hexdigest()[:32] + ending_of(content)

    def find(self, name: str) -> Upload | None:
        """Return a picture, None where it is not kept any more.

        Args:
            name (str): Of :meth:`keep`.
        """
        with self._lock:
            return self._kept.get(name)
