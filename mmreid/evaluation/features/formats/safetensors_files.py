"""Files ending in .safetensors, mapped into memory."""

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


def check_safetensors() -> None:
    """Check that the package safetensors is installed.

    Raises:
        ImportError: It is not.
    """
    if importlib.util.find_spec('safetensors') is None:
        raise ImportError(
            'A .safetensors file needs the package safetensors: pip install '
            'safetensors, or use .npz.'
        )


def write_safetensors(path: Path, arrays: Mapping[str, np.ndarray], meta: str) -> None:
    """Write a .safetensors file; strings become rows of UTF-8 bytes.

    Args:
        path (Path): File to write.
        arrays (Mapping[str, np.ndarray]): Arrays by name.
        meta (str): A string, written as the file's metadata ``meta``.

    Raises:
        ImportError: The package safetensors is not installed.
        OSError: The file cannot be written.
    """
    check_safetensors()
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    plain = {name: _as_bytes(array) for name, array in arrays.items()}
    # The package makes files that nobody else may read.
    path.touch()
    mode = path.stat().st_mode
    try:
        save_file(plain, str(path), metadata=dict(meta=meta))
    except SafetensorError as error:
        # The package tells the system's errors in words of its own.
        number = re.search(r'os error (\d+)', str(error))
        raise OSError(int(number[1]) if number else 0, str(error)) from error
    path.chmod(mode)


def read_safetensors(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """Map a .safetensors file into memory.

    Args:
        path (Path): The file.

    Raises:
        ImportError: The package safetensors is not installed.
    """
    check_safetensors()
    from safetensors import safe_open

    # Torch tensors view the file, where NumPy's reader would copy it.
    with safe_open(str(path), framework='pt') as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        meta = (file.metadata() or {}).get('meta', '{}')
    return {name: as_numpy(tensor) for name, tensor in tensors.items()}, meta


def as_numpy(tensor: Tensor) -> np.ndarray:
    """View a tensor as an array; NumPy has no bfloat16, float32 has its values."""
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()


def _as_bytes(array: np.ndarray) -> np.ndarray:
    """Return strings as rows of UTF-8 bytes, filled up with zeros."""
    if array.dtype.kind != 'U':
        return np.ascontiguousarray(array)
    encoded = np.char.encode(array, 'utf-8', 'surrogateescape')
    return np.frombuffer(encoded.tobytes(), np.uint8).reshape(
        len(array), encoded.dtype.itemsize
    )
