"""The formats in which arrays are read and written, by the ending of the file."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from mmreid.evaluation.features.formats.damage import FeaturesFileError, damage_in
from mmreid.evaluation.features.formats.hdf5 import read_hdf5
from mmreid.evaluation.features.formats.mat import read_mat
from mmreid.evaluation.features.formats.npz import read_npy, read_npz, write_npz
from mmreid.evaluation.features.formats.safetensors_files import (
    read_safetensors,
    write_safetensors,
)
from mmreid.evaluation.features.formats.tables import read_csv, read_parquet
from mmreid.evaluation.features.formats.torch_files import read_torch
from mmreid.files import check_file

# Arrays by name, and a JSON string about them.
Contents = tuple[dict[str, np.ndarray], str]

READERS: dict[str, Callable[[Path], Contents]] = {
    '.npz': read_npz,
    '.safetensors': read_safetensors,
    '.mat': read_mat,
    '.h5': read_hdf5,
    '.hdf5': read_hdf5,
    '.pt': read_torch,
    '.pth': read_torch,
    '.npy': read_npy,
    '.csv': read_csv,
    '.parquet': read_parquet,
}
WRITERS: dict[str, Callable[[Path, Mapping[str, np.ndarray], str], None]] = {
    '.npz': write_npz,
    '.safetensors': write_safetensors,
}
_PICKLES = ('.pkl', '.pickle', '.joblib')


def read_arrays(path: Path) -> Contents:
    """Read all arrays of a file, under the names that they have in it.

    Args:
        path (Path): A file with one of the endings of ``READERS``.

    Returns:
        The arrays, matrices of floats mapped into memory where that is possible, and
        a JSON string about them, ``'{}'`` where the file has none.

    Raises:
        OSError: The file cannot be read.
        FeaturesFileError: Another ending, damage, Python objects, or arrays that take
            much more memory than the file has bytes.
        ImportError: The package that reads the format is not installed.
    """
    ending = path.suffix.lower()
    if ending in _PICKLES:
        raise FeaturesFileError(
            f'{path} is a pickle, which is a program and is not run. Write its arrays '
            'with numpy.savez(FILE.npz, name=array, ...).'
        )
    if ending not in READERS:
        raise FeaturesFileError(
            f'A features file ends in one of {sorted(READERS)}, but the name given is '
            f'{path}; results (.json) are for compare_results.py.'
        )
    with damage_in(check_file(path)):
        return READERS[ending](path)


def read_array(path: Path, name: str) -> np.ndarray:
    """Read one array from a file that holds one, or one of that name.

    Args:
        path (Path): As of :func:`read_arrays`.
        name (str): Of the array, where the file holds several.

    Raises:
        FeaturesFileError: As :func:`read_arrays`, or the file holds several arrays and
            none is called so.
    """
    arrays, _ = read_arrays(path)
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    if name not in arrays:
        raise FeaturesFileError(
            f'{path} must hold one array, or one called {name!r}, but holds '
            f'{sorted(arrays)}.'
        )
    return arrays[name]
