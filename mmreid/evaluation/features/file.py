"""The file that keeps embeddings with their labels."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.evaluation.features import (
    WRITERS,
    FeaturesFileError,
    check_safetensors,
    read_array,
    read_arrays,
)
from mmreid.evaluation.features.names import find_arrays
from mmreid.evaluation.test_set import Features
from mmreid.files import parse_json, whole_file

_DTYPES = {
    'person_id': np.int64,
    'cam_id': np.int64,
    'clothes_id': np.int64,
    'tracklet_id': np.int64,
    'is_query': np.bool_,
}
# Further whole numbers exist, but float64 tells no two neighbours apart.
_LARGEST_WHOLE = 2.0**53


def save_features(path: str | os.PathLike, features: Features) -> None:
    """Write a features file; an interrupted write leaves no half file behind.

    Args:
        path (str | os.PathLike): File name ending in ``.npz`` or ``.safetensors``;
            missing folders are made.
        features (Features): What to write.

    Raises:
        ValueError: Another file ending.
        OSError: The file cannot be written; the message names it.
        ImportError: ``.safetensors`` without the package of that name.
    """
    target = check_features_path(path)
    with whole_file(target) as unfinished:
        WRITERS[target.suffix](unfinished, features.arrays(), json.dumps(features.meta))


def load_features(
    path: str | os.PathLike | None = None,
    *,
    num_query: int | None = None,
    files: Mapping[str, str | os.PathLike] | None = None,
    cameras: bool = True,
    partial: bool = False,
) -> Features:
    """Read a features file, also one written by another program.

    The embeddings are mapped into memory, not held, wherever the file allows it: files
    of :func:`save_features` and of safetensors do, and so do uncompressed ``.npz``
    files whose data happen to be aligned. The checksum of an ``.npz`` file is compared
    first. Changing the array does not change the file.

    Args:
        path (str | os.PathLike, optional): An ``.npz``, ``.safetensors``, ``.mat`` (of
            any version), ``.h5``, ``.pt``, ``.csv`` or ``.parquet`` file. Files of
            :func:`save_features` hold ``embedding``, ``person_id``, ``cam_id``,
            ``is_query``, ``img_path``, where known ``clothes_id``, ``tracklet_id`` and
            ``time``, and ``meta``, a JSON string. Other programs' names are understood:
            ``features`` or ``feat``, ``pids``, ``camids``, ``img_paths``, ...; and
            separate arrays for query and gallery, such as ``qf, gf, q_pids, g_pids,
            q_camids, g_camids``. Paths may be missing. Pickled objects are
            refused. Defaults to None: all arrays are in ``files``.
        num_query (int, optional): How many of the first rows are queries, for a file
            that does not tell. Defaults to None.
        files (Mapping[str, str | os.PathLike], optional): Further files, one an array,
            by the name of the array; they come before what ``path`` holds under that
            name. Defaults to None.
        cameras (bool): False for data without cameras: each picture counts as one of
            its own, and only a query's own picture is ignored. Defaults to True.
        partial (bool): Take a file that tells less, as ``mmreid embed`` writes them:
            persons and cameras that are missing are -1, unknown, and where nothing
            tells queries all is gallery. Defaults to False: the file must tell them.

    Raises:
        ValueError: A missing array, labels that are not whole numbers, arrays of
            different lengths, damage, or arrays that take much more memory than their
            file has bytes.
        OSError: A file cannot be read.
        ImportError: A package that reads the format is not installed.
    """
    arrays, meta = read_arrays(Path(path)) if path is not None else ({}, '{}')
    for name, file in (files or {}).items():
        arrays[name] = read_array(Path(file), name)
    sources = [path, *(files or {}).values()]
    source = ', '.join(str(file) for file in sources if file is not None)
    return to_features(
        arrays, meta, source, num_query, cameras=cameras, partial=partial
    )


def to_features(
    arrays: Mapping[str, np.ndarray],
    meta: str,
    source: str,
    num_query: int | None = None,
    *,
    cameras: bool = True,
    partial: bool = False,
) -> Features:
    """Make features of the arrays of a file.

    Args:
        arrays (Mapping[str, np.ndarray]): By the names in the file.
        meta (str): What the file tells of them, a JSON object.
        source (str): The file, for errors.
        num_query (int, optional): As of :func:`load_features`.
        cameras (bool): As of :func:`load_features`. Defaults to True.
        partial (bool): As of :func:`load_features`. Defaults to False.

    Returns:
        Features: With the arrays that :func:`load_features` tells of.

    Raises:
        ValueError: As of :func:`load_features`.
    """
    try:
        known = find_arrays(arrays, num_query, cameras=cameras, partial=partial)
        meta_values = _read_meta(meta)
        if not cameras:
            meta_values['cameras'] = False
        return Features(**_checked(known), meta=meta_values)
    except ValueError as error:
        raise FeaturesFileError(
            f'{source} cannot be read as features: {error}'
        ) from error


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
            f'{os.fspath(path)}.'
        )
    if target.suffix == '.safetensors':
        check_safetensors()
    return target


def _read_meta(text: str) -> dict[str, Any]:
    """Read what a file tells of its features."""
    meta = parse_json(text, 'its meta')
    if not isinstance(meta, dict):
        raise ValueError(f'its meta must be a JSON object, got {text[:40]!r}.')
    if not isinstance(meta.get('features_key') or {}, dict):
        raise ValueError('its meta must hold features_key as an object, or not at all.')
    return meta


def _checked(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays in our dtypes."""
    checked = dict(arrays)
    for name, dtype in _DTYPES.items():
        if name in arrays:
            checked[name] = _whole_numbers(arrays[name], name).astype(dtype)
    if 'time' in arrays:
        checked['time'] = _numbers(arrays['time'])
    kind = arrays['embedding'].dtype
    if kind.kind != 'f' or kind.itemsize > 8:
        raise ValueError(
            f'embeddings must be float16, float32 or float64, got {kind}; convert '
            'them where they are written.'
        )
    return checked


def _numbers(times: np.ndarray) -> np.ndarray:
    """Return times as float64, NaN where one is not known."""
    if times.dtype.kind not in 'iuf' or times.ndim != 1 or np.isinf(times).any():
        raise ValueError(
            'time must hold finite numbers (N,), NaN where one is not known, got '
            f'{times.dtype} of shape {times.shape}.'
        )
    return times.astype(np.float64)


def _whole_numbers(labels: np.ndarray, name: str) -> np.ndarray:
    """Refuse labels that are no whole numbers, or too large; MATLAB has 3.0 for 3."""
    if labels.dtype.kind not in 'iubf' or labels.ndim != 1:
        raise ValueError(
            f'{name} must hold whole numbers or truth values (N,), got '
            f'{labels.dtype} of shape {labels.shape}.'
        )
    wrong = np.zeros(labels.shape, bool)
    if labels.dtype.kind == 'f':
        wrong = ~(np.abs(labels) <= _LARGEST_WHOLE) | (labels != np.rint(labels))
    elif labels.dtype.kind == 'u':
        wrong = labels > np.iinfo(np.int64).max
    if name == 'is_query':
        wrong |= (labels != 0) & (labels != 1)
    if wrong.any():
        first = int(wrong.argmax())
        raise ValueError(
            f'{name} must hold whole numbers (is_query 0 or 1), but entry {first} is '
            f'{labels[first]}.'
        )
    return labels
