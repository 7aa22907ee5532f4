"""Vectors of somebody's own pictures, computed once and kept in a file."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mmreid.apis.adaptation.folder import OwnPictures
from mmreid.apis.adaptation.options import AdaptOptions
from mmreid.apis.embedding_files import EmbeddingFile, embed_to_file
from mmreid.apis.embedding_files.work import FileWork
from mmreid.apis.inferencer import ReIDInferencer
from mmreid.datasets.reading.file_names import quote_first
from mmreid.evaluation.features.file import load_features


class Embedded(NamedTuple):
    """Vectors, and how long they took.

    Attributes:
        vectors: ``(N, D)`` float32, a row for each picture.
        seconds: For a picture; NaN where they were there before.
    """

    vectors: np.ndarray
    seconds: float


def embed_pictures(
    pictures: OwnPictures,
    network: Any,
    out: Path,
    options: AdaptOptions,
    progress: Callable[[int, int], Any] | None = None,
) -> Embedded:
    """Compute the vectors of all pictures, or read those that the file has.

    Work that was stopped goes on where it was; whose vectors they are is for the work
    folder's settings to say.

    Args:
        pictures (OwnPictures): The pictures.
        network (Any): A network of :func:`mmreid.apis.init_model`, or a checkpoint that
            tells its config.
        out (Path): The ``.npz`` file.
        options (AdaptOptions): Has ``device`` and ``batch_size``.
        progress (Callable, optional): Called with pictures done and in all.
            Defaults to None.

    Raises:
        ValueError: Pictures cannot be read.
        KeyboardInterrupt: With what is kept.
    """
    seconds = np.nan
    if not out.is_file():
        inferencer = ReIDInferencer(
            network, device=options.device, batch_size=options.batch_size
        )
        work = FileWork([str(path) for path in pictures.path])
        file = EmbeddingFile(out.with_suffix('.unfinished.npz'), work, inferencer)
        started = time.monotonic()
        found = embed_to_file(file, progress=progress)
        if done := len(pictures) - found.kept:
            seconds = (time.monotonic() - started) / done
        if found.failures:
            file.out.unlink()
            _refuse(len(pictures), [failure.source for failure in found.failures])
        file.out.replace(out)
    vectors = np.asarray(load_features(out, partial=True).embedding)
    return Embedded(vectors, seconds)


def _refuse(number: int, unread: list[str]) -> None:
    """Raise for pictures that would end the training that reads them."""
    raise ValueError(
        f'{len(unread):,} of {number:,} pictures cannot be read: '
        f'{quote_first(unread)}; a training would end at each of them. Repair or '
        'remove them, or name the others in a table (column path).'
    )
