"""MATLAB files: version 5 to 7.2 by SciPy, 7.3, which is HDF5, by h5py.

As MATLAB and SciPy really write them: lists are rows ``(1, N)``, texts arrays of
characters or cells, numbers 1 x 1, and everything may be a field of a structure.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import scipy.io

from mmreid.evaluation.features.formats.damage import (
    FeaturesFileError,
    check_size,
    text_array,
)
from mmreid.evaluation.features.formats.hdf5 import read_hdf5
from mmreid.evaluation.features.formats.nesting import flatten

_COMPRESSED = 15
_CHUNK = 1 << 20


def read_mat(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """Read the arrays of a MATLAB file of any version.

    Args:
        path (Path): The file.

    Raises:
        FeaturesFileError: Arrays that take much more memory than the file has bytes.
        ImportError: Version 7.3 without the package h5py.
    """
    with path.open('rb') as file:
        head = file.read(128)
    # The version stands before the mark of the byte order, 'IM' or 'MI'.
    order = {b'IM': '<', b'MI': '>'}.get(head[126:128])
    if order is not None and struct.unpack(f'{order}H', head[124:126])[0] >= 0x200:
        return read_hdf5(path)
    if order is not None:
        _check_packed(path, order)
    contents = scipy.io.loadmat(path, squeeze_me=False)
    plain = {k: _plain(v) for k, v in contents.items() if not k.startswith('__')}
    arrays = flatten({k: v for k, v in plain.items() if v is not None})
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise FeaturesFileError(
                f'The cell array {name!r} in {path} must hold texts or single '
                'numbers; write matrices as variables of their own.'
            )
    return arrays, '{}'


def _check_packed(path: Path, order: str) -> None:
    """Refuse compressed variables that would unpack to much more than the file."""
    total = 0
    for packed in _packed_variables(path, order):
        total += packed
        check_size(path, total, 'its variables')


def _packed_variables(path: Path, order: str) -> Iterator[int]:
    """Unpack compressed variables to nowhere, and yield how long each piece is."""
    with path.open('rb') as file:
        file.seek(128)
        while len(tag := file.read(8)) == 8:
            kind, length = struct.unpack(f'{order}II', tag)
            if kind != _COMPRESSED:
                file.seek(length, 1)
                continue
            stream = zlib.decompressobj()
            while length > 0 and (data := file.read(min(length, _CHUNK))):
                length -= len(data)
                while data:
                    yield len(stream.decompress(data, _CHUNK))
                    data = stream.unconsumed_tail


def _plain(value: Any) -> Any:
    """Return a variable as numbers, texts or a dict of fields; None for the rest."""
    if not isinstance(value, np.ndarray):
        return None
    if value.dtype.names:
        if value.size != 1:
            return None
        record = value.reshape(-1)[0]
        plain = {name: _plain(record[name]) for name in value.dtype.names}
        return {name: field for name, field in plain.items() if field is not None}
    if value.dtype.kind == 'O':
        return _cells(value)
    # MATLAB fills rows of characters up with blanks.
    return np.char.rstrip(value, ' ') if value.dtype.kind == 'U' else value


def _cells(cells: np.ndarray) -> np.ndarray:
    """Return a cell array of texts or of single numbers as a vector."""
    values = [cell.item() if np.size(cell) == 1 else cell for cell in cells.flat]
    # An empty text is an array without elements.
    values = ['' if isinstance(v, np.ndarray) and not v.size else v for v in values]
    if all(isinstance(value, str) for value in values):
        return text_array(values)
    if all(isinstance(value, int | float) for value in values):
        return np.array(values)
    return cells
