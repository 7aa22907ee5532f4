"""Checkpoints as .safetensors files: tensors by name, and text about them."""

import io
import json
import zlib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import IO, Any

from torch import Tensor

from mmreid.engine.checkpoints.errors import (
    CheckpointError,
    damage_of,
)
from mmreid.engine.checkpoints.reading.sound_numbers import check_numbers
from mmreid.engine.checkpoints.reading.stored_tensors import device_of

# Kept as it is, for those who read the file's head; everything else is JSON.
_TEXT = 'cfg'
# Of the files that are written here.
_CHECKSUM = 'crc32'


class MissingPackageError(CheckpointError, ImportError):
    """A checkpoint needs a package that is not installed."""


def read_safetensors(path: str | PathLike, map_location: Any = None) -> dict[str, Any]:
    """Read a .safetensors file as the checkpoint that mmengine's loaders expect.

    Args:
        path (str | PathLike): The file, of any program.
        map_location (Any): A device or its name; anything else means the CPU.
            Defaults to None.

    Returns:
        dict[str, Any]: ``state_dict`` (dict[str, Tensor]) and ``meta`` (dict): the
        metadata in the file's head, from JSON where it is JSON.

    Raises:
        MissingPackageError: The package safetensors is not installed.
        UnreadableCheckpointError: The file is damaged, or of another format.
        FileNotFoundError: There is no such file.
    """
    try:
        from safetensors import safe_open
    except ImportError as error:
        raise _missing(path) from error

    with (
        damage_of(path),
        safe_open(
            str(path), framework='pt', device=str(device_of(map_location))
        ) as file,
    ):
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        texts = file.metadata() or {}
    if (noted := texts.pop(_CHECKSUM, None)) is not None:
        with damage_of(path), Path(path).open('rb') as stored:
            if checksum_of(stored) != noted:
                raise ValueError('its checksum is not that of its content')
    content = dict(state_dict=tensors, meta={k: _decode(v) for k, v in texts.items()})
    check_numbers(content, path)
    return content


def safetensors_bytes(tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> bytes:
    """Make the content of a .safetensors file.

    Args:
        tensors (Mapping[str, Tensor]): On the CPU, contiguous, none a part of another.
        meta (Mapping[str, Any]): What :func:`read_safetensors` is to give back:
            ``cfg``, a text, and what JSON knows.

    Returns:
        bytes: The file; the same for the same arguments.

    Raises:
        MissingPackageError: The package safetensors is not installed.
    """
    try:
        from safetensors.torch import save
    except ImportError as error:
        raise _missing('a .safetensors file') from error

    texts = {
        key: value if key == _TEXT and isinstance(value, str) else json.dumps(value)
        for key, value in meta.items()
    }
    return _in_order(save(dict(tensors), metadata=dict(texts, format='pt')))


def _in_order(content: bytes) -> bytes:
    """Sort the metadata, whose order the package draws anew each time, and sign it."""
    start = 8 + int.from_bytes(content[:8], 'little')
    head = json.loads(content[8:start])
    texts = head['__metadata__']
    texts[_CHECKSUM] = checksum_of(io.BytesIO(content))
    head['__metadata__'] = dict(sorted(texts.items()))
    text = json.dumps(head, separators=(',', ':'), ensure_ascii=False).encode()
    # The tensors begin at a multiple of eight bytes.
    text += b' ' * (-len(text) % 8)
    return len(text).to_bytes(8, 'little') + text + content[start:]


def checksum_of(file: IO[bytes]) -> str:
    """Compute the CRC-32 of a .safetensors file, of which the format has none.

    Args:
        file (IO[bytes]): The file, at its beginning.

    Returns:
        str: Eight digits, of the tensors and of the head without this checksum.
    """
    head = json.loads(file.read(int.from_bytes(file.read(8), 'little')))
    head.get('__metadata__', {}).pop(_CHECKSUM, None)
    value = zlib.crc32(json.dumps(head, sort_keys=True).encode())
    while part := file.read(2**20):
        value = zlib.crc32(part, value)
    return f'{value:08x}'


def _decode(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _missing(what: str | PathLike) -> MissingPackageError:
    return MissingPackageError(
        f'{what} needs the package safetensors: pip install safetensors, or '
        "'mmreid[optional]'."
    )
