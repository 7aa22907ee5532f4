"""Writing files so that a reader never sees half of one."""

import logging
import os
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend
from mmengine.logging import print_log

from mmreid.files import force

_told: set[Path] = set()


class AtomicBackend(LocalBackend):
    """mmengine's local storage, with files that are whole or absent.

    ``put`` writes under a temporary name in the same folder, forces the bytes to the
    disk and renames. A process that is killed while it saves leaves the previous file
    as it was. Choose it for checkpoints with
    ``default_hooks.checkpoint.backend_args=dict(backend='atomic')``; mmengine writes
    ``last_checkpoint`` only afterwards, so that never names a partial file. A file
    system that cannot force bytes to the disk is told of once.
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
                _force(file.fileno(), path.parent)
            partial.replace(path)
        except OSError as error:
            reason = f'{error.strerror or error}; what was there before stays as it was'
            raise OSError(error.errno, reason, str(path)) from error
        finally:
            partial.unlink(missing_ok=True)
        try:
            _force_folder(path.parent)
        except OSError as error:
            reason = f'{error.strerror or error}; a power cut may take the file'
            raise OSError(error.errno, reason, str(path)) from error


def _force_folder(folder: Path) -> None:
    """Force a rename to the disk (only POSIX systems open folders)."""
    if os.name != 'posix':
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError as error:  # a folder that may be written and not listed
        _tell(folder, error)
        return
    try:
        _force(handle, folder)
    finally:
        os.close(handle)


def _force(handle: int, folder: Path) -> None:
    """Force what was written to the disk, as far as the file system can."""
    unknown = force(handle)
    if unknown is not None:
        _tell(folder, unknown)


def _tell(folder: Path, error: OSError) -> None:
    if folder not in _told:
        _told.add(folder)
        print_log(
            f'{folder} is on a file system that cannot force files to the disk '
            f'({error.strerror}): a power cut may take the last checkpoint.',
            logger='current',
            level=logging.WARNING,
        )


register_backend('atomic', AtomicBackend, force=True)
