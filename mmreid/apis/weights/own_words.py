"""What a checkpoint tells of itself: its config, and what changes of it."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmreid.apis.model_names.published_model import PublishedModel
from mmreid.apis.weights.carried_config import read_carried
from mmreid.apis.weights.errors import WrongWeightsError
from mmreid.config_roots import config_roots
from mmreid.engine import Checkpoint, CheckpointError, MissingPackageError

# Of options in a file, whose values become a config: no types, addresses or nests.
_OPTION = re.compile(
    r'(?:model|data_preprocessor|test_evaluator)\.[\w.]+=[\w.,+\-\[\]() ]*'
)
_NOT_IN_OPTION = ('type', 'init_cfg', 'checkpoint')


def options_of(
    weights: Checkpoint, model: PublishedModel | None = None
) -> tuple[str, ...]:
    """Read what a converted checkpoint changes of its config.

    Args:
        weights (Checkpoint): The checkpoint.
        model (PublishedModel | None): Whose weights they should be. Defaults to None.

    Returns:
        tuple[str, ...]: ``KEY=VALUE`` strings; none for a checkpoint of a training.

    Raises:
        WrongWeightsError: It is a trunk to train from, and no model.
    """
    meta = weights.meta
    if meta.get('trunk') is True:
        name = model.name if model else weights.source
        raise WrongWeightsError(
            f'{name} is a trunk to train from, and no model yet: python '
            f'tools/train.py CONFIG --cfg-options '
            f'model.backbone.init_cfg.checkpoint={name}.'
        )
    options = meta.get('options')
    return _plain_options(options if isinstance(options, list | tuple) else ())


def _plain_options(options: Iterable[Any]) -> tuple[str, ...]:
    """Take the options that only change numbers and words of a network.

    A file may be anybody's, and the value of an option might name code to run.
    """
    for option in options:
        key = str(option).partition('=')[0].split('.')
        if not _OPTION.fullmatch(str(option)) or {*key} & {*_NOT_IN_OPTION}:
            raise WrongWeightsError(
                f'The checkpoint changes its config in a way that is none of a '
                f'network: {str(option)[:100]!r}. Give the config yourself.'
            )
    return tuple(map(str, options))


def config_of(weights: Checkpoint) -> Path | Config:
    """Take the config that a checkpoint names, or holds.

    Args:
        weights (Checkpoint): The checkpoint.

    Returns:
        Path | Config: One of mmreid's own configs, of a converted checkpoint; or what a
        training has written into it, see :func:`~.carried_config.read_carried`.

    Raises:
        WrongWeightsError: It tells neither, or more than a file may.
        ConfigFileError: The config in it is more than plain values.
    """
    meta = weights.meta
    name = meta.get('config_file')
    path = _below_configs(name) if isinstance(name, str) else None
    if path is not None:
        return path
    if isinstance(meta.get('cfg'), str):
        return read_carried(meta['cfg'], weights.source, meta.get('experiment_name'))
    raise WrongWeightsError(
        f'{weights.source} does not tell its config, as checkpoints of a training and '
        'converted ones do; give the config that it was trained with.'
    )


def _below_configs(name: str) -> Path | None:
    """Find one of mmreid's own configs; a file may not have others run."""
    for root in config_roots():
        folder = (root / 'configs').resolve()
        path = (folder / name.removeprefix('configs/')).resolve()
        if path.is_file() and folder in path.parents:
            return path
    return None


def is_own(given: Checkpoint) -> bool:
    """Whether a file is a checkpoint of mmreid's, converted or trained.

    Args:
        given (Checkpoint): The file.
    """
    try:
        weights = given.weights
    except MissingPackageError:
        raise
    except CheckpointError:
        return False  # the converters say better what it is
    return any(name.startswith('head.branches.') for name in weights)
