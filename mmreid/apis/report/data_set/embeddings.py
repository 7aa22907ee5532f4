"""Vectors of a data set's pictures, from a model or from a file."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmreid.apis.inferencer import ReIDInferencer
from mmreid.apis.report.data_set.listed_pictures import ListedPictures
from mmreid.evaluation.features.file import load_features


@dataclass(frozen=True, eq=False)
class PictureVectors:
    """Vectors of some of the pictures.

    Attributes:
        vectors: ``(n, D)``, of pictures that have one.
        indices: ``(n,)`` int64 into the listed pictures, ascending.
        source: What they were made by, a line.
        trained_on: What that was trained on, as results tell it; None where nothing
            tells.
    """

    vectors: np.ndarray
    indices: np.ndarray
    source: str
    trained_on: str | None

    def describe(self) -> str:
        """Tell in a line what they are."""
        trained = self.trained_on or 'unknown'
        return (
            f'{self.source}, {self.vectors.shape[1]} components; trained on: {trained}'
        )


def compute_vectors(
    listed: ListedPictures,
    inferencer: ReIDInferencer,
    progress: Callable[[int, int], None] | None = None,
) -> PictureVectors:
    """Compute the vectors of all pictures.

    Args:
        listed (ListedPictures): The pictures.
        inferencer (ReIDInferencer): The model.
        progress (Callable, optional): Called with pictures done and in all.
            Defaults to None.

    Raises:
        ValueError: No picture can be read.
    """
    result = inferencer([str(path) for path in listed.path], progress=progress)
    if not len(result):
        raise ValueError(
            f'None of the {len(listed)} pictures could be embedded: '
            f'{result.failures[0] if result.failures else "there is none"}.'
        )
    indices = np.array([source.index for source in result.sources], np.int64)
    return PictureVectors(result.vectors, indices, result.name, inferencer.trained_on)


def read_vectors(listed: ListedPictures, path: str | os.PathLike) -> PictureVectors:
    """Take the vectors of pictures from a features file, whatever it has beside them.

    A picture is found by the end of its path, so that the data set may lie elsewhere.

    Args:
        listed (ListedPictures): The pictures.
        path (str | os.PathLike): What ``mmreid embed`` or ``mmreid test`` has written.

    Raises:
        ValueError: It tells no paths, or none of these pictures.
    """
    features = load_features(path, partial=True)
    rows = _rows_by_name(listed, features.img_path)
    found = [(i, rows[n]) for i, n in enumerate(listed.name) if n in rows]
    if not found:
        raise ValueError(
            f"{os.fspath(path)} must hold vectors of pictures below the data set's "
            f'folder, such as {listed.name[0]!r}, but tells of none; write it with '
            'mmreid embed MODEL FOLDER --out FILE.'
        )
    indices, places = np.array(found, np.int64).T
    meta = features.meta
    return PictureVectors(
        vectors=np.asarray(features.embedding)[places],
        indices=indices,
        source=_describe(path, meta),
        trained_on=meta.get('trained_on'),
    )


def _rows_by_name(listed: ListedPictures, paths: np.ndarray) -> dict[str, int]:
    """Find the row of each picture by the longest end of its path that is one."""
    names = set(listed.name)
    deepest = max(name.count('/') for name in names) + 1
    rows: dict[str, int] = {}
    for row, path in enumerate(paths):
        pieces = str(path).replace('\\', '/').split('/')
        ends = ('/'.join(pieces[-n:]) for n in range(deepest, 0, -1))
        if (end := next((e for e in ends if e in names), None)) is not None:
            rows.setdefault(end, row)
        elif str(path) in names:
            rows.setdefault(str(path), row)
    return rows


def _describe(path: str | os.PathLike, meta: Mapping[str, Any]) -> str:
    model = meta.get('model')
    return os.path.basename(path) + (f' by {model}' if isinstance(model, str) else '')
