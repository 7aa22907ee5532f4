"""The SHA-256 of a file."""

import hashlib
import os


def digest_of(path: str | os.PathLike) -> str:
    """Compute the SHA-256 of a file.

    Args:
        path (str | os.PathLike): The file.

    Returns:
        str: 64 hexadecimal digits.

    Raises:
        OSError: It cannot be read.
    """
    with open(path, 'rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()
