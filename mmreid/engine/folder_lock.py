"""One training for a work folder."""

import errno
import os
import socket
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_NAME = '.lock'
_HELD = (errno.EACCES, errno.EAGAIN)


class FolderInUseError(ValueError):
    """Another training writes to the work folder."""


class FolderLock:
    """Keeps a work folder for this process until it ends, however it does.

    The kernel holds the lock, not the file: what a killed training leaves blocks none.
    Processes that are forked, such as a data loader's workers, do not hold it.

    Args:
        folder (str | Path): The work folder; it is made if need be.

    Raises:
        FolderInUseError: Another process has it; the message says which.
        OSError: The folder cannot be written.
    """

    def __init__(self, folder: str | Path) -> None:
        path = Path(folder, _NAME)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open('a+', encoding='utf-8')
        #: What the user should know: that two trainings would not be noticed.
        self.notes = self._lock(path)

    def _lock(self, path: Path) -> list[str]:
        reason = 'this system has no file locks'
        if fcntl is not None:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno in _HELD:
                    raise FolderInUseError(self._describe(path)) from None
                reason = str(error.strerror)
            else:
                self._file.truncate(0)
                self._file.write(f'process {os.getpid()} on {socket.gethostname()}')
                self._file.flush()
                return []
        return [f'{path.parent} cannot be locked ({reason}): let no other training in.']

    def _describe(self, path: Path) -> str:
        self._file.seek(0)
        owner = self._file.read(200) or 'another process'
        self._file.close()
        return (
            f'{owner} is training in {path.parent}: both would write the same '
            'checkpoints. Wait for it, stop it, or take another folder with --work-dir.'
        )
