"""HDF5 files, among them those of MATLAB 7.3."""

from pathlib import Path
from typing import Any

import numpy as np

from mmreid.evaluation.features.formats.damage import (
    FeaturesFileError,
    check_size,
    refuse_objects,
    text_array,
)
from mmreid.evaluation.features.formats.nesting import flatten
from mmreid.optional import install_command


def read_hdf5(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """Read the arrays of an HDF5 file; those of MATLAB as MATLAB shows them.

    Args:
        path (Path): The file.

    Raises:
        FeaturesFileError: Data that are in another file, or that take much more memory
            than the file has bytes; a group of two names.
        ImportError: The package h5py is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise ImportError(
            f'{path} is an HDF5 file (MATLAB 7.3 writes them too), which takes h5py '
            f"to read: {install_command('h5py')}; or save it with save(..., '-v7')."
        ) from error
    with h5py.File(path, 'r') as file:
        return flatten(_Hdf5(path, h5py, file).group(file)), '{}'


class _Hdf5:
    """The groups and data sets of an open file.

    Args:
        path (Path): The file.
        h5py (Any): The package.
        file (Any): The same, open.
    """

    def __init__(self, path: Path, h5py: Any, file: Any) -> None:
        self._path, self._h5py, self._file = path, h5py, file
        self._taken = 0
        self._groups = {file}

    def group(self, group: Any) -> dict[str, Any]:
        """Read what a group holds itself; links to other files are not followed."""
        content: dict[str, Any] = {}
        for name in group:
            link = group.get(name, getlink=True)
            # MATLAB keeps what cells refer to, and its own notes, behind a '#'.
            if name.startswith('#') or not isinstance(link, self._h5py.HardLink):
                continue
            item = group[name]
            if isinstance(item, self._h5py.Group):
                # Groups in groups of two names each are soon millions, or hold
                # themselves.
                if item in self._groups:
                    raise FeaturesFileError(
                        f'The group {name!r} in {self._path} must have one name, but '
                        'is the same as another; write its arrays once.'
                    )
                self._groups.add(item)
                # A sparse matrix is a group of indices, which says nothing by itself.
                if 'MATLAB_sparse' not in item.attrs:
                    content[name] = self.group(item)
            else:
                content[name] = self._dataset(item, name)
        return content

    def _dataset(self, data: Any, name: str) -> np.ndarray:
        """Read a data set: numbers, texts or, of MATLAB, cells."""
        if data.external or data.is_virtual:
            raise FeaturesFileError(
                f'The array {name!r} in {self._path} is kept in another file; write it '
                'into this one.'
            )
        self._taken += data.size * data.dtype.itemsize
        check_size(self._path, self._taken)
        if self._h5py.check_string_dtype(data.dtype) is not None:
            return text_array(data.asstr()[...])
        kind = data.attrs.get('MATLAB_class', b'')
        kind = kind.decode() if isinstance(kind, bytes) else str(kind)
        if kind and data.attrs.get('MATLAB_empty', 0):
            return np.empty((0, 0))
        if kind == 'cell':
            cells = data[...].ravel()
            return text_array([self._text(cell, name) for cell in cells])
        if data.dtype.hasobject:
            raise refuse_objects(name, self._path)
        values = np.asarray(data[...])
        # HDF5 keeps MATLAB's columns as rows.
        return _texts(values.T) if kind == 'char' else values.T if kind else values

    def _text(self, reference: Any, name: str) -> str:
        """Read the text that a cell refers to."""
        data = self._file[reference]
        if data.attrs.get('MATLAB_empty', 0):
            return ''
        if data.dtype.kind != 'u':
            raise FeaturesFileError(
                f'The cell array {name!r} in {self._path} must hold texts; write '
                'numbers as a matrix.'
            )
        self._taken += 4 * data.size
        check_size(self._path, self._taken)
        return str(_texts(np.asarray(data[...]).T)[0])


def _texts(codes: np.ndarray) -> np.ndarray:
    """Return rows of UTF-16 codes as texts, without the blanks that fill them up."""
    rows = np.atleast_2d(codes).astype('<u2')
    return np.array([row.tobytes().decode('utf-16-le').rstrip(' ') for row in rows])
