"""A folder that one process at a time changes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import fcntl
except ImportError:  # Windows has no such locks: one process at a time writes there
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked_folder(folder: str | os.PathLike) -> Iterator[None]:
    """Have other processes wait that ask for the same folder.

    Nobody waits where the system or the file system has no such locks.

    Args:
        folder (str | os.PathLike): It has the lock, which ends with the process.

    Yields:
        None: Inside, no other process has it.

    Raises:
        OSError: There is no such folder.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # of file systems without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
