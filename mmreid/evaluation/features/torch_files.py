"""Tensors of torch.save, read without running anything of the file."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmreid.evaluation.features.damage import FeaturesFileError, check_size
from mmreid.evaluation.features.nesting import flatten
from mmreid.evaluation.features.safetensors_files import as_numpy


def read_torch(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """Read a tensor, or a dict of tensors, numbers and lists.

    Args:
        path: A file of torch.save since version 1.6, which is a zip archive. What
            older versions wrote is refused: it cannot be bounded, and torch itself has
            run code from it (CVE-2025-32434).

    Returns:
        The arrays by their key; a single tensor under the file's own name.

    Raises:
        FeaturesFileError: Another kind of file or content, something that would have
            to be run, or tensors that take much more memory than the file has bytes.
    """
    if not zipfile.is_zipfile(path):
        raise FeaturesFileError(
            f'{path} is no file of torch.save since version 1.6; load it where it '
            'comes from and save it anew as a dict of tensors.'
        )
    with zipfile.ZipFile(path) as archive:
        check_size(path, sum(info.file_size for info in archive.infolist()))
        # torch itself does not compare the sums that it has written.
        if (damaged := archive.testzip()) is not None:
            raise FeaturesFileError(
                f'{path} is damaged: {damaged} has not the checksum that it was '
                'written with.'
            )
    try:
        content = torch.load(path, map_location='cpu', weights_only=True)
    except Exception as error:
        # torch's own text advises to run the file.
        raise FeaturesFileError(
            f'{path} must be whole and hold nothing but tensors, numbers, lists and '
            f'dicts, but torch refused it ({_reason(error)}); nothing was run. Write '
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
    tensors = [value for value in flat.values() if isinstance(value, Tensor)]
    # A tensor may show few numbers of the file many times.
    check_size(path, sum(tensor.numel() * tensor.itemsize for tensor in tensors))
    arrays = {name: _as_array(value) for name, value in flat.items()}
    return {name: array for name, array in arrays.items() if array is not None}, '{}'


def _as_array(value: Any) -> np.ndarray | None:
    """Return a value as an array; None for what is none."""
    if isinstance(value, Tensor):
        return as_numpy(value.detach().resolve_conj().resolve_neg())
    plain = value if isinstance(value, list | tuple) else [value]
    if not plain or not isinstance(plain[0], int | float | str):
        return None
    kind = str if isinstance(plain[0], str) else int | float
    if not all(isinstance(item, kind) for item in plain):
        return None
    return np.array(value)


def _reason(error: Exception) -> str:
    """Say what torch named, in a line."""
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if 'WeightsUnpickler error' in line]
    return (told or lines or [''])[0].rstrip('.') or type(error).__name__
