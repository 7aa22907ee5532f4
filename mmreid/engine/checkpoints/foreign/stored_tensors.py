"""Tensors, made of the numbers that a file stores and never of more than these."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from mmreid.engine.checkpoints.foreign.descriptions import (
    PARAMETERS,
    TENSORS,
    Inert,
    Storage,
)

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
# Tensors may share numbers (tied weights), but a file is no more than twice as large
# with each by itself; small files may share more.
_SHARING, _SMALL = 2, 64 * 2**20


def width_of(storage: Storage) -> int:
    """Return the bytes that a number takes.

    Args:
        storage (Storage): What the pickle says of the numbers.

    Raises:
        ValueError: Numbers of this kind are not read.
    """
    return _dtype_of(storage).itemsize


def _dtype_of(storage: Storage) -> torch.dtype:
    if storage.kind not in _DTYPES:
        raise ValueError(f'it has numbers of an unknown kind, {storage.kind[:50]}')
    return _DTYPES[storage.kind]


class StoredTensors:
    """The numbers of a file, of which tensors are made as the pickle describes them.

    Args:
        numbers (Mapping[str, Tensor]): The bytes of the storages, by key.
        device (str | torch.device): Where the tensors go. Defaults to ``'cpu'``.
    """

    def __init__(
        self, numbers: Mapping[str, Tensor], device: str | torch.device = 'cpu'
    ) -> None:
        self._numbers = numbers
        self._device = device
        self._flat: dict[Storage, Tensor] = {}
        stored = sum(map(len, numbers.values()))
        self._left = _SHARING * stored + _SMALL

    def find(self, node: Any) -> Tensor | None:
        """Make the tensor that a node describes.

        Args:
            node (Any): A part of a description.

        Returns:
            Tensor | None: A view of the file's numbers; None where the node describes
            no tensor.

        Raises:
            ValueError: The tensor does not fit its storage, or all of them together
                are larger than the file allows.
        """
        if not isinstance(node, Inert):
            return None
        if node.path in PARAMETERS:
            return self.find(node.args[0])
        if node.path not in TENSORS:
            return None
        storage, offset, size, stride = node.args[:4]
        _check(storage, offset, size, stride)
        self._left -= math.prod(size) * width_of(storage)
        if self._left < 0:
            raise ValueError('its tensors are together far larger than the file')
        return self._vector(storage).as_strided(size, stride, offset)

    def _vector(self, storage: Storage) -> Tensor:
        """Read a storage's numbers."""
        if storage not in self._flat:
            content = self._numbers.get(storage.key, torch.empty(0, dtype=torch.uint8))
            dtype = _dtype_of(storage)
            if len(content) != storage.size * dtype.itemsize:
                raise ValueError('a storage has not the length that it should')
            self._flat[storage] = content.view(dtype).to(self._device)
        return self._flat[storage]


def _check(storage: Any, offset: Any, size: Any, stride: Any) -> None:
    """Refuse a tensor that reaches beyond its numbers or repeats them."""
    shape = (size, stride)
    if not isinstance(storage, Storage) or not all(isinstance(s, tuple) for s in shape):
        raise ValueError('a tensor is not described as torch describes it')
    if not all(_is_count(n) for n in (offset, *size, *stride)) or len(size) > 64:
        raise ValueError('a tensor has sizes that are none')
    if len(size) != len(stride):
        raise ValueError('a tensor has sizes that are none')
    count = math.prod(size)
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if count > storage.size or (count and last >= storage.size):
        raise ValueError('a tensor is larger than its storage')


def _is_count(number: Any) -> bool:
    return type(number) is int and 0 <= number < 2**62


def device_of(map_location: Any) -> str | torch.device:
    """Return where tensors go.

    Args:
        map_location (Any): As mmengine passes it to loaders.

    Returns:
        str | torch.device: The device named; the CPU where none is.
    """
    named = isinstance(map_location, str | torch.device)
    return map_location if named else 'cpu'
