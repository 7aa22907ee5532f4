"""Variables of MATLAB files, one element of a cell array at a time.

MATLAB writes two formats that share nothing but the suffix: up to version 7 its own,
read by SciPy, and as version 7.3 HDF5, read by h5py. There a cell array is a data set
of references, and all axes are reversed, because MATLAB stores columns first
(`MAT-File Versions
<https://www.mathworks.com/help/matlab/import_export/mat-file-versions.html>`_).
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from mmreid.optional import import_optional

_HDF5 = b'\x89HDF\r\n\x1a\n'
_HEADER = 512  # bytes of text that MATLAB writes in front of HDF5
# HDF5 keeps 10 kB about every element it has read until the file is closed.
MAX_READS = 1000
Element = Any  # np.ndarray | str | Cells; which of them, the caller must check


class Cells:
    """A cell array; its elements are read when they are asked for.

    Args:
        contents (np.ndarray): What leads to the elements, in MATLAB's shape.
        read (Callable): Reads the element that one of the contents leads to.

    Attributes:
        shape: Rows and columns, as in MATLAB.
    """

    def __init__(self, contents: np.ndarray, read: Callable[[Any], Element]) -> None:
        self._contents, self._read = contents, read
        self.shape: tuple[int, ...] = contents.shape

    def __getitem__(self, index: tuple[int, int]) -> Element:
        """Read the element in a row and a column, counted from 0."""
        return self._read(self._contents[index])

    def __iter__(self) -> Iterator[Element]:
        """Read all elements, column by column."""
        return map(self._read, self._contents.ravel('F'))


class MatFile(ABC):
    """An open MATLAB file.

    Args:
        path (str): The file.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    @abstractmethod
    def names(self) -> list[str]:
        """Return the names of the variables, sorted."""

    @abstractmethod
    def _take(self, name: str) -> Element:
        """Read a variable that there is."""

    def read(self, name: str) -> Element:
        """Read a variable.

        Args:
            name (str): One of the names.

        Returns:
            np.ndarray | str | Cells: An array in MATLAB's shape, a text or cells.

        Raises:
            ValueError: When there is no such variable, or the file is damaged.
        """
        names = self.names()
        if name not in names:
            raise ValueError(f'{self._path!r} has no variable {name!r}, only {names}.')
        return self._take(name)


@contextmanager
def open_mat(path: str | os.PathLike) -> Iterator[MatFile]:
    """Open a MATLAB file of any version from 5 on.

    Args:
        path (str | os.PathLike): The file; its content tells its version.

    Yields:
        MatFile: The file, as long as the context lasts.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no MATLAB file, or truncated or damaged; the latter may only
            be noticed when an element is read.
        ModuleNotFoundError: It is a version 7.3 file and h5py is not installed.
    """
    path = os.fspath(path)
    with open(path, 'rb') as file:
        start = file.read(_HEADER + len(_HDF5))
    if start.startswith((_HDF5, b'MATLAB 7.3')):
        stored = _StoredFile(path)
        try:
            yield stored
        finally:
            stored.close()
    elif start.startswith(b'MATLAB'):
        yield _LoadedFile(path)
    else:
        raise ValueError(
            f'{path!r} ({os.path.getsize(path):,} bytes) is no MATLAB file: it begins '
            f'with {start[:20]!r}. A download that failed often leaves a web page, or '
            'nothing; get the file again.'
        )


class _LoadedFile(MatFile):
    """A file of version 5 to 7; a variable is in memory as a whole."""

    def names(self) -> list[str]:
        from scipy.io import whosmat

        with _readable(self._path):
            return sorted(name for name, _, _ in whosmat(self._path))

    def _take(self, name: str) -> Element:
        from scipy.io import loadmat

        with _readable(self._path):
            return _convert(loadmat(self._path, variable_names=[name])[name])


def _convert(value: Any) -> Element:
    """Turn what SciPy gives into an element."""
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype == object:
        return Cells(value, _convert)
    return ''.join(value.flat) if value.dtype.kind == 'U' else value


class _StoredFile(MatFile):
    """A file of version 7.3; only what is asked for is read."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._open()

    def _open(self) -> None:
        h5py = import_optional(
            'h5py', f'{self._path!r}, a MATLAB 7.3 file,', error=ModuleNotFoundError
        )
        with _readable(self._path):
            self._file = h5py.File(self._path, 'r')
        self._reads = 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def names(self) -> list[str]:
        with _readable(self._path):  # MATLAB keeps the cells' contents in #refs#
            return sorted(name for name in self._file if not name.startswith('#'))

    def _take(self, reference: Any) -> Element:
        """Read what a name or a reference points to."""
        self._reads += 1
        if self._reads > MAX_READS:
            self.close()
            self._open()
        with _readable(self._path):
            stored = self._file[reference]
            kind = stored.attrs.get('MATLAB_class', b'')
            if stored.attrs.get('MATLAB_empty', 0):  # holds the shape, not the values
                return '' if kind == b'char' else np.zeros(stored[()].astype(int))
            value = stored[()].T
            if value.dtype.kind == 'O':
                return Cells(value, self._take)
            return ''.join(map(chr, value.flat)) if kind == b'char' else value


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """Say of whatever SciPy or h5py raise that the file is at fault."""
    try:
        yield
    except MemoryError:
        raise
    # Neither has a type for it: OSError, KeyError, TypeError, zlib.error and others.
    except Exception as error:
        raise ValueError(
            f'{path!r} ({os.path.getsize(path):,} bytes) is truncated or damaged: '
            f'{error}. Copy, unpack or download it again.'
        ) from error
