"""From a config and a checkpoint to a network that embeds pictures."""

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.model import BaseModel
from mmengine.registry import init_default_scope

from mmreid.apis.weights import load_named
from mmreid.engine import (
    Checkpoint,
    expand_home,
    fill_num_classes,
    load_config,
    load_weights,
)
from mmreid.engine.config_files import apply_options
from mmreid.registry import MODELS


def init_model(
    config: str | Path | Config | None = None,
    checkpoint: str | Path | None = None,
    device: str | torch.device = 'cpu',
    pretrained: bool = False,
    weights_file: str | Path | None = None,
    accept_licence: bool = False,
) -> BaseModel:
    """Build a config's network for inference.

    Args:
        config (str | Path | Config, optional): The config, or what :func:`find_config`
            takes: its path or a model's name. Defaults to None, the config that a
            checkpoint of the converters names.
        checkpoint (str | Path, optional): Weights, of any number of training
            identities, or the name of a model whose weights are published; without
            them the network is initialised as for training.
            Where the config does not say how many identities there are, the
            classifiers, of which no embedding needs any, are the checkpoint's, or for
            as many as the training data set is known to have; for own pictures there
            are none then. Defaults to None.
        device (str | torch.device): Where to put it. Defaults to ``'cpu'``.
        pretrained (bool): Take the weights that are published of the model that
            ``config`` names. They are fetched once, after a line on stderr of what
            they may be used for, and converted. Defaults to False.
        weights_file (str | Path, optional): Take this file for them, as its program
            has written it, or converted. Defaults to None.
        accept_licence (bool): You have the agreement that some weights need before
            their use. Defaults to False.

    Returns:
        BaseModel: The network in evaluation mode, its data preprocessor included. Its
        parameters are frozen, so that embeddings keep no graph, and it remembers its
        config as ``cfg``, for :func:`mmreid.apis.embed`.

    Raises:
        ValueError: The config file cannot be read, or something in it is read by
            nothing.
        CheckpointError: The checkpoint cannot be read, or lacks weights that an
            embedding needs, see :func:`mmreid.engine.load_weights`; there is no model
            of a name, or its weights cannot be had.
    """
    weights = None
    if isinstance(config, Config):
        if pretrained or weights_file is not None:
            raise ValueError(
                "config must be a model's name beside pretrained or weights_file, got "
                'a Config; give the name for checkpoint.'
            )
        if checkpoint is not None:
            weights = Checkpoint(expand_home(checkpoint))
        cfg = config
    else:
        named = load_named(config, checkpoint, pretrained, weights_file, accept_licence)
        cfg, weights = load_config(named.config), named.checkpoint
        apply_options(cfg, named.options)
    init_default_scope(cfg.get('default_scope', 'mmreid'))
    model = _build(cfg, weights)
    model.cfg = cfg
    if weights is None:
        with _quiet():
            model.init_weights()
    else:
        load_weights(model, weights)
    return model.to(device).eval().requires_grad_(False)


def _build(config: Config, weights: Checkpoint | None) -> Any:
    """Build a network, with as many classifiers as config or weights say."""
    needed = {key: config.get(key) for key in ('model', 'train_dataloader')}
    filled = Config(copy.deepcopy(needed))
    fill_num_classes(filled, weights)
    cfg = filled.model.to_dict()
    cfg.setdefault('data_preprocessor', config.get('data_preprocessor'))
    if weights is not None:  # replace the pretrained trunk: do not fetch that
        cfg['backbone'].pop('init_cfg', None)
    return MODELS.build(cfg)


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
