"""The file that keeps embeddings with their labels, in two formats."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mmreid.evaluation.functional.array_files import (
    READERS,
    WRITERS,
    check_safetensors,
)
from mmreid.evaluation.functional.array_names import find_arrays
from mmreid.evaluation.functional.features import Features

_DTYPES = {
    'person_id': np.int64,
    'cam_id': np.int64,
    'clothes_id': np.int64,
    'is_query': np.bool_,
}


def save_features(path: str | os.PathLike, features: Features) -> None:
    """Write a features file; an interrupted write leaves no half file behind.

    Args:
        path: File name ending in ``.npz`` or ``.safetensors``; missing folders are
            made.
        features: What to write.

    Raises:
        ValueError: Another file ending.
        ImportError: ``.safetensors`` without the package of that name.
    """
    target = check_features_path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    # The process id keeps two writers of one file from mixing their halves.
    unfinished = target.with_name(f'.{target.name}.{os.getpid()}.unfinished')
    try:
        WRITERS[target.suffix](unfinished, features.arrays(), json.dumps(features.meta))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def load_features(path: str | os.PathLike, *, num_query: int | None = None) -> Features:
    """Read a features file, also one written by another program.

    The embeddings are mapped into memory, not read, wherever the file allows it: files
    of :func:`save_features` and of safetensors do, and so do uncompressed ``.npz``
    files whose data happen to be aligned. Changing the array does not change the file.

    Args:
        path: An ``.npz``, ``.safetensors`` or (MATLAB 5 to 7.2) ``.mat`` file. Files of
            :func:`save_features` hold ``embedding``, ``person_id``, ``cam_id``,
            ``is_query``, ``img_path``, where known ``clothes_id``, and ``meta``, a
            JSON string. Other programs' names are understood: ``features`` or
            ``feat``, ``pids``, ``camids``, ``img_paths``, ...; and separate arrays for
            query and gallery, such as ``qf, gf, q_pids, g_pids, q_camids, g_camids``.
            Paths may be missing. Pickled objects are refused.
        num_query: How many of the first rows are queries, for a file that does not
            tell. Defaults to None.

    Raises:
        ValueError: A missing array, labels that are not whole numbers, or arrays of
            different lengths.
        ImportError: ``.safetensors`` without the package of that name.
    """
    source = Path(path)
    if source.suffix not in READERS:
        raise ValueError(
            f'A features file ends in one of {sorted(READERS)}, but the name given is '
            f'{source}'
        )
    arrays, meta = READERS[source.suffix](source)
    try:
        found = find_arrays(arrays, num_query)
    except ValueError as error:
        raise ValueError(f'{source} is no features file: {error}') from error
    return Features(**_checked(found, source), meta=json.loads(meta))


def check_features_path(path: str | os.PathLike) -> Path:
    """Return the path of a features file to write.

    Raises:
        ValueError: The name does not end in ``.npz`` or ``.safetensors``.
        ImportError: ``.safetensors`` without the package of that name.
    """
    target = Path(path)
    if target.suffix not in WRITERS:
        raise ValueError(
            'A features file is a .safetensors or an .npz file, but the name given is '
            f'{os.fspath(path)}'
        )
    if target.suffix == '.safetensors':
        check_safetensors()
    return target


def _checked(arrays: Mapping[str, np.ndarray], source: Path) -> dict[str, np.ndarray]:
    """Return the arrays in our dtypes."""
    checked = dict(arrays)
    for name, dtype in _DTYPES.items():
        if name not in arrays:
            continue
        if arrays[name].dtype.kind not in 'iub':
            raise ValueError(
                f'{name} in {source} must hold whole numbers or truth values, but is '
                f'{arrays[name].dtype}'
            )
        checked[name] = arrays[name].astype(dtype)
    return checked
