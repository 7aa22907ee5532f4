"""What goes into galleries and is looked for in them: pictures, and features."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mmreid.apis.inference.records import Failure
from mmreid.apis.inferencer import ReIDInferencer
from mmreid.evaluation.features import read_arrays
from mmreid.evaluation.features.file import to_features
from mmreid.evaluation.features.names import as_text
from mmreid.search import BaseGallery


class Vectors(NamedTuple):
    """Vectors with what is known of them.

    Attributes:
        vectors (np.ndarray): ``(N, D)``.
        paths (list[str]): Of each row; ``''`` where unknown.
        labels (dict[str, list]): As :meth:`mmreid.search.BaseGallery.add` takes them.
        model_key (str): Key of the model that made them.
        failures (tuple[Failure, ...]): What gave none.
    """

    vectors: np.ndarray
    paths: list[str]
    labels: dict[str, list[Any]]
    model_key: str
    failures: tuple[Failure, ...] = ()


def embed_pictures(
    inferencer: ReIDInferencer, sources: Sequence[str], progress: Any = None
) -> Vectors:
    """Compute vectors of pictures.

    Args:
        inferencer (ReIDInferencer): The model.
        sources (Sequence[str]): Pictures, folders, patterns.
        progress (Callable, optional): As of :class:`ReIDInferencer`.

    Returns:
        Vectors: Without labels.
    """
    made = inferencer([*sources], progress=progress)
    return Vectors(made.vectors, made.paths, {}, made.model_key, made.failures)


def read_features(path: Path, half: str = 'all') -> Vectors:
    """Read vectors and labels of a features file.

    Args:
        path (Path): As of :func:`mmreid.evaluation.functional.load_features`; labels
            may be missing.
        half (str): ``'query'``, ``'gallery'`` or ``'all'``. Defaults to ``'all'``.

    Returns:
        Vectors: Those of the file.

    Raises:
        ValueError: The file does not tell the model.
    """
    arrays, meta = read_arrays(path)
    features = to_features(arrays, meta, str(path), partial=True)
    key = (features.meta.get('features_key') or {}).get('model')
    if not key:
        raise ValueError(
            f'{path} does not tell by which model its vectors were made '
            '(features_key); write it with "mmreid embed" or "mmreid test".'
        )
    rows = dict(query=features.is_query, gallery=~features.is_query)
    chosen = rows.get(half, np.ones(len(features.is_query), bool))
    labels = {
        f'{kind}s': _named(arrays, kind, numbers)[chosen].tolist()
        for kind, numbers in dict(
            person=features.person_id, camera=features.cam_id
        ).items()
    }
    paths = features.img_path[chosen].tolist()
    return Vectors(np.asarray(features.embedding)[chosen], paths, labels, key)


def _named(
    arrays: Mapping[str, np.ndarray], kind: str, numbers: np.ndarray
) -> np.ndarray:
    """Return the names that stand beside numbers, or these; None below zero."""
    names = arrays.get(f'{kind}_name')
    words = numbers.astype(str) if names is None else as_text(names)
    # Those below zero are unknown.
    named = words.astype(object)
    named[numbers < 0] = None
    return named


def model_words(gallery: BaseGallery) -> list[str]:
    """Return the words of a gallery's model, and of its checkpoint.

    Args:
        gallery (BaseGallery): Whose ``model_name`` was written for the command line.

    Returns:
        list[str]: One or two.
    """
    return shlex.split(gallery.model_name)
