"""Files that are whole or not there at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmreid.files.forcing import force


@contextmanager
def whole_file(path: str | os.PathLike) -> Iterator[Path]:
    """Have a file written aside and put in its place once it is complete.

    A program that is killed, or a disk that is full, leaves what was there before. A
    device, such as ``/dev/stdout``, has no place beside it and is written directly.

    Args:
        path (str | os.PathLike): The file; missing folders are made.

    Yields:
        Path: Where to write, in the same folder and with the same ending.

    Raises:
        OSError: The file cannot be written; the message names it.
    """
    # A link stays; what it points to is replaced.
    target = Path(os.path.realpath(path))
    name = f'.{target.stem}.{os.getpid()}.unfinished{target.suffix}'
    is_special = target.exists() and not target.is_file()
    unfinished = target if is_special else target.with_name(name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        if not is_special:
            with unfinished.open('rb+') as file:
                force(file.fileno())
            unfinished.replace(target)
    except OSError as error:
        if error.filename not in (None, unfinished, str(unfinished)):
            raise  # it is about another file
        reason = f'{error.strerror or error}; it was not written'
        raise type(error)(error.errno, reason, str(path)) from error
    finally:
        if not is_special:
            unfinished.unlink(missing_ok=True)
