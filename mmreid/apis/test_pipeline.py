"""What a config's test does to a picture before a network sees it."""

import copy
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor

from mmreid.data_loaders import list_loaders
from mmreid.datasets.transforms import LoadImage
from mmreid.registry import TRANSFORMS


class TestPipeline:
    """What a config's test set does to a picture before the data preprocessor.

    It keeps nothing between pictures, so that several threads may call it at once.

    Args:
        cfg (Config): Config with a test pipeline.
    """

    # Not a class of tests, whatever pytest thinks of its name.
    __test__ = False

    def __init__(self, cfg: Config) -> None:
        init_default_scope(cfg.get('default_scope', 'mmreid'))
        self._transforms = [TRANSFORMS.build(t) for t in first_test_set(cfg).pipeline]
        # What reads; one of our own where another step does.
        own = (step for step in self._transforms if isinstance(step, LoadImage))
        self._load = copy.copy(next(own, None) or LoadImage())
        self._load.to_float32 = self._load.ignore_empty = False

    def __call__(self, picture: str | Path | np.ndarray) -> Tensor:
        """Prepare a picture.

        Args:
            picture (str | Path | np.ndarray): A file, or a picture ``(H, W, 3)`` in
                uint8 BGR, which is left as it is.

        Returns:
            Tensor: ``(3, H', W')``.
        """
        results: dict[str, Any] = dict(gt_label=-1)
        if isinstance(picture, np.ndarray):  # as a cache holds it
            results.update(img=picture, img_path='')
        else:
            results.update(img_path=str(Path(picture).expanduser()))
        for transform in self._transforms:
            results = transform(results)
        return results['inputs']

    def read(self, path: str | Path) -> np.ndarray:
        """Read a picture as the pipeline does, and leave it at that.

        Args:
            path (str | Path): The file.

        Returns:
            np.ndarray: ``(H, W, 3)`` uint8 BGR.

        Raises:
            OSError: It cannot be read.
        """
        return self._load(dict(img_path=str(Path(path).expanduser())))['img']


def input_size(cfg: Config) -> tuple[int, int]:
    """Find the height and width of what the test pipeline makes of a picture.

    Of a list of test data sets, the first one's pipeline counts.

    Args:
        cfg (Config): Config with a test pipeline.

    Returns:
        tuple[int, int]: Height and width.

    Raises:
        ValueError: The config has no test pipeline.
    """
    try:
        prepare = TestPipeline(cfg)
    except (AttributeError, IndexError) as error:
        raise ValueError(
            'The picture size comes from test_dataloader.dataset.pipeline, which this '
            'config does not have; state the size.'
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        # The name of a picture of Market-1501, which a pipeline may read.
        path = Path(folder, '0001_c1s1_000001_00.png')
        cv2.imwrite(str(path), np.zeros((128, 64, 3), np.uint8))
        height, width = prepare(path).shape[-2:]
    return height, width


def first_test_set(cfg: Config) -> Config:
    """Return the config of the test set, of several the first one.

    Args:
        cfg (Config): Config with a test set.

    Returns:
        Config: Its ``dataset``.
    """
    return list_loaders(cfg, 'test_dataloader')[0].dataset
