"""One training for a work folder."""

import errno
import logging
import os
import socket
import time
from pathlib import Path

from mmengine.logging import print_log

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_NAME = '.lock'
_HELD = (errno.EACCES, errno.EAGAIN)
# Seconds after which a network's file system takes the locks of a machine that went
# down, and between attempts.
_LEASE, _PAUSE = 100, 5


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
        for waited in range(0, _LEASE + 1, _PAUSE):
            try:
                if fcntl is not None:
                    fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._sign()
                    return []
            except OSError as error:
                reason = str(error.strerror)
                if error.errno in _HELD:
                    self._refuse(path, waited)
                    continue
            break
        return [f'{path.parent} cannot be locked ({reason}): let no other training in.']

    def _sign(self) -> None:
        self._file.truncate(0)
        self._file.write(f'process {os.getpid()} on {socket.gethostname()}')
        self._file.flush()

    def _refuse(self, path: Path, waited: int) -> None:
        """Raise, or wait where another machine has the lock and may have gone down."""
        self._file.seek(0)
        owner = self._file.read(200) or 'another process'
        if not owner.endswith(f' on {socket.gethostname()}') and waited < _LEASE:
            if not waited:
                text = f'{path.parent} is locked by {owner}: waiting {_LEASE} seconds.'
                print_log(text, logger='current', level=logging.WARNING)
            time.sleep(_PAUSE)
            return
        self._file.close()
        raise FolderInUseError(
            f'{owner} is training in {path.parent}: both would write the same '
            'checkpoints. Wait for it, stop it, or take another folder with '
            f'--work-dir; if its machine is gone, remove {path}.'
        )
