"""A folder that one process at a time changes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import fcntl
except ImportError:  # Windows has no such locks: one process at a time writes there
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked_folder(folder: str | os.PathLike, wait: bool = True) -> Iterator[bool]:
    """Have other processes wait that ask for the same folder.

    Nobody waits where the system or the file system has no such locks.

    Args:
        folder (str | os.PathLike): It has the lock, which ends with the process.
        wait (bool): Whether to wait while another process has it. Defaults to True.

    Yields:
        bool: Whether this process has it; inside, no other one then has.

    Raises:
        OSError: There is no such folder.
    """
    if fcntl is None:
        yield False
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        is_held = False
        with suppress(OSError):  # of file systems without locks, and of who has to wait
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            is_held = True
        yield is_held
    finally:
        os.close(handle)
