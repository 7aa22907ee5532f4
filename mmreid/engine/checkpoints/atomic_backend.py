"""Writing files so that a reader never sees half of one."""

import os
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend


class AtomicBackend(LocalBackend):
    """mmengine's local storage, with files that are whole or absent.

    ``put`` writes under a temporary name in the same folder, forces the bytes to the
    disk and renames. A process that is killed while it saves leaves the previous file
    as it was. Choose it for checkpoints with
    ``default_hooks.checkpoint.backend_args=dict(backend='atomic')``; mmengine writes
    ``last_checkpoint`` only afterwards, so that never names a partial file.
    """

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write bytes to a file in one step.

        Args:
            obj (bytes): The whole content.
            filepath (str | Path): Where it goes; folders are made as needed.

        Raises:
            OSError: It cannot be written, for a full disk for instance; what was there
                before stays.
        """
        path = Path(filepath)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f'.{path.name}.{os.getpid()}.partial')
        try:
            with partial.open('wb') as file:
                file.write(obj)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            reason = f'{error.strerror or error}; what was there before stays as it was'
            raise type(error)(error.errno, reason, str(path)) from error
        finally:
            partial.unlink(missing_ok=True)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Force a rename to the disk (only POSIX systems open folders)."""
    if os.name != 'posix':
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


register_backend('atomic', AtomicBackend, force=True)
