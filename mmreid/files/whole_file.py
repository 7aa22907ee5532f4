"""Files that are whole or not there at all."""

import glob
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmreid.files.forcing import force

_Warn = Callable[[OSError], Any]


@contextmanager
def whole_file(path: str | os.PathLike, warn: _Warn | None = None) -> Iterator[Path]:
    """Have a file written aside, forced to the disk and put in its place.

    A program that is killed, or a disk that is full, leaves what was there before. A
    device, such as ``/dev/stdout``, has no place beside it and is written directly.

    Args:
        path (str | os.PathLike): The file; missing folders are made.
        warn (Callable[[OSError], Any] | None): Called with the answer of a file system
            that cannot force bytes to the disk. Defaults to None.

    Yields:
        Path: Where to write, in the same folder and with the same ending.

    Raises:
        OSError: The file cannot be written; the message names it.
    """
    target = _target(path)
    name = _unfinished_name(target, str(os.getpid()))
    is_special = target.exists() and not target.is_file()
    unfinished = target if is_special else target.with_name(name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        if not is_special:
            with unfinished.open('rb+') as file:
                _force(file.fileno(), warn)
            unfinished.replace(target)
    except OSError as error:
        if error.filename not in (None, unfinished, str(unfinished)):
            raise  # it is about another file
        why = error.strerror or error
        reason = f'{why}; it was not written, and what was there stays as it was'
        raise type(error)(error.errno, reason, str(path)) from error
    finally:
        if not is_special:
            unfinished.unlink(missing_ok=True)
    if is_special:
        return
    try:
        _force_folder(target.parent, warn)
    except OSError as error:
        reason = f'{error.strerror or error}; a power cut may take the file'
        raise type(error)(error.errno, reason, str(path)) from error


def remove_unfinished(path: str | os.PathLike) -> None:
    """Remove what killed programs have left of a file, where nobody is writing it.

    Args:
        path (str | os.PathLike): The file, of :func:`whole_file`.

    Raises:
        OSError: Something that was left cannot be removed.
    """
    target = _target(path)
    escaped = target.with_name(glob.escape(target.name))
    for part in target.parent.glob(_unfinished_name(escaped, '*')):
        part.unlink(missing_ok=True)


def _target(path: str | os.PathLike) -> Path:
    """Return what is replaced: a link stays, and what it points to is not."""
    return Path(os.path.realpath(path))


def _unfinished_name(target: Path, process: str) -> str:
    return f'.{target.stem}.{process}.unfinished{target.suffix}'


def _force_folder(folder: Path, warn: _Warn | None) -> None:
    """Force a rename to the disk (only POSIX systems open folders)."""
    if os.name != 'posix':
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError as error:  # a folder that may be written and not listed
        if warn is not None:
            warn(error)
        return
    try:
        _force(handle, warn)
    finally:
        os.close(handle)


def _force(handle: int, warn: _Warn | None) -> None:
    """Force what was written to the disk, as far as the file system can."""
    answer = force(handle)
    if answer is not None and warn is not None:
        warn(answer)
