"""A folder that is whole or not there at all."""

import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mmreid.files import locked_folder


@contextmanager
def whole_folder(path: str | os.PathLike) -> Iterator[Path]:
    """Have a folder written aside and put in its place.

    What a killed process has left beside it is removed: a lock, which ends with the
    process, tells whether one is still writing there. It stays where there are no
    locks, as on Windows.

    Args:
        path (str | os.PathLike): The folder, which must be new or empty.

    Yields:
        Path: Where to write.

    Raises:
        FileExistsError: The folder has files.
        OSError: It cannot be written; the message names it.
    """
    target = Path(os.path.abspath(path))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(f'{os.fspath(path)!r} must be a new or an empty folder.')
    unfinished = target.with_name(f'.{target.name}.{os.getpid()}.unfinished')
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_left(target)
        unfinished.mkdir()
        with locked_folder(unfinished):
            yield unfinished
            if target.exists():
                target.rmdir()
            unfinished.replace(target)
    except OSError as error:
        inside = str(error.filename or '').startswith(str(unfinished))
        if error.errno is None or not (error.filename is None or inside):
            raise  # it is about another file
        reason = f'{error.strerror}; nothing of it was kept'
        raise type(error)(error.errno, reason, os.fspath(path)) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _remove_left(target: Path) -> None:
    """Remove what killed processes have left."""
    for folder in target.parent.glob(f'.{glob.escape(target.name)}.*.unfinished'):
        with suppress(OSError), locked_folder(folder, wait=False) as is_held:
            if is_held and folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
