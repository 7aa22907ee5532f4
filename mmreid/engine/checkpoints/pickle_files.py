"""The two kinds of files that torch.save has written: a pickle, and numbers apart."""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

import torch
from torch import Tensor

from mmreid.engine.checkpoints.inert_pickle import Inert, InertUnpickler, Storage

_DTYPES = {
    'FloatStorage': torch.float32,
    'DoubleStorage': torch.float64,
    'HalfStorage': torch.float16,
    'BFloat16Storage': torch.bfloat16,
    'LongStorage': torch.int64,
    'IntStorage': torch.int32,
    'ShortStorage': torch.int16,
    'CharStorage': torch.int8,
    'ByteStorage': torch.uint8,
    'BoolStorage': torch.bool,
}
# Begins the files that torch wrote before version 1.6.
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
Find = Callable[[Storage], Tensor]


def open_pickle(file: IO[bytes]) -> tuple[Any, Find, InertUnpickler]:
    """Read a file that torch.save wrote, running nothing of it.

    Args:
        file (IO[bytes]): The file, at its beginning.

    Returns:
        tuple[Any, Find, InertUnpickler]: The description of what was saved, what
        finds a storage's numbers as a vector, and the unpickler, which knows what was
        asked for. A damaged file raises whatever its damage leads to.
    """
    read = _read_zip if zipfile.is_zipfile(file) else _read_legacy
    file.seek(0)
    return read(file)


def _read_zip(file: IO[bytes]) -> tuple[Any, Find, InertUnpickler]:
    """Read what torch writes since version 1.6: a pickle and a file per storage."""
    archive = zipfile.ZipFile(file)
    names = archive.namelist()
    pickled = next(name for name in names if name.endswith('data.pkl'))
    folder = pickled.removesuffix('data.pkl')
    order = f'{folder}byteorder'
    if order in names and archive.read(order) != b'little':
        raise ValueError('it was written on a big-endian machine')
    numbers = {
        name.removeprefix(f'{folder}data/'): archive.read(name)
        for name in names
        if name.startswith(f'{folder}data/')
    }
    unpickler = InertUnpickler(io.BytesIO(archive.read(pickled)))
    return unpickler.load(), lambda storage: _flat(storage, numbers), unpickler


def _read_legacy(file: IO[bytes]) -> tuple[Any, Find, InertUnpickler]:
    """Read what torch wrote before: five pickles, then the storages one by one."""
    if InertUnpickler(file).load() != _LEGACY_MAGIC:
        raise ValueError('it does not begin as torch.save begins a file')
    InertUnpickler(file).load()  # version of the format
    if not InertUnpickler(file).load()['little_endian']:
        raise ValueError('it was written on a big-endian machine')
    unpickler = InertUnpickler(file)
    root = unpickler.load()
    keys = InertUnpickler(file).load()
    # Only the pickle knows how wide a storage's numbers are.
    widths = {s.key: _DTYPES[s.kind].itemsize for s in _storages(root)}
    numbers = {}
    for key in keys:
        count = int.from_bytes(_read_all(file, 8), 'little')
        numbers[key] = _read_all(file, count * widths[key])
    return root, lambda storage: _flat(storage, numbers), unpickler


def _read_all(file: IO[bytes], count: int) -> bytes:
    """Read so many bytes, not fewer."""
    content = file.read(count)
    if len(content) < count:
        raise EOFError(f'it ends {count - len(content)} bytes too early')
    return content


def _storages(node: Any, seen: set[int] | None = None) -> Iterator[Storage]:
    """Find all storages that a description refers to."""
    seen = set() if seen is None else seen
    if isinstance(node, Storage):
        yield node
        return
    if id(node) in seen:
        return
    seen.add(id(node))
    children: list[Any] = []
    if isinstance(node, Inert):
        children = [node.args, node.state, node.items]
    elif isinstance(node, Mapping):
        children = list(node.values())
    elif isinstance(node, list | tuple):
        children = list(node)
    for child in children:
        yield from _storages(child, seen)


def _flat(storage: Storage, numbers: Mapping[str, bytes]) -> Tensor:
    """Read a storage's numbers."""
    content = numbers[storage.key]
    dtype = _DTYPES[storage.kind]
    if len(content) != storage.size * dtype.itemsize:
        raise ValueError(f'storage {storage.key} has not the length that it should')
    return (
        torch.frombuffer(bytearray(content), dtype=dtype)
        if content
        else (torch.empty(0, dtype=dtype))
    )
