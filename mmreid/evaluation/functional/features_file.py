"""Embeddings with their labels, and the file that keeps them."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

_DTYPES = {'person_id': np.int64, 'cam_id': np.int64, 'is_query': np.bool_}


@dataclass(frozen=True, eq=False)
class Features:
    """Embeddings of a test set, queries and gallery together.

    Attributes:
        embedding: ``(N, D)`` float32.
        person_id: ``(N,)`` int64; 0 is a distractor, -1 junk.
        cam_id: ``(N,)`` int64.
        is_query: ``(N,)`` bool.
        img_path: ``(N,)`` unicode, where each image was read.
        meta: Plain Python: what the embeddings were made of, and their scores if
            known.

    Raises:
        ValueError: Arrays of different lengths.
    """

    embedding: np.ndarray
    person_id: np.ndarray
    cam_id: np.ndarray
    is_query: np.ndarray
    img_path: np.ndarray
    meta: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in ARRAYS}
        if len(set(lengths.values())) > 1 or self.embedding.ndim != 2:
            raise ValueError(
                'Features need embeddings (N, D) and one entry per embedding in every '
                f'other array, but the embeddings are {self.embedding.shape} and the '
                f'lengths are {lengths}'
            )

    def ranking_inputs(self) -> tuple[np.ndarray, ...]:
        """Return what ``evaluate_ranking`` and ``top_ranks`` take by position.

        Query and gallery embeddings, their persons, their cameras. Queries that
        stand before the gallery, as ``DumpEmbeddings`` writes them, are views.
        """
        num_query = int(self.is_query.sum())
        halves: tuple[slice | np.ndarray, slice | np.ndarray]
        if self.is_query[:num_query].all():
            halves = slice(0, num_query), slice(num_query, None)
        else:
            halves = self.is_query, ~self.is_query
        arrays = (self.embedding, self.person_id, self.cam_id)
        return tuple(array[half] for array in arrays for half in halves)


ARRAYS = ('embedding', 'person_id', 'cam_id', 'is_query', 'img_path')


def save_features(path: str | os.PathLike, features: Features) -> None:
    """Write a features file; an interrupted write leaves no half file behind.

    Args:
        path: File name ending in ``.npz``; missing folders are made.
        features: What to write.

    Raises:
        ValueError: Another file ending.
    """
    target = check_features_path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    # The process id keeps two writers of one file from mixing their halves.
    unfinished = target.with_name(f'.{target.name}.{os.getpid()}.unfinished')
    arrays = {name: getattr(features, name) for name in ARRAYS}
    try:
        with unfinished.open('wb') as file:
            np.savez(file, allow_pickle=False, meta=json.dumps(features.meta), **arrays)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def load_features(path: str | os.PathLike) -> Features:
    """Read a features file, also one written by another program.

    Args:
        path: An ``.npz`` file with the arrays ``embedding``, ``person_id``,
            ``cam_id``, ``is_query`` and ``img_path``, and with ``meta``, a JSON
            string, which may be missing. Pickled objects are refused.

    Raises:
        ValueError: A missing array, labels that are not whole numbers, or arrays of
            different lengths.
    """
    with np.load(path, allow_pickle=False) as file:
        missing = [name for name in ARRAYS if name not in file]
        if missing:
            raise ValueError(
                f'{os.fspath(path)} is no features file: it lacks {missing} and has '
                f'{file.files}'
            )
        arrays = {name: file[name] for name in ARRAYS}
        meta = json.loads(str(file['meta'])) if 'meta' in file else {}
    for name, dtype in _DTYPES.items():
        if arrays[name].dtype.kind not in 'iub':
            raise ValueError(
                f'{name} in {os.fspath(path)} must hold whole numbers or truth '
                f'values, but is {arrays[name].dtype}'
            )
        arrays[name] = arrays[name].astype(dtype)
    return Features(**arrays, meta=meta)


def check_features_path(path: str | os.PathLike) -> Path:
    """Return the path of a features file to write.

    Raises:
        ValueError: The name does not end in ``.npz``.
    """
    target = Path(path)
    if target.suffix != '.npz':
        raise ValueError(
            f'A features file is an .npz file, but the name given is {os.fspath(path)}'
        )
    return target
