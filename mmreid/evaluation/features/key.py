"""A key that says what embeddings were computed from."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import PurePath

import numpy as np
import torch
from torch import Tensor

from mmreid.evaluation.test_set import Features


def hash_weights(state_dict: Mapping[str, Tensor]) -> str:
    """Hash the names, dtypes, shapes and values of a model's tensors.

    Args:
        state_dict (Mapping[str, Tensor]): Tensors by name, on any device; their order
            does not matter.

    Returns:
        64 hexadecimal digits of SHA-256.
    """
    digest = hashlib.sha256()
    for name in sorted(state_dict):
        tensor = state_dict[name].detach().cpu().contiguous()
        digest.update(f'{name} {tensor.dtype} {tuple(tensor.shape)}\n'.encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def hash_text(text: str) -> str:
    """Hash a text, such as the part of a config that embeddings depend on."""
    return hashlib.sha256(text.encode()).hexdigest()


def hash_records(features: Features) -> str:
    """Hash the records of a data set: paths, persons, cameras, queries or not.

    Paths count from the folder that all share, so that a data set has one key wherever
    it lies. The pictures themselves are not read.

    Args:
        features (Features): Of the data set, in its order.

    Returns:
        64 hexadecimal digits of SHA-256.
    """
    digest = hashlib.sha256()
    digest.update('\n'.join(below_common_folder(features.img_path)).encode())
    known = [features.person_id, features.cam_id, features.is_query]
    if features.tracklet_id is not None:
        known.append(features.tracklet_id)
    for labels in known:
        digest.update(np.ascontiguousarray(labels, '<i8').data)
    return digest.hexdigest()


def features_key(
    weights: str, config: str, data: str, model: str | None = None
) -> dict[str, str]:
    """Join three hashes to a key.

    Args:
        weights (str): From :func:`hash_weights`.
        config (str): From :func:`hash_text`.
        data (str): From :func:`hash_records`.
        model (str, optional): The key of a model that has one already, such as an
            exported file. Defaults to None: that of weights and config.

    Returns:
        Plain Python: ``weights``, ``config``, ``data``, ``model`` (of the first two,
        for what holds on any data, such as a threshold) and ``features`` (of all).
    """
    model = model or hash_text(f'{weights} {config}')
    return dict(
        weights=weights,
        config=config,
        data=data,
        model=model,
        features=hash_text(f'{model} {data}'),
    )


def below_common_folder(paths: np.ndarray) -> list[str]:
    """Return paths without the folder that all of them lie in.

    Args:
        paths (np.ndarray): ``(N,)`` strings; relative and absolute ones may be mixed,
            and are then returned as they are.
    """
    names = [str(path).replace('\\', '/') for path in paths]
    if len(names) < 2 or len({name.startswith('/') for name in names}) > 1:
        return names
    folder = os.path.commonpath([os.path.dirname(name) or '.' for name in names])
    if folder in ('', '.'):
        return names
    return [PurePath(name).relative_to(folder).as_posix() for name in names]
