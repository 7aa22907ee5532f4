"""Errors that tell which file they are about."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def errors_in(path: str | os.PathLike) -> Iterator[None]:
    """Name a file in what is wrong with its content.

    Args:
        path (str | os.PathLike): The file.

    Yields:
        None: Inside, errors that do not name the file become those below.

    Raises:
        ValueError: The same error, with the file's name before it.
    """
    name = os.fspath(path)
    try:
        yield
    except ValueError as error:
        if name in str(error):
            raise
        raise ValueError(f'{name}: {error}') from error
