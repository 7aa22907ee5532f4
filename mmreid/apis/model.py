"""From a config and a checkpoint to a network that embeds pictures."""

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.model import BaseModel
from mmengine.registry import init_default_scope

from mmreid.apis.model_names.config_paths import find_config
from mmreid.engine import (
    Checkpoint,
    expand_home,
    fill_num_classes,
    load_config,
    load_weights,
)
from mmreid.registry import MODELS


def init_model(
    config: str | Path | Config,
    checkpoint: str | Path | None = None,
    device: str | torch.device = 'cpu',
) -> BaseModel:
    """Build a config's network for inference.

    Args:
        config (str | Path | Config): The config, or what :func:`find_config` takes.
        checkpoint (str | Path, optional): Weights, of any number of training
            identities; without them the network is initialised as for training.
            Where the config does not say how many identities there are, the
            classifiers, of which no embedding needs any, are the checkpoint's, or for
            as many as the training data set is known to have; for own pictures there
            are none then. Defaults to None.
        device (str | torch.device): Where to put it. Defaults to ``'cpu'``.

    Returns:
        BaseModel: The network in evaluation mode, its data preprocessor included. Its
        parameters are frozen, so that embeddings keep no graph, and it remembers its
        config as ``cfg``, for :func:`mmreid.apis.embed`.

    Raises:
        ValueError: The config file cannot be read, or something in it is read by
            nothing.
        CheckpointError: The checkpoint cannot be read, or lacks weights that an
            embedding needs, see :func:`mmreid.engine.load_weights`.
    """
    if not isinstance(config, Config):
        config = load_config(find_config(config))
    init_default_scope(config.get('default_scope', 'mmreid'))
    weights = None
    if checkpoint is not None:
        weights = Checkpoint(expand_home(checkpoint))
    needed = {key: config.get(key) for key in ('model', 'train_dataloader')}
    filled = Config(copy.deepcopy(needed))
    fill_num_classes(filled, weights)
    cfg = filled.model.to_dict()
    cfg.setdefault('data_preprocessor', config.get('data_preprocessor'))
    if weights is not None:  # replace the pretrained trunk: do not fetch that
        cfg['backbone'].pop('init_cfg', None)
    model = MODELS.build(cfg)
    model.cfg = config
    if weights is None:
        with _quiet():
            model.init_weights()
    else:
        load_weights(model, weights)
    return model.to(device).eval().requires_grad_(False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back mmengine's line per parameter, which a Runner's log file takes."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
