"""NumPy's own files: .npz archives, mapped where possible, and single .npy arrays."""

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np

from mmreid.evaluation.features.formats.damage import (
    FeaturesFileError,
    check_size,
    damage_in,
    refuse_objects,
)

_ALIGNMENT = 64
_CHUNK = 1 << 20
# The extra field by which Android's zipalign pads; readers skip fields they do not
# know. Two numbers of two bytes, its name and its length, stand before the padding.
_PADDING_ID = 0xD935


def write_npz(path: Path, arrays: Mapping[str, np.ndarray], meta: str) -> None:
    """Write what ``numpy.load`` reads, with every array's data aligned.

    ``numpy.savez`` puts the data wherever they fall in the archive, and a mapped array
    that is not aligned is copied by every product.

    Args:
        path (Path): File to write.
        arrays (Mapping[str, np.ndarray]): Arrays by name.
        meta (str): A string, written as the array ``meta``.
    """
    with path.open('wb') as file, zipfile.ZipFile(file, 'w') as archive:
        for name, array in dict(arrays, meta=np.array(meta)).items():
            info = zipfile.ZipInfo(f'{name}.npy')
            info.extra = _padding(file, info)
            # Sizes beyond 4 GiB need the larger header, which `_padding` counts on.
            with archive.open(info, 'w', force_zip64=True) as member:
                np.lib.format.write_array(
                    member, np.asanyarray(array), allow_pickle=False
                )


def _padding(file: BinaryIO, info: zipfile.ZipInfo) -> bytes:
    """Return an extra field after which the member's data start aligned."""
    fields = 30 + len(info.filename.encode()) + 20 + 4
    padding = -(file.tell() + fields) % _ALIGNMENT
    return struct.pack('<HH', _PADDING_ID, padding) + bytes(padding)


def read_npz(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """Read an .npz file, mapping the matrices of floats that can be.

    Args:
        path (Path): The file.

    Raises:
        FeaturesFileError: An array of pickled objects, or arrays that take much more
            memory than the file has bytes.
    """
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        check_size(path, sum(info.file_size for info in members))
        arrays = {}
        for info in members:
            name = info.filename.removesuffix('.npy')
            with damage_in(path, name):
                arrays[name] = _read_member(path, archive, info, name)
    meta = str(arrays.pop('meta', '{}'))
    return arrays, meta


def read_npy(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """Map an .npy file, or read it where it is no matrix of floats.

    Args:
        path (Path): The file.

    Returns:
        Its array under the file's own name.
    """
    with path.open('rb') as file:
        shape, order, dtype = _read_header(file, path.stem, path)
        start = file.tell()
        _check_length(shape, dtype, path.stat().st_size - start)
        array = _map(path, start, shape, order, dtype)
        if array is None:
            file.seek(0)
            array = np.lib.format.read_array(file, allow_pickle=False)
    return {path.stem: array}, '{}'


def _read_member(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str
) -> np.ndarray:
    """Map or read an array of an archive."""
    with archive.open(info) as member:
        shape, order, dtype = _read_header(member, name, path)
        header = member.tell()
    _check_length(shape, dtype, info.file_size - header)
    if info.compress_type == zipfile.ZIP_STORED:
        array = _map(path, _start(path, info) + header, shape, order, dtype)
        if array is not None:
            _check_sum(archive, info)
            return array
    with archive.open(info) as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _check_sum(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    """Read a member to its end, where its checksum is compared."""
    with archive.open(info) as member:
        while member.read(_CHUNK):
            pass


def _read_header(
    file: IO[bytes], name: str, path: Path
) -> tuple[tuple[int, ...], Any, np.dtype]:
    """Read what an array's header says: shape, order in memory, type."""
    version = np.lib.format.read_magic(file)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise FeaturesFileError(
            f'The array {name!r} in {path} is of version {version} of the .npy format, '
            f'but plain arrays are of {sorted(readers)}.'
        )
    shape, fortran, dtype = readers[version](file)
    if dtype.hasobject:
        raise refuse_objects(name, path)
    return shape, 'F' if fortran else 'C', dtype


def _check_length(shape: tuple[int, ...], dtype: np.dtype, num_bytes: int) -> None:
    """Refuse a header that tells of other data than there are."""
    size = dtype.itemsize
    for length in shape:  # Python's numbers do not overflow
        size *= length
    if size != num_bytes or min(shape, default=0) < 0:
        raise ValueError(
            f'its header says {shape} {dtype}, which are {size:,} bytes, but there '
            f'are {num_bytes:,}.'
        )


def _start(path: Path, info: zipfile.ZipInfo) -> int:
    """Return where the data of a member start in the file."""
    with path.open('rb') as file:
        file.seek(info.header_offset + 26)
        name, extra = struct.unpack('<HH', file.read(4))
        return file.tell() + name + extra


def _map(
    path: Path, start: int, shape: tuple[int, ...], order: Any, dtype: np.dtype
) -> np.ndarray | None:
    """Map an aligned matrix of floats; None for what is something else."""
    if len(shape) != 2 or 0 in shape or dtype.kind != 'f' or start % dtype.alignment:
        return None
    # Copy on write: the caller may change what it is given.
    return np.memmap(path, dtype, 'c', start, shape, order).view(np.ndarray)
