"""Telling a whole picture file from one that was cut short or damaged.

Decoders differ: OpenCV 4 makes a picture, its rest grey, of most JPEG files that were
cut short, OpenCV 5 of none. BMP, TIFF and WebP state their lengths, and both see when
those are not met.
"""

import os
import re
import zlib
from pathlib import Path

_JPEG = b'\xff\xd8\xff'
# Not in the data of a scan: a stuffed zero, a restart marker or a filling byte.
_MARKER = re.compile(rb'\xff[^\x00\x01\xd0-\xd8\xff]')
_JPEG_END = 0xD9
_PNG = b'\x89PNG\r\n\x1a\n'
_PNG_END = b'IEND'


def check_whole(content: memoryview) -> None:
    """Raise when a JPEG or PNG file is not whole; believe every other one.

    What follows the end that the format marks is not looked at.

    Args:
        content (memoryview): The file.

    Raises:
        ValueError: It ends before its end, or a checksum in it is wrong.
    """
    if content[:3] == _JPEG:
        _check_jpeg(content)
    elif content[:8] == _PNG:
        _check_png(content)


def is_whole_png(path: str | os.PathLike) -> bool:
    """Return whether there is a PNG file that was neither cut short nor damaged.

    Args:
        path (str | os.PathLike): The file.
    """
    try:
        content = Path(path).read_bytes()
        _check_png(memoryview(content))
    except (OSError, ValueError):
        return False
    return content.startswith(_PNG)


def _check_jpeg(content: memoryview) -> None:
    """Go from marker to marker, by the lengths of their segments, to the last one."""
    at = 2
    while marker := _MARKER.search(content, at):
        at = marker.end()
        if content[at - 1] == _JPEG_END:
            return
        at += int.from_bytes(content[at : at + 2], 'big')
    raise ValueError('The JPEG file is cut short: it has no end marker.')


def _check_png(content: memoryview) -> None:
    """Go from chunk to chunk; those that make the picture have a checksum to meet."""
    at = len(_PNG)
    while at + 12 <= len(content):
        data = content[at + 4 : at + 8 + int.from_bytes(content[at : at + 4], 'big')]
        at += 8 + len(data)
        kind, checksum = bytes(data[:4]), content[at - 4 : at]
        if kind[:1].isupper() and zlib.crc32(data).to_bytes(4, 'big') != checksum:
            raise ValueError(
                f'The PNG file is cut short or damaged: the checksum of {kind!r} is '
                'wrong.'
            )
        if kind == _PNG_END:
            return
    raise ValueError('The PNG file is cut short: it has no end.')
