"""Writing files so that a reader never sees half of one."""

import functools
import logging
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend
from mmengine.logging import print_log

from mmreid.files import remove_unfinished, whole_file


class AtomicBackend(LocalBackend):
    """mmengine's local storage, with files that are whole or absent.

    A process that is killed while it saves leaves the previous file as it was (see
    :func:`mmreid.files.whole_file`). Choose it for checkpoints with
    ``default_hooks.checkpoint.backend_args=dict(backend='atomic')``; mmengine writes
    ``last_checkpoint`` only afterwards, so that never names a partial file. A file
    system that cannot force bytes to the disk is warned of once.
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
        folder = str(Path(filepath).parent)
        with whole_file(filepath, lambda error: _warn(folder, error)) as unfinished:
            unfinished.write_bytes(obj)
        # One training at a time writes here; killed ones may have left a part of it.
        remove_unfinished(filepath)


def _warn(folder: str, error: OSError) -> None:
    """Warn of a file system, once for each folder."""
    _warn_once(folder, error.strerror)


@functools.cache
def _warn_once(folder: str, reason: str) -> None:
    print_log(
        f'{folder} is on a file system that cannot force files to the disk ({reason}): '
        'a power cut may take the last checkpoint.',
        logger='current',
        level=logging.WARNING,
    )


register_backend('atomic', AtomicBackend, force=True)
