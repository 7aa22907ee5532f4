"""Reading a checkpoint without letting it run code."""

from os import PathLike
from pathlib import Path
from typing import Any

from mmreid.engine.checkpoints.damage import check_numbers, damage_of
from mmreid.engine.checkpoints.foreign.foreign_weights import read_weights
from mmreid.engine.checkpoints.foreign.pickle_files import open_pickle
from mmreid.engine.checkpoints.foreign.plain_values import ALLOWED, PlainValues
from mmreid.engine.checkpoints.foreign.recognition import converter_hint
from mmreid.engine.checkpoints.foreign.stored_tensors import StoredTensors, device_of
from mmreid.errors import (
    CheckpointError,
    UnreadableCheckpointError,
    UnsafeCheckpointError,
)

__all__ = [
    'CheckpointError',
    'UnreadableCheckpointError',
    'UnsafeCheckpointError',
    'load_safely',
    'read_plain',
]


def load_safely(path: str | PathLike, map_location: Any = None) -> Any:
    """Load what ``torch.save`` wrote, without torch's unpickler or any other.

    The pickle in the file is described (:mod:`.foreign`), and plain values are made of
    the description. The checksums in the file are compared, and nothing is made that
    is larger than the file.

    Args:
        path (str | PathLike): A file written by ``torch.save``, of any version from
            0.4.
        map_location (Any): A device or its name; anything else means the CPU.
            Defaults to None.

    Returns:
        Any: The content: tensors, numbers, text, containers, arrays of numbers and
        ``HistoryBuffer`` objects; single numbers of numpy become python's.

    Raises:
        UnsafeCheckpointError: The file carries more than that; it is named, and so is
            the tool that converts the weights beside it. Nothing of the file was run.
        UnreadableCheckpointError: The file is no checkpoint, or a damaged one.
        OSError: There is no such file, or the disk does not give it.
    """
    try:
        with damage_of(path):
            content = read_plain(path, map_location)
    except UnsafeCheckpointError as error:
        if not (hint := _hint_of(path)):
            raise
        raise UnsafeCheckpointError(f'{error}{hint}') from None
    check_numbers(content, path)
    return content


def read_plain(path: str | PathLike, map_location: Any = None) -> Any:
    """Read what ``torch.save`` wrote, of which its reader tells what is wrong.

    Args:
        path (str | PathLike): As of :func:`load_safely`.
        map_location (Any): As of :func:`load_safely`. Defaults to None.

    Returns:
        Any: As of :func:`load_safely`; NaN is left in it.

    Raises:
        RefusedContentError: The file carries more than that; ``str(error)`` names what.
        OSError: There is no such file, or the disk does not give it.
        Exception: Whatever a damaged file leads to.
    """
    with Path(path).open('rb') as file:
        content = open_pickle(file, ALLOWED)
        tensors = StoredTensors(content.numbers, device_of(map_location))
        return PlainValues(tensors).make(content.root)


def _hint_of(path: str | PathLike) -> str:
    """Name the converter of the weights in a refused file."""
    try:
        return converter_hint(read_weights(path).tensors, path)
    except CheckpointError:
        return ''
