"""One process that fetches, while the others of a machine wait for it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait until no other process is within, and go on.

    The kernel holds the lock: what a killed process leaves blocks none. Where there are
    no locks, or the folder cannot be written, nobody waits, and two processes may do
    the same work.

    Args:
        path (Path): The file of the lock; folders are made.

    Yields:
        None: Inside, this process is alone.
    """
    file = None
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open('a')
    try:
        if file is not None and fcntl is not None:
            with suppress(OSError):
                fcntl.lockf(file, fcntl.LOCK_EX)
        yield
    finally:
        if file is not None:
            file.close()  # which gives it back
