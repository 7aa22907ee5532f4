"""Reading a checkpoint without letting it run code.

``torch.load(weights_only=True)`` builds nothing but tensors and plain containers.
Files written by plain mmengine also carry ``HistoryBuffer`` objects and numpy scalars
(the logged losses), so exactly these are allowed here, and nothing that calls further.
"""

import _codecs
import pickle
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

# What a HistoryBuffer pickles as `getattr(HistoryBuffer, name)`.
_STATISTICS = ('min', 'max', 'mean', 'current')
_DTYPES = ('?', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'f2', 'f4', 'f8')


class CheckpointError(Exception):
    """A checkpoint cannot be used; the message says why and what to do."""


class UnsafeCheckpointError(CheckpointError, pickle.UnpicklingError):
    """The checkpoint asks for something that could run code; it was not loaded."""


class UnreadableCheckpointError(CheckpointError, ValueError):
    """The file is no checkpoint, or a damaged one."""


def _stand_in(path: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function so that torch finds the wrapper under the pickled path.

    torch looks allowed callables up by module and name; its newer way, a tuple with
    the path, does not exist in torch 2.4. A wrapper also takes names that a function
    written in C does not.
    """

    def call(*args: Any) -> Any:
        return function(*args)

    call.__module__, call.__name__ = path.rsplit('.', 1)
    call.__qualname__ = call.__name__
    return call


def _statistic(owner: Any, name: Any) -> Any:
    """Stand in for ``getattr``, which would open every attribute of every object."""
    if owner is HistoryBuffer and name in _STATISTICS:
        return getattr(HistoryBuffer, name)
    raise pickle.UnpicklingError(f'getattr({owner!r}, {name!r}) is not allowed')


def _allowed_globals() -> list[Any]:
    """List what a file of plain mmengine needs, written under numpy 1 or 2."""
    dtypes = {type(np.dtype(code)) for code in _DTYPES}
    allowed = [HistoryBuffer, np.ndarray, np.dtype, *dtypes, _codecs.encode]
    allowed.append(_stand_in('builtins.getattr', _statistic))
    # The functions that numpy's own pickles call, under both of their addresses.
    numpy_calls: dict[str, Any] = {
        '_reconstruct': np.empty(0).__reduce__()[0],
        'scalar': np.float64(0).__reduce__()[0],
    }
    for module in ('numpy._core.multiarray', 'numpy.core.multiarray'):
        for name, function in numpy_calls.items():
            allowed.append(_stand_in(f'{module}.{name}', function))
    return allowed


_ALLOWED = _allowed_globals()


@contextmanager
def _allow(allowed: list[Any]) -> Iterator[None]:
    """Extend torch's list for one load (``safe_globals`` is missing in torch 2.4)."""
    before = torch.serialization.get_safe_globals()
    torch.serialization.add_safe_globals(allowed)
    try:
        yield
    finally:
        torch.serialization.clear_safe_globals()
        torch.serialization.add_safe_globals(before)


def _refused(message: str) -> str | None:
    """Name what torch refused, or None where the bytes are no pickle at all."""
    if 'Unsupported operand' in message:
        return None
    for pattern in (
        r'GLOBAL ([\w.]+)',
        r'(getattr\(.*\)) is not allowed',
        r'WeightsUnpickler error:\s*(.+)',
    ):
        if found := re.search(pattern, message):
            return found.group(1)
    return None


def _unreadable(path: str | PathLike, reason: str) -> UnreadableCheckpointError:
    return UnreadableCheckpointError(
        f'{path} cannot be read as a checkpoint: {reason}. Where the file is damaged, '
        'incomplete or was not written by torch.save, fetch or write it again.'
    )


def _unsafe(path: str | PathLike, refused: str) -> UnsafeCheckpointError:
    # Whoever allows a function allows every call of it.
    advice = (
        ' Where you know the type and the file, allow that one type before loading: '
        'torch.serialization.add_safe_globals([TYPE]).'
    )
    return UnsafeCheckpointError(
        f'{path} was refused, and nothing of it was run: it is not only weights, it '
        f'asks for {refused}. Ask its author for a file of tensors, written by '
        "torch.save({'state_dict': model.state_dict()}, FILE)."
        + (advice if _is_class(refused) else '')
    )


def _is_class(name: str) -> bool:
    """Whether a full name is a class's, as far as known without importing anything."""
    module, _, attribute = name.rpartition('.')
    return isinstance(getattr(sys.modules.get(module), attribute, None), type)


def load_safely(path: str | PathLike, map_location: Any = None) -> Any:
    """Load a checkpoint file with ``weights_only=True`` on every version of torch.

    Args:
        path (str | PathLike): A file written by ``torch.save``.
        map_location (Any): As of :func:`torch.load`. Defaults to None.

    Returns:
        Any: The content: tensors, plain containers and ``HistoryBuffer`` objects.

    Raises:
        UnsafeCheckpointError: The file carries code; it is named, and nothing of the
            file was run.
        UnreadableCheckpointError: The file is no checkpoint, or a damaged one.
    """
    try:
        with _allow(_ALLOWED):
            return torch.load(path, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        refused = _refused(str(error))
    except (RuntimeError, EOFError) as error:
        reason = (str(error) or 'it ends too early').strip().splitlines()[0]
        raise _unreadable(path, reason.rstrip('.')) from error
    # Outside the handler, because torch's own text advises `weights_only=False`.
    if refused is None:
        raise _unreadable(path, 'it holds no pickled data')
    raise _unsafe(path, refused)
