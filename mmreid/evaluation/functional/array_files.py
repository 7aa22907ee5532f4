"""Named arrays in .npz, .safetensors and .mat files, mapped where possible."""

import importlib.util
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import scipy.io
import torch
from torch import Tensor

# Arrays by name, and a JSON string about them.
Contents = tuple[dict[str, np.ndarray], str]
_ALIGNMENT = 64
# The extra field by which Android's zipalign pads; readers skip fields they do not
# know. Two numbers of two bytes, its name and its length, stand before the padding.
_PADDING_ID = 0xD935


def write_npz(path: Path, arrays: Mapping[str, np.ndarray], meta: str) -> None:
    """Write what ``numpy.load`` reads, with every array's data aligned.

    ``numpy.savez`` puts the data wherever they fall in the archive, and a mapped array
    that is not aligned is copied by every product.

    Args:
        path: File to write.
        arrays: Arrays by name.
        meta: A string, written as the array ``meta``.
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


def read_npz(path: Path) -> Contents:
    """Read an .npz file, mapping the matrices of floats that can be.

    Args:
        path: The file.

    Raises:
        ValueError: An array of pickled objects.
    """
    with np.load(path, allow_pickle=False) as file, zipfile.ZipFile(path) as archive:
        arrays = {}
        for name in file.files:
            member = f'{name}.npy'
            mapped = None
            if member in archive.namelist():
                mapped = _map_member(path, archive.getinfo(member))
            arrays[name] = file[name] if mapped is None else mapped
    meta = str(arrays.pop('meta', '{}'))
    return arrays, meta


def _map_member(path: Path, info: zipfile.ZipInfo) -> np.ndarray | None:
    """Map a member that is an uncompressed, aligned matrix of floats."""
    if info.compress_type != zipfile.ZIP_STORED:
        return None
    with path.open('rb') as file:
        file.seek(info.header_offset + 26)
        file.seek(sum(struct.unpack('<HH', file.read(4))), 1)
        if np.lib.format.read_magic(file) != (1, 0):
            return None
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
        start = file.tell()
    if len(shape) != 2 or 0 in shape or dtype.kind != 'f' or start % dtype.alignment:
        return None
    order: Any = 'F' if fortran else 'C'
    # Copy on write: the caller may change what it is given.
    mapped = np.memmap(path, dtype, 'c', start, shape, order)
    return mapped.view(np.ndarray)


def check_safetensors() -> None:
    """Check that the package safetensors is installed.

    Raises:
        ImportError: It is not.
    """
    if importlib.util.find_spec('safetensors') is None:
        raise ImportError(
            'A .safetensors file needs the package safetensors: pip install '
            'mmreid[optional], or use .npz'
        )


def write_safetensors(path: Path, arrays: Mapping[str, np.ndarray], meta: str) -> None:
    """Write a .safetensors file; strings become rows of UTF-8 bytes.

    Args:
        path: File to write.
        arrays: Arrays by name.
        meta: A string, written as the file's metadata ``meta``.

    Raises:
        ImportError: The package safetensors is not installed.
    """
    check_safetensors()
    from safetensors.numpy import save_file

    plain = {name: _as_bytes(array) for name, array in arrays.items()}
    # The package makes files that nobody else may read.
    path.touch()
    mode = path.stat().st_mode
    save_file(plain, str(path), metadata=dict(meta=meta))
    path.chmod(mode)


def read_safetensors(path: Path) -> Contents:
    """Map a .safetensors file into memory.

    Args:
        path: The file.

    Raises:
        ImportError: The package safetensors is not installed.
        ValueError: Not a safetensors file.
    """
    check_safetensors()
    from safetensors import SafetensorError, safe_open

    try:
        # Torch tensors view the file, where NumPy's reader would copy it.
        with safe_open(str(path), framework='pt') as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            meta = (file.metadata() or {}).get('meta', '{}')
    except SafetensorError as error:
        raise ValueError(f'{path} is not a safetensors file: {error}') from error
    return {name: _as_numpy(tensor) for name, tensor in tensors.items()}, meta


def _as_numpy(tensor: Tensor) -> np.ndarray:
    """View a tensor as an array; NumPy has no bfloat16, float32 has its values."""
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()


def _as_bytes(array: np.ndarray) -> np.ndarray:
    """Return strings as rows of UTF-8 bytes, filled up with zeros."""
    if array.dtype.kind != 'U':
        return np.ascontiguousarray(array)
    encoded = np.char.encode(array, 'utf-8')
    return np.frombuffer(encoded.tobytes(), np.uint8).reshape(
        len(array), encoded.dtype.itemsize
    )


def read_mat(path: Path) -> Contents:
    """Read the arrays of a MATLAB file of version 5 to 7.2.

    Args:
        path: The file.

    Raises:
        ValueError: Version 7.3, which is another format.
    """
    try:
        contents = scipy.io.loadmat(path)
    except NotImplementedError as error:
        raise ValueError(
            f"{path} is of MATLAB version 7.3; save it anew with save(..., '-v7')"
        ) from error
    arrays = {k: v for k, v in contents.items() if isinstance(v, np.ndarray)}
    return arrays, '{}'


READERS: dict[str, Callable[[Path], Contents]] = {
    '.npz': read_npz,
    '.safetensors': read_safetensors,
    '.mat': read_mat,
}
WRITERS: dict[str, Callable[[Path, Mapping[str, np.ndarray], str], None]] = {
    '.npz': write_npz,
    '.safetensors': write_safetensors,
}
