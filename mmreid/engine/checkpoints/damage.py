"""What is wrong with a checkpoint: the checks of every reader."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from typing import Any

from torch import Tensor

from mmreid.engine.checkpoints.file_kinds import kind_of
from mmreid.errors import (
    CheckpointError,
    RefusedContentError,
    UnreadableCheckpointError,
    UnsafeCheckpointError,
)

# What seeking to a place that a damaged file names leads to.
_BY_DAMAGE = (errno.EINVAL, errno.EOVERFLOW)
# Where a checkpoint holds the numbers that a network or its training goes on with.
_PARTS = ('state_dict', 'ema_state_dict', 'optimizer')


@contextmanager
def damage_of(path: str | PathLike) -> Iterator[None]:
    """Turn whatever a damaged file leads to into one error that names the file.

    Errors of the disk are none of the file's content, and pass.

    Args:
        path (str | PathLike): The file that is read inside.

    Yields:
        None: Inside, the file is read.

    Raises:
        UnreadableCheckpointError: The content cannot be read.
        UnsafeCheckpointError: The content asks for more than data.
        OSError: The disk does not give the file.
    """
    try:
        yield
    except (CheckpointError, MemoryError):
        raise
    except RefusedContentError as error:
        raise UnsafeCheckpointError(
            f'{path} was refused, and nothing of it was run: it is not only weights, '
            f'it asks for {str(error)[:200]}. Ask its author for a file of tensors, '
            "written by torch.save({'state_dict': model.state_dict()}, FILE)."
        ) from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in _BY_DAMAGE:
            raise
        raise UnreadableCheckpointError(
            f'{path} cannot be read as a checkpoint: {_reason(path, error)}. Where '
            'the file is damaged, incomplete or was not written by torch.save, fetch '
            'or write it again.'
        ) from error


def _reason(path: str | PathLike, error: Exception) -> str:
    """Tell what a file is instead, or what its reader has stumbled over."""
    if kind := kind_of(path):
        return f'it is {kind}'
    reason = str(error).strip().partition('\n')[0].rstrip('.')
    return reason[:200] or type(error).__name__


def check_numbers(content: Any, path: str | PathLike) -> None:
    """Refuse weights and states of optimizers that hold NaN or infinite numbers.

    Args:
        content (Any): The content of a file.
        path (str | PathLike): The file, for the message.

    Raises:
        UnreadableCheckpointError: Some do; a network with them answers NaN.
    """
    parts = content if isinstance(content, dict) else {}
    if 'state_dict' in parts:
        parts = {key: parts[key] for key in _PARTS if key in parts}
    for name, tensor in _tensors(parts):
        if tensor.is_floating_point() and not _is_finite(tensor):
            raise UnreadableCheckpointError(
                f'{path} holds NaN or infinite numbers in {name[:200]}: a network with '
                'them answers nothing else. Take an earlier checkpoint.'
            )


def _is_finite(tensor: Tensor) -> bool:
    """Tell whether all numbers are finite."""
    # A sum keeps NaN and infinity, and takes no memory; it may also overflow.
    return bool(tensor.sum().isfinite()) or bool(tensor.isfinite().all())


def _tensors(content: Any, prefix: str = '') -> Iterator[tuple[str, Tensor]]:
    """Find all tensors in containers, which hold none of themselves."""
    if isinstance(content, Tensor):
        yield prefix, content
    elif isinstance(content, dict):
        for key, value in content.items():
            yield from _tensors(value, f'{prefix}.{key}'.removeprefix('.'))
    elif isinstance(content, list | tuple):
        for index, value in enumerate(content):
            yield from _tensors(value, f'{prefix}.{index}')
