"""What a checkpoint may hold beside tensors: plain values, judged by their structure.

Every value is made here from its description: containers, numbers and text of
exactly python's types, arrays of numbers, mmengine's ``HistoryBuffer``. Nothing comes
out that has attributes of the file's choosing, so that no later ``value.get(...)`` can
mean more than it says.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

from mmreid.engine.checkpoints.foreign.descriptions import (
    PARAMETERS,
    SETS,
    TENSORS,
    Inert,
    Name,
    Storage,
    key_of,
)
from mmreid.engine.checkpoints.foreign.stored_tensors import StoredTensors
from mmreid.errors import RefusedContentError

# Deeper nests and larger numbers end the python of whoever reads them on.
_DEEPEST, _MOST_VALUES, _WIDEST_NUMBER = 60, 1_000_000, 128
_DTYPES = ('b1', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'f2', 'f4', 'f8')
_NUMPY = [f'numpy.{core}.multiarray' for core in ('core', '_core')]
_SCALARS = {f'{module}.scalar' for module in _NUMPY}
_ARRAYS = {f'{module}._reconstruct' for module in _NUMPY}
_HISTORY = 'mmengine.logging.history_buffer.HistoryBuffer'
# What a HistoryBuffer pickles as `getattr(HistoryBuffer, name)`.
_STATISTICS = ('min', 'max', 'mean', 'current')
_TORCH_DTYPES = {
    str(value): value
    for value in vars(torch).values()
    if isinstance(value, torch.dtype)
}
# Names that are values themselves. Of its own methods, which pickles of protocol 4 name
# directly, a HistoryBuffer needs none.
_NAMED = {
    **_TORCH_DTYPES,
    **{f'{_HISTORY}.{name}': None for name in _STATISTICS},
}
# What the pickle of a checkpoint may name; all else is refused at its first mention.
ALLOWED = {
    *TENSORS,
    *PARAMETERS,
    *SETS,
    *_SCALARS,
    *_ARRAYS,
    *_NAMED,
    # Of these, only the kinds with numbers that weights have are read.
    *(f'torch.{name}' for name in dir(torch) if name.endswith('Storage')),
    _HISTORY,
    'collections.OrderedDict',
    'collections.Counter',
    'torch.Size',
    'torch.device',
    'numpy.ndarray',
    'numpy.dtype',
    '_codecs.encode',
    'builtins.bytes',
    'builtins.getattr',
}


class PlainValues:
    """Makes the values of a description.

    Args:
        tensors (StoredTensors): Makes the tensors in it.
    """

    def __init__(self, tensors: StoredTensors) -> None:
        self._tensors = tensors
        self._made: dict[int, tuple[Any, int]] = {}
        self._count = 0

    def make(self, node: Any, depth: int = 0) -> Any:
        """Make a value and all that is in it.

        Args:
            node (Any): A description, which must live as long as this object.
            depth (int): How deep it lies in the whole. Defaults to 0.

        Returns:
            Any: The value.

        Raises:
            RefusedContentError: It is, or holds, something with attributes.
            ValueError: It is nested too deeply, holds itself, or is far larger
                written out than in the file.
        """
        if depth > _DEEPEST:
            raise ValueError('it is nested too deeply, or holds itself')
        if id(node) in self._made:
            value, size = self._made[id(node)]
            self._grow(size)
            return value
        before = self._count
        self._grow(1)
        value = self._of(node, depth + 1)
        self._made[id(node)] = value, self._count - before
        return value

    def _grow(self, size: int) -> None:
        """Count values as often as whoever walks through all meets them."""
        self._count += size
        if self._count > _MOST_VALUES:
            raise ValueError('it repeats its parts too often')

    def _of(self, node: Any, depth: int) -> Any:
        if node is None or isinstance(node, bool | float | str | bytes):
            return node
        if isinstance(node, int):
            if node.bit_length() > _WIDEST_NUMBER:
                raise ValueError(f'it has a number of {node.bit_length()} bits')
            return node
        if isinstance(node, dict):
            return self._dict(node, depth)
        if isinstance(node, list):
            return [self.make(part, depth) for part in node]
        if isinstance(node, set):
            return {key_of(self.make(part, depth)) for part in node}
        if isinstance(node, tuple) and not isinstance(node, Storage):
            return tuple(self.make(part, depth) for part in node)
        if isinstance(node, Name) and node.path in _NAMED:
            return _NAMED[node.path]
        if isinstance(node, Inert):
            return self._object(node, depth)
        raise RefusedContentError(_describe(node))

    def _dict(self, node: dict[Any, Any], depth: int) -> dict[Any, Any]:
        return {
            key_of(self.make(key, depth)): self.make(value, depth)
            for key, value in node.items()
        }

    def _object(self, node: Inert, depth: int) -> Any:
        tensor = self._tensors.find(node)
        if tensor is not None:
            return tensor
        make = _OBJECTS.get(node.path)
        if make is None:
            raise RefusedContentError(_describe(node))
        return make(self, node, depth)

    def _ordered(self, node: Inert, depth: int) -> OrderedDict:
        if node.args not in ((), ([],)):
            raise RefusedContentError('an OrderedDict made of other things')
        # torch numbers the layouts of its modules' weights in this one. It is let go:
        # none has had two since 2018.
        if node.state is not None and set(node.state) != {'_metadata'}:
            raise RefusedContentError('an OrderedDict with attributes')
        return OrderedDict(self._dict(node.items, depth))

    def _counter(self, node: Inert, depth: int) -> Counter:
        content = self.make(node.args[0] if node.args else {}, depth)
        if not isinstance(content, dict) or node.state is not None:
            raise RefusedContentError('a Counter made of other things')
        return Counter({**content, **self._dict(node.items, depth)})

    def _set(self, node: Inert, depth: int) -> set:
        return set(map(key_of, self.make(node.args[0], depth) if node.args else ()))

    def _size(self, node: Inert, depth: int) -> torch.Size:
        return torch.Size(self.make(node.args[0], depth))

    def _device(self, node: Inert, depth: int) -> torch.device:
        return torch.device(*self.make(node.args, depth))

    def _bytes(self, node: Inert, depth: int) -> bytes:
        """Make bytes, which pickles of protocol 2 hold as text to encode."""
        match node.args:
            case (str(text), 'latin1'):
                return text.encode('latin1')
        raise RefusedContentError('an encoding of text')

    def _no_bytes(self, node: Inert, depth: int) -> bytes:
        """Make no bytes: in pickles of protocol 2, a call without arguments."""
        if node.args or node.state is not None:
            raise RefusedContentError('bytes made of other things')
        return b''

    def _number(self, node: Inert, depth: int) -> Any:
        dtype, raw = node.args
        values = np.frombuffer(self.make(raw, depth), _dtype(dtype))
        if len(values) != 1:
            raise ValueError('it has a number that is none')
        return values[0].item()

    def _array(self, node: Inert, depth: int) -> np.ndarray:
        match node.args, node.state:
            case (Name(path='numpy.ndarray'), *_), (_, shape, dtype, fortran, raw):
                content = np.frombuffer(self.make(raw, depth), _dtype(dtype))
                size = self.make(shape, depth)
                return content.reshape(size, order='F' if fortran else 'C').copy()
        raise RefusedContentError('an array of another kind than numbers')

    def _history(self, node: Inert, depth: int) -> HistoryBuffer:
        state = self.make(node.state, depth)
        match state:
            case {
                '_log_history': np.ndarray() as values,
                '_count_history': np.ndarray() as counts,
                'max_length': int(most),
            } if values.ndim == counts.ndim == 1 and most > 0:
                return HistoryBuffer(values, counts, most)
        raise ValueError('it has a HistoryBuffer that mmengine has not written')

    def _statistic(self, node: Inert, depth: int) -> None:
        """Pass over what a HistoryBuffer notes of its own methods."""
        match node.args:
            case (Name() as owner, str(name)):
                if owner.path == _HISTORY and name in _STATISTICS:
                    return
                raise RefusedContentError(f'getattr({owner.path}, {name[:50]!r})')
        raise RefusedContentError('getattr of something')


_OBJECTS: dict[str, Callable[[PlainValues, Inert, int], Any]] = {
    'collections.OrderedDict': PlainValues._ordered,
    'collections.Counter': PlainValues._counter,
    'torch.Size': PlainValues._size,
    'torch.device': PlainValues._device,
    '_codecs.encode': PlainValues._bytes,
    'builtins.bytes': PlainValues._no_bytes,
    'builtins.getattr': PlainValues._statistic,
    _HISTORY: PlainValues._history,
    **dict.fromkeys(SETS, PlainValues._set),
    **dict.fromkeys(_SCALARS, PlainValues._number),
    **dict.fromkeys(_ARRAYS, PlainValues._array),
}


def _dtype(node: Any) -> np.dtype:
    """Make the type of an array's numbers; none of records or objects."""
    if isinstance(node, Inert) and node.path == 'numpy.dtype':
        match node.args, node.state:
            case (str(code), *_), (_, str(order), None, None, None, *_):
                if code in _DTYPES and order in ('<', '>', '|'):
                    return np.dtype(code if order == '|' else order + code)
    raise RefusedContentError('an array or number of another kind than numbers')


def _describe(node: Any) -> str:
    """Name what is refused, shortly."""
    if isinstance(node, Inert | Name):
        return node.path[:200]
    return f'a {type(node).__name__}'
