"""The two kinds of files that torch.save has written: a pickle, and numbers apart."""

import io
import os
import zipfile
from collections.abc import Container
from typing import IO, Any, NamedTuple

from mmreid.engine.checkpoints.reading.inert_pickle import InertUnpickler
from mmreid.engine.checkpoints.reading.stored_tensors import width_of

# Begins the files that torch wrote before version 1.6.
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C


class PickleFile(NamedTuple):
    """What is in a file that torch.save wrote.

    Attributes:
        root (Any): The description of what was saved.
        numbers (dict[str, bytearray]): The storages' numbers, by key.
        unpickler (InertUnpickler): Knows what was asked for.
    """

    root: Any
    numbers: dict[str, bytearray]
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
    parts = {info.filename: archive.read(info) for info in archive.infolist()}
    pickles = [name for name in parts if name.endswith('/data.pkl')]
    if len(pickles) != 1:
        raise ValueError(f'its archive holds {len(pickles)} files data.pkl, not one')
    folder = pickles[0].removesuffix('data.pkl')
    if parts.get(f'{folder}byteorder', b'little') != b'little':
        raise ValueError('it was written on a big-endian machine')
    unpickler = InertUnpickler(io.BytesIO(parts.pop(pickles[0])), allowed)
    root = unpickler.load()
    prefix = f'{folder}data/'
    numbers = {
        name.removeprefix(prefix): bytearray(parts.pop(name))
        for name in [*parts]
        if name.startswith(prefix)
    }
    return PickleFile(root, numbers, unpickler)


def _check_members(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse an archive that becomes larger than its file when it is read."""
    infos = archive.infolist()
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
        count = int.from_bytes(_read_all(source, 8), 'little')
        # Only the pickle knows how wide a storage's numbers are.
        width = width_of(unpickler.storages[key])
        numbers[key] = bytearray(_read_all(source, count * width))
    return PickleFile(root, numbers, unpickler)


def _read_all(file: Any, count: int) -> bytes:
    """Read so many bytes, not fewer."""
    content = file.read(count)
    if len(content) < count:
        raise EOFError(f'it ends {count - len(content)} bytes too early')
    return content
