"""Pictures to look at: a file, a folder or queries, and what a network is fed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor

from mmreid.apis.test_pipeline import TestPipeline, first_test_set
from mmreid.datasets.reading.file_names import SUFFIXES
from mmreid.registry import DATASETS
from mmreid.visualization import read_picture


class Picture(NamedTuple):
    """A picture to look at.

    Attributes:
        path: Its file.
        caption: What is known of it.
    """

    path: Path
    caption: str

    def read(self) -> np.ndarray:
        """Read it, ``(H, W, 3)`` uint8 BGR.

        Raises:
            FileNotFoundError: It cannot be read.
        """
        return read_picture(self.path)


def find_pictures(
    cfg: Config, source: str | Path | None = None, count: int = 8
) -> list[Picture]:
    """Choose pictures.

    Args:
        cfg (Config): Config with a test set, whose queries are meant without a source.
        source (str | Path, optional): A picture, or a folder of pictures, whose
            subfolders are not searched. Defaults to None.
        count (int): How many at most; of more they are taken at equal steps, always
            the same ones. Defaults to 8.

    Returns:
        list[Picture]: In the order of their names, queries in that of the test set.

    Raises:
        ValueError: ``count`` is less than 1, or the test set has no query.
        FileNotFoundError: There is no such picture, or none in the folder.
    """
    if count < 1:
        raise ValueError(f'count must be at least 1, got {count}.')
    pictures = _queries(cfg) if source is None else _files(Path(source))
    steps = np.linspace(0, len(pictures) - 1, min(count, len(pictures)))
    return [pictures[round(step)] for step in steps]


def prepare_pictures(cfg: Config, model: Any, paths: Sequence[str | Path]) -> Tensor:
    """Lead pictures through the test pipeline and the data preprocessor.

    Args:
        cfg (Config): Config with a test pipeline.
        model (Any): Network with its data preprocessor, see :func:`init_model`.
        paths (Sequence[str | Path]): Files.

    Returns:
        Tensor: ``(N, 3, H, W)``, where the network is.
    """
    prepare = TestPipeline(cfg)
    inputs = torch.stack([prepare(path) for path in paths])
    return model.data_preprocessor(dict(inputs=inputs))['inputs']


def _queries(cfg: Config) -> list[Picture]:
    """List the queries of the test set."""
    init_default_scope(cfg.get('default_scope', 'mmreid'))
    # Nothing of it is loaded here, so nothing is to be cached.
    dataset = DATASETS.build({**first_test_set(cfg), 'pipeline': [], 'cache': None})
    records = [dataset.get_data_info(index) for index in range(len(dataset))]
    pictures = [
        Picture(Path(r['img_path']), f'id {r["person_id"]}  c{r["cam_id"]}')
        for r in records
        if r['is_query']
    ]
    if not pictures:
        raise ValueError('The test set has no query; name a picture or a folder.')
    return pictures


def _files(source: Path) -> list[Picture]:
    """List a picture, or those of a folder."""
    if not source.is_dir():
        picture = Picture(source, source.name)
        picture.read()
        return [picture]
    paths = sorted(p for p in source.iterdir() if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise FileNotFoundError(
            f'There is no picture in {source}; they end in {", ".join(SUFFIXES)}.'
        )
    return [Picture(path, path.name) for path in paths]
