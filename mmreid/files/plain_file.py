"""Files that can be read to their end."""

import errno
import os
from pathlib import Path


def check_file(path: str | os.PathLike) -> Path:
    """Refuse what is no file before something waits for its end.

    Args:
        path (str | os.PathLike): What is to be read.

    Returns:
        Path: The same.

    Raises:
        FileNotFoundError: There is nothing.
        IsADirectoryError: It is a folder.
        ValueError: It is a pipe, a socket or a device.
    """
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(file))
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    if not file.is_file():
        raise ValueError(f'{file} must be a file, but is a pipe, socket or device.')
    return file
