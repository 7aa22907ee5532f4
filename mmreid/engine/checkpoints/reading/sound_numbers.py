"""Numbers with which a network can compute."""

from collections.abc import Iterator
from os import PathLike
from typing import Any

from torch import Tensor

from mmreid.engine.checkpoints.errors import UnreadableCheckpointError

# Where a checkpoint holds the numbers that a network or its training goes on with.
_PARTS = ('state_dict', 'ema_state_dict', 'optimizer')


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
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise UnreadableCheckpointError(
                f'{path} holds NaN or infinite numbers in {name[:200]}: a network with '
                'them answers nothing else. Take an earlier checkpoint.'
            )


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
