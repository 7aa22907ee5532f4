"""What a config's test does to a picture before a network sees it."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor

from mmreid.data_loaders import list_loaders
from mmreid.registry import TRANSFORMS


def test_transform(cfg: Config) -> Callable[[str | Path | np.ndarray], Tensor]:
    """Build what a config's test set does to a picture before the data preprocessor.

    Args:
        cfg (Config): Config with a test pipeline.

    Returns:
        Callable: A file, or a picture ``(H, W, 3)`` in uint8 BGR, to ``(3, H', W')``.
    """
    init_default_scope(cfg.get('default_scope', 'mmreid'))
    transforms = [TRANSFORMS.build(t) for t in first_test_set(cfg).pipeline]

    def run(picture: str | Path | np.ndarray) -> Tensor:
        results: dict[str, Any] = dict(gt_label=-1)
        if isinstance(picture, np.ndarray):  # as a cache holds it
            results.update(img=picture, img_path='')
        else:
            results.update(img_path=str(Path(picture).expanduser()))
        for transform in transforms:
            results = transform(results)
        return results['inputs']

    return run


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
        prepare = test_transform(cfg)
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
