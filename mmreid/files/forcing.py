"""Forcing bytes to the disk, where the file system can."""

import errno
import os

# Of what a file system answers to fsync, these tell that bytes are lost. All others
# say that it does not know the call.
_LOST = (errno.EIO, errno.ENOSPC, errno.EDQUOT)


def force(handle: int) -> OSError | None:
    """Force what was written to the disk.

    Args:
        handle (int): An open file or folder.

    Returns:
        OSError | None: The answer of a file system that does not know how, as some
        over networks and in containers; None where the bytes are on the disk.

    Raises:
        OSError: Bytes are lost: the disk is full or broken.
    """
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno in _LOST:
            raise
        return error
    return None
