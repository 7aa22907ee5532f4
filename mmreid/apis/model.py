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

from mmreid.apis.file_models import (
    check_recipe,
    config_of_file,
    is_run_by_file,
    network_config,
)
from mmreid.apis.weights import load_named
from mmreid.deploy import is_exported
from mmreid.deploy.runtimes import open_once
from mmreid.engine import (
    Checkpoint,
    expand_home,
    fill_num_classes,
    load_config,
    load_weights,
)
from mmreid.engine.config_files import apply_options
from mmreid.engine.hooks.channels_last_hook import put_channels_last
from mmreid.registry import MODELS
from mmreid.search import OperatingPoint


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
            takes: its path or a model's name. A checkpoint or an exported file may
            stand here alone. Defaults to None, the config that the checkpoint holds or
            names.
        checkpoint (str | Path, optional): Weights, of any number of training
            identities, or the name of a model whose weights are published; without
            them the network is initialised as for training. Or a file of ``mmreid
            export`` (``.onnx``, ``.xml``, ``.pt2``), which is the network then, on the
            processor.
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
        config as ``cfg``, for :func:`mmreid.apis.embed`, and that of the network alone,
        with the number of classifiers, as ``model_cfg``; and the threshold that
        its weights were published with, or None, as ``operating_point``.

    Raises:
        ValueError: The config file cannot be read, or something in it is read by
            nothing; or an exported file cannot be used, or takes other pictures than
            the config makes.
        ImportError: The runtime of an exported file is not installed.
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
        cfg = config
        if checkpoint is not None and is_exported(checkpoint):
            cfg = config_of_file(open_once(checkpoint), config)
        elif checkpoint is not None:
            weights = Checkpoint(expand_home(checkpoint))
    else:
        named = load_named(config, checkpoint, pretrained, weights_file, accept_licence)
        cfg, weights = load_config(named.config), named.checkpoint
        apply_options(cfg, named.options)
    init_default_scope(cfg.get('default_scope', 'mmreid'))
    if is_run_by_file(cfg):
        return _of_file(cfg, weights, torch.device(device))
    filled = _fill_in(cfg, weights)
    model = _build(cfg, filled, weights)
    # As a test knows it: features files tell the model by both.
    model.cfg, model.model_cfg = cfg, filled.model
    point = None if weights is None else weights.meta.get('operating_point')
    # What the weights were published with, for whoever passes them on.
    model.results = None if weights is None else weights.meta.get('results')
    model.operating_point = None if point is None else OperatingPoint.from_dict(point)
    if weights is None:
        with _quiet():
            model.init_weights()
    else:
        load_weights(model, weights)
    model.to(device).eval().requires_grad_(False)
    if (cfg.get('default_hooks') or {}).get('channels_last', True):
        put_channels_last(model)  # as in a test: its last bits depend on it
    return model


def check_model(model: Any) -> None:
    """Refuse a network whose vectors would be none of a test's.

    Args:
        model (Any): Should be one of :func:`init_model`.

    Raises:
        ValueError: It has no config, or is in training mode.
    """
    if not hasattr(model, 'cfg'):
        raise ValueError(
            'model must come from init_model, which gives it the test pipeline; got '
            f'{type(model).__name__} without cfg.'
        )
    if model.training:
        raise ValueError(
            'model must be in evaluation mode, or vectors depend on the batch; got one '
            'in training mode. Call model.eval().'
        )


def _of_file(cfg: Config, weights: Checkpoint | None, device: torch.device) -> Any:
    """Build a network that an exported file computes."""
    if weights is not None:
        raise ValueError(
            f'checkpoint must be None beside a config whose network is the file '
            f'{cfg.model.file}, which has its weights, got {weights.source!r}.'
        )
    model: Any = MODELS.build(cfg.model)
    if device.type != 'cpu':
        raise ValueError(
            f"device must be 'cpu' for {model.exported.path}, which "
            f'{model.exported.runtime} runs on the processor, got {str(device)!r}. '
            'Give the checkpoint that it was made of.'
        )
    check_recipe(cfg)
    model.cfg, model.model_cfg = cfg, network_config(model.exported)
    point = model.facts.threshold
    model.operating_point = None if point is None else OperatingPoint.from_dict(point)
    return model


def _fill_in(config: Config, weights: Checkpoint | None) -> Config:
    """Copy what a network is built of, with as many classifiers as are known."""
    needed = {key: config.get(key) for key in ('model', 'train_dataloader')}
    filled = Config(copy.deepcopy(needed))
    fill_num_classes(filled, weights)
    return filled


def _build(config: Config, filled: Config, weights: Checkpoint | None) -> Any:
    """Build a network of its config, which has the number of classifiers."""
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
