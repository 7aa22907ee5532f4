"""Checkpoints as .safetensors files: tensors by name, and text about them."""

import io
import json
import zlib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmreid.engine.checkpoints.damage import check_numbers, damage_of
from mmreid.engine.checkpoints.foreign.stored_tensors import device_of
from mmreid.errors import CheckpointError
from mmreid.files import parse_json, read_safetensors_head
from mmreid.optional import import_optional

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
    safetensors = _import('safetensors', path)
    with damage_of(path):
        with safetensors.safe_open(str(path), framework='pt') as file:
            names = file.keys()
            tensors = {name: file.get_tensor(name) for name in names}
        with Path(path).open('rb') as file:
            head = read_safetensors_head(file, str(path))
        checksum = head['__metadata__'].pop(_CHECKSUM, None)
        if checksum is not None and checksum != checksum_of(head, tensors):
            raise ValueError('its checksum is not that of its content')
    meta = {key: _decode(text) for key, text in head['__metadata__'].items()}
    check_numbers(tensors, path)
    device = device_of(map_location)
    return dict(state_dict={k: v.to(device) for k, v in tensors.items()}, meta=meta)


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
    safetensors = _import('safetensors.torch', 'a .safetensors file')
    texts = {
        key: value if key == _TEXT and isinstance(value, str) else json.dumps(value)
        for key, value in meta.items()
    }
    content = safetensors.save(dict(tensors), metadata=dict(texts, format='pt'))
    return _sign(content, tensors)


def _sign(content: bytes, tensors: Mapping[str, Tensor]) -> bytes:
    """Sort the metadata, whose order the package draws anew each time, and sign it."""
    file = io.BytesIO(content)
    head = read_safetensors_head(file, 'the new file')
    texts = head['__metadata__']
    texts[_CHECKSUM] = checksum_of(head, tensors)
    head['__metadata__'] = dict(sorted(texts.items()))
    text = json.dumps(head, separators=(',', ':'), ensure_ascii=False).encode()
    # The tensors begin at a multiple of eight bytes.
    text += b' ' * (-len(text) % 8)
    return len(text).to_bytes(8, 'little') + text + content[file.tell() :]


def checksum_of(head: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> str:
    """Compute the CRC-32 of a .safetensors file, of which the format has none.

    Args:
        head (Mapping[str, Any]): The head, without this checksum.
        tensors (Mapping[str, Tensor]): On the CPU, by name; the format has nothing
            between them.

    Returns:
        str: Eight digits.
    """
    value = zlib.crc32(json.dumps(head, sort_keys=True).encode())
    for name in sorted(tensors, key=lambda name: head[name]['data_offsets']):
        numbers = tensors[name].contiguous().flatten().view(torch.uint8)
        value = zlib.crc32(numbers.numpy().data, value)
    return f'{value:08x}'


def _decode(text: str) -> Any:
    try:
        return parse_json(text, 'the metadata')
    except ValueError:
        return text


def _import(module: str, use: str | PathLike) -> Any:
    return import_optional(
        module,
        str(use),
        install='safetensors',
        error=MissingPackageError,
    )
