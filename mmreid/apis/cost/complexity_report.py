"""From a config to a table of what its model costs."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmreid.apis.cost.complexity import Cost, count_parts
from mmreid.data_loaders import list_loaders
from mmreid.engine import fill_num_classes
from mmreid.registry import MODELS, TRANSFORMS


def input_size(cfg: Config) -> tuple[int, int]:
    """Find the height and width of what the test pipeline makes of a picture.

    Of a list of test data sets, the first one's pipeline counts.

    Raises:
        ValueError: If the config has no test pipeline.
    """
    try:
        pipeline = list_loaders(cfg, 'test_dataloader')[0].dataset.pipeline
    except (AttributeError, IndexError) as error:
        raise ValueError(
            'the picture size comes from test_dataloader.dataset.pipeline, which this '
            'config does not have; state the size.'
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, '0001_c1s1_000001_00.png'))
        cv2.imwrite(path, np.zeros((128, 64, 3), np.uint8))
        results: dict[str, Any] = dict(img_path=path, gt_label=0)
        for transform in pipeline:
            results = TRANSFORMS.build(transform)(results)
    height, width = results['inputs'].shape[-2:]
    return height, width


def count_config(
    cfg: Config,
    size: tuple[int, int] | None = None,
    training: bool = False,
    pooling: bool = False,
) -> dict[str, Cost]:
    """Count the model of a config, see :func:`count_parts`.

    Args:
        cfg (Config): Config with ``model``. Where it does not say how many identities
            the head classifies, those of the training data are counted, or the number
            is what the data set declares.
        size (tuple[int, int], optional): Height and width of the picture. Defaults to
            None, what the config's test pipeline makes.
        training (bool): See :func:`count_parts`. Defaults to False.
        pooling (bool): See :func:`count_parts`. Defaults to False.

    Returns:
        dict[str, Cost]: The parts' costs by name.

    Raises:
        ValueError: Nothing tells how many identities the head classifies.
    """
    init_default_scope(cfg.get('default_scope', 'mmreid'))
    fill_num_classes(cfg, read_data=True)
    model: Any = MODELS.build(cfg.model)
    if getattr(getattr(model, 'head', None), 'lacks_classifiers', False):
        raise ValueError(
            'model.head.num_classes must be set, as with --cfg-options '
            'model.head.num_classes=751: the training data is not here, and its data '
            'set does not declare how many identities it has.'
        )
    return count_parts(model, size or input_size(cfg), training, pooling)


def format_table(parts: Mapping[str, Cost]) -> str:
    """Lay the counted parts out as a table, millions and billions."""
    width = max(map(len, parts))
    lines = [f'{"part":{width}}  params (M)  MACs (G)  thop-like (G)']
    for name, cost in parts.items():
        lines.append(
            f'{name:{width}}  {cost.params / 1e6:10.3f}  {cost.macs / 1e9:8.3f}  '
            f'{cost.thop_like / 1e9:13.3f}'
        )
    return '\n'.join(lines)
