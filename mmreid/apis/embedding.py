"""Pictures of any size to embeddings, as a test makes them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmreid.apis.model import check_model
from mmreid.apis.test_pipeline import TestPipeline

Source = str | Path | np.ndarray


def embed(model: Any, pictures: Sequence[Source], batch_size: int = 64) -> Tensor:
    """Compute the embeddings that ``tools/test.py`` would compare.

    Every picture goes through the test pipeline of the model's config (it is resized)
    and the data preprocessor, so that its embedding depends on no other picture.

    Args:
        model (Any): Network of :func:`mmreid.apis.init_model`.
        pictures (Sequence[str | Path | np.ndarray]): Files, or crops ``(H, W, 3)`` of
            any size in uint8, blue-green-red, 0 to 255, as ``cv2.imread`` gives them.
        batch_size (int): Pictures that the network sees at once. Defaults to 64.

    Returns:
        Tensor: Embeddings ``(N, D)`` on the CPU, in the order of the pictures, without
        a gradient; ``(0, D)`` where there is no picture.

    Raises:
        TypeError: The pictures are no list of such.
        ValueError: A picture is an array of another kind, ``batch_size`` is less
            than 1, or the model does not come from ``init_model`` or is in training
            mode.
        OSError: A file cannot be read.
    """
    check_model(model)
    if batch_size < 1:
        raise ValueError(f'batch_size must be at least 1, got {batch_size}.')
    if not isinstance(pictures, list | tuple):
        raise TypeError(
            'pictures must be a list of files and arrays, got '
            f'{type(pictures).__name__}; put a single picture in brackets.'
        )
    for index, picture in enumerate(pictures):
        _check_picture(index, picture)
    prepare = TestPipeline(model.cfg)
    # Of an empty list the width is found with a black picture.
    shown = pictures or [np.zeros((64, 32, 3), np.uint8)]
    vectors = []
    for start in range(0, len(shown), batch_size):
        inputs = [prepare(picture) for picture in shown[start : start + batch_size]]
        with torch.no_grad():
            samples = model.test_step(dict(inputs=torch.stack(inputs)))
        vectors += [sample.embedding.cpu() for sample in samples]
    return torch.stack(vectors)[: len(pictures)]


def _check_picture(index: int, picture: Any) -> None:
    """Refuse what is no picture before anything is computed."""
    if isinstance(picture, str | Path):
        if not Path(picture).is_file():
            raise FileNotFoundError(
                f'pictures[{index}] must be a file, got {str(picture)!r}, where there '
                'is none.'
            )
        return
    if not isinstance(picture, np.ndarray):
        raise TypeError(
            f'pictures[{index}] must be a file or an array (height, width, 3), got '
            f'{type(picture).__name__}.'
        )
    fits = picture.ndim == 3 and picture.shape[2] == 3 and picture.size
    if picture.dtype != np.uint8 or not fits:
        raise ValueError(
            f'pictures[{index}] must be an array (height, width, 3) of uint8, '
            f'blue-green-red, 0 to 255; got {picture.dtype} {picture.shape}. Multiply '
            'values of 0 to 1 by 255, and convert with .astype(numpy.uint8).'
        )
