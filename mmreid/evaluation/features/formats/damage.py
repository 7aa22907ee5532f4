"""What damaged and hostile files are answered with."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

# Beyond the size of its file, what is read of it may take this many bytes. Packed
# features hold a third less than their numbers at the best; a bomb thousands.
_EXTRA = 1 << 30


class FeaturesFileError(ValueError):
    """A file of features cannot be used; the message names it and says why."""


@contextmanager
def damage_in(path: Path, array: str | None = None) -> Iterator[None]:
    """Say of whatever a library raises inside that the file is at fault.

    Libraries meet damage in the middle of their work and raise what they happen to
    raise: ``struct.error``, ``zlib.error``, ``KeyError``, ``MemoryError``.

    Args:
        path (Path): The file that is read.
        array (str, optional): What of it is read. Defaults to None: the whole file.

    Yields:
        None: Inside, errors become those below.

    Raises:
        FeaturesFileError: Something failed; one that names the file stays as it is.
        OSError: The system failed, with a number of its own.
        ImportError: A package is missing.
    """
    try:
        yield
    except ImportError:
        raise
    except FeaturesFileError as error:
        if str(path) in str(error):
            raise
        raise FeaturesFileError(f'{path}: {error}') from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        what = str(path) if array is None else f'The array {array!r} in {path}'
        lines = str(error).strip().splitlines()
        reason = f'{type(error).__name__}: {lines[0]}' if lines else repr(error)
        raise FeaturesFileError(
            f'{what} cannot be read ({reason.rstrip(".")}): the file is damaged, or '
            'not of the format that its ending says.'
        ) from error


def check_size(path: Path, num_bytes: int, what: str = 'its arrays') -> None:
    """Refuse a file that would take much more memory than it has bytes.

    Args:
        path (Path): The file.
        num_bytes (int): What its header or its directory says that its content takes.
        what (str): Whose bytes these are.

    Raises:
        FeaturesFileError: That is more than 1 GiB beyond the size of the file.
    """
    size = path.stat().st_size
    if not 0 <= num_bytes <= size + _EXTRA:
        raise FeaturesFileError(
            f'{path} has {size:,} bytes, but {what} would take {num_bytes:,} in '
            'memory; at most 1 GiB more than the file is read. Write features '
            'uncompressed (numpy.savez) if they are honest.'
        )


def text_array(texts: Any) -> np.ndarray:
    """Make an array of texts, in which each takes the room of the longest.

    Args:
        texts (Any): Texts, in a list or an array of objects.

    Raises:
        FeaturesFileError: That is more than 1 GiB beyond what the texts have.
    """
    objects = np.asarray(texts, object)
    lengths = [len(str(text)) for text in objects.flat]
    longest = max(lengths, default=0)
    if 4 * longest * len(lengths) > 4 * sum(lengths) + _EXTRA:
        raise FeaturesFileError(
            f'{len(lengths):,} texts must be of similar lengths, since each takes the '
            f'room of the longest, but that one has {longest:,} characters.'
        )
    return np.array(objects, np.str_)


def refuse_objects(name: str, path: Path) -> FeaturesFileError:
    """Return what is raised for an array of Python objects.

    Args:
        name (str): Of the array.
        path (Path): The file.
    """
    return FeaturesFileError(
        f'The array {name!r} in {path} holds Python objects, which only a pickle can '
        'bring back, and a pickle is a program: it was not read. Write numbers, and '
        "text as numpy.array(list_of_str, dtype='U')."
    )
