"""Tensors of torch.save, read without running anything of the file."""

from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from mmreid.errors import RefusedContentError
from mmreid.evaluation.features.formats.damage import FeaturesFileError, text_array
from mmreid.evaluation.features.formats.nesting import flatten
from mmreid.evaluation.features.formats.safetensors_files import as_numpy


def read_torch(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """Read a tensor, or a dict of tensors, arrays, numbers and lists.

    Args:
        path (Path): A file of torch.save, of any version from 0.4. Torch's own reader
            is not used: a few bytes let it reserve gigabytes or hash for hours.

    Returns:
        The arrays by their key; a single tensor under the file's own name.

    Raises:
        FeaturesFileError: Another kind of file or content, something that would have
            to be run, or tensors that take much more memory than the file has bytes.
    """
    # It takes mmengine, which no other format does.
    from mmreid.engine.checkpoints.safe_loading import read_plain

    try:
        content = read_plain(path)
    except RefusedContentError as error:
        raise FeaturesFileError(
            f'{path} must hold nothing but tensors, arrays, numbers, lists and dicts, '
            f'but asks for {error}; nothing was run. Write '
            'torch.save({name: torch.as_tensor(array), ...}, FILE).'
        ) from None
    if isinstance(content, Tensor):
        content = {path.stem: content}
    if not isinstance(content, dict):
        raise FeaturesFileError(
            f'{path} must hold a tensor or a dict of them, but holds a '
            f'{type(content).__name__}.'
        )
    flat = flatten({str(key): value for key, value in content.items()})
    arrays = {name: _as_array(value) for name, value in flat.items()}
    return {name: array for name, array in arrays.items() if array is not None}, '{}'


def _as_array(value: Any) -> np.ndarray | None:
    """Return a value as an array; None for what is none."""
    if isinstance(value, Tensor):
        return as_numpy(value)
    if isinstance(value, np.ndarray):
        return value
    plain = value if isinstance(value, list | tuple) else [value]
    if not plain or not isinstance(plain[0], int | float | str):
        return None
    kind = str if isinstance(plain[0], str) else int | float
    if not all(isinstance(item, kind) for item in plain):
        return None
    return text_array(value) if kind is str else np.array(value)
