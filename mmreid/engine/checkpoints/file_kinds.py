"""What a file that is no checkpoint is instead: told by its first and last bytes."""

import os
from os import PathLike
from pathlib import Path

_ZIP = b'PK\x03\x04'
_ZIP_END = b'PK\x05\x06'
# The end of a zip archive stands in its last bytes, behind at most a comment.
_LONGEST_END = 65557
_PAGE = (b'<!doctype html', b'<html')
# Of mmreid.deploy, which the engine does not know.
_EXPORTED = ('.onnx', '.xml', '.pt2')
_POINTER = b'version https://git-lfs'


def kind_of(path: str | PathLike) -> str:
    """Tell a file that is no checkpoint, where one look is enough.

    Args:
        path (str | PathLike): A file that could not be read as a checkpoint.

    Returns:
        str: What it is, as the end of "it is ..."; ``''`` where that is not known.
    """
    try:
        with Path(path).open('rb') as file:
            start = file.read(1024)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _LONGEST_END))
            end = file.read()
    except (OSError, TypeError):
        return ''
    if not start:
        return 'empty'
    if Path(path).suffix.lower() in _EXPORTED:
        return (
            'a model exported for a runtime, whose weights are not read: give the '
            'checkpoint that it was made of'
        )
    if start.lstrip().lower().startswith(_PAGE):
        return 'a web page, saved in place of the file: fetch it with a browser'
    if start.startswith(_POINTER):
        return 'a pointer of Git LFS: `git lfs pull` fetches the file itself'
    if start.startswith(_ZIP) and _ZIP_END not in end:
        return f'the beginning of a file, cut off after {size:,} bytes'
    return 'a text file' if _is_text(start) else ''


def _is_text(start: bytes) -> bool:
    """Whether bytes are text; the last character may be cut off."""
    try:
        text = start.decode('utf-8')
    except UnicodeDecodeError as error:
        if error.start < len(start) - 3:
            return False
        text = start[: error.start].decode('utf-8')
    return all(sign.isprintable() or sign in '\r\n\t\f' for sign in text)
