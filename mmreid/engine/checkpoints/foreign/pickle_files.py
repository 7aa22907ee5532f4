"""The two kinds of files that torch.save has written: a pickle, and numbers apart."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Container
from typing import IO, Any, NamedTuple

import torch
from torch import Tensor

from mmreid.engine.checkpoints.foreign.inert_pickle import InertUnpickler
from mmreid.engine.checkpoints.foreign.stored_tensors import width_of

# Begins the files that torch wrote before version 1.6.
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
# Of the header of an archive's member: where the lengths of its two last fields, name
# and extra, stand; behind these come the bytes.
_LENGTHS_AT, _LENGTHS = 26, struct.Struct('<HH')


class PickleFile(NamedTuple):
    """What is in a file that torch.save wrote.

    Attributes:
        root (Any): The description of what was saved.
        numbers (dict[str, Tensor]): The bytes of the storages, by key.
        unpickler (InertUnpickler): Knows what was asked for.
    """

    root: Any
    numbers: dict[str, Tensor]
    unpickler: InertUnpickler


class _Bounded:
    """A file that never makes room for more than it has.

    Args:
        file (IO[bytes]): A file of the disk.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self.tell = file.tell
        self.readline = file.readline

    def read(self, count: int) -> bytes:
        """Read so many bytes, or what there is."""
        return self._file.read(min(count, self._size - self._file.tell()))


def open_pickle(file: IO[bytes], allowed: Container[str] | None = None) -> PickleFile:
    """Read a file that torch.save wrote, running nothing of it.

    Args:
        file (IO[bytes]): The file, at its beginning.
        allowed (Container[str] | None): Full names that the pickle may ask for; None
            allows all, since none is looked up. Defaults to None.

    Returns:
        PickleFile: The description of what was saved, and the numbers.

    Raises:
        Exception: Whatever a damaged file leads to.
    """
    if zipfile.is_zipfile(file):
        return _read_zip(file, allowed)
    file.seek(0)
    return _read_legacy(file, allowed)


def _read_zip(file: IO[bytes], allowed: Container[str] | None) -> PickleFile:
    """Read what torch writes since version 1.6: a pickle and a file per storage."""
    archive = zipfile.ZipFile(file)
    _check_members(archive, os.fstat(file.fileno()).st_size)
    # Reading a member compares its checksum. Every one is read, needed or not.
    members = {info.filename: info for info in archive.infolist()}
    pickles = [name for name in members if name.endswith('/data.pkl')]
    if len(pickles) != 1:
        raise ValueError(f'its archive holds {len(pickles)} files data.pkl, not one')
    folder = pickles[0].removesuffix('data.pkl')
    prefix = f'{folder}data/'
    parts = {
        name: archive.read(info)
        for name, info in members.items()
        if not name.startswith(prefix)
    }
    if parts.get(f'{folder}byteorder', b'little') != b'little':
        raise ValueError('it was written on a big-endian machine')
    unpickler = InertUnpickler(io.BytesIO(parts[pickles[0]]), allowed)
    root = unpickler.load()
    numbers = {
        name.removeprefix(prefix): _read_member(file, archive, info)
        for name, info in members.items()
        if name.startswith(prefix)
    }
    return PickleFile(root, numbers, unpickler)


def _read_member(
    file: IO[bytes], archive: zipfile.ZipFile, info: zipfile.ZipInfo
) -> Tensor:
    """Read the bytes of a member as they lie in the file, and compare the checksum.

    ``archive.read`` would make a copy of them first.
    """
    archive.open(info).close()  # compares what stands before the bytes
    file.seek(info.header_offset + _LENGTHS_AT)
    file.seek(sum(_LENGTHS.unpack(file.read(_LENGTHS.size))), os.SEEK_CUR)
    content = _read_numbers(file, info.file_size)
    if zlib.crc32(content.numpy().data) != info.CRC:
        raise ValueError(f'the checksum of {info.filename} is not that of its content')
    return content


def _read_numbers(file: IO[bytes], count: int) -> Tensor:
    """Read so many bytes, not fewer, without making room for more than there are."""
    position = file.tell()
    missing = position + count - os.fstat(file.fileno()).st_size
    if missing > 0:
        raise EOFError(f'it ends {missing} bytes too early')
    content = torch.empty(count, dtype=torch.uint8)
    space = content.numpy().data
    while len(space):
        size = file.readinto(space)  # type: ignore[attr-defined]
        if not size:
            raise EOFError(f'it ends {len(space)} bytes too early')
        space = space[size:]
    return content


def _check_members(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse an archive that becomes larger than its file when it is read."""
    infos = archive.infolist()
    if any(info.filename.endswith('/constants.pkl') for info in infos):
        raise ValueError(
            'it is a TorchScript archive (torch.jit.save), a program that only runs; '
            'take a file of the weights alone'
        )
    if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
        raise ValueError('its archive is compressed, which torch.save never does')
    if sum(info.file_size for info in infos) > size:
        raise ValueError('its archive says to hold more than the whole file')
    if len({info.filename for info in infos}) < len(infos):
        raise ValueError('its archive holds two files of one name')


def _read_legacy(file: IO[bytes], allowed: Container[str] | None) -> PickleFile:
    """Read what torch wrote before: five pickles, then the storages one by one."""
    source: Any = _Bounded(file)
    if InertUnpickler(source, allowed).load() != _LEGACY_MAGIC:
        raise ValueError('it does not begin as torch.save begins a file')
    InertUnpickler(source, allowed).load()  # version of the format
    if not InertUnpickler(source, allowed).load()['little_endian']:
        raise ValueError('it was written on a big-endian machine')
    unpickler = InertUnpickler(source, allowed)
    root = unpickler.load()
    numbers = {}
    for key in InertUnpickler(source, allowed).load():
        count = int.from_bytes(_read_numbers(file, 8).numpy().tobytes(), 'little')
        # Only the pickle knows how wide a storage's numbers are.
        width = width_of(unpickler.storages[key])
        numbers[key] = _read_numbers(file, count * width)
    return PickleFile(root, numbers, unpickler)
