"""The network to measure, of whatever names it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from mmreid.apis.model import init_model
from mmreid.apis.weights import load_named
from mmreid.engine import read_config


def load_measured(
    model: str, checkpoint: str | Path | None = None, cfg_options: Sequence[str] = ()
) -> tuple[Any, str]:
    """Make a network, of a config without fetching weights for it.

    Args:
        model (str): A config, by path or name, or a checkpoint that tells its config.
        checkpoint (str | Path, optional): Weights for a config. Defaults to None:
            random ones, always the same, which are as fast as others.
        cfg_options (Sequence[str]): ``KEY=VALUE`` that change the config.
            Defaults to ().

    Returns:
        tuple: The network and its name.

    Raises:
        ValueError: The config cannot be read.
        CheckpointError: The checkpoint cannot be.
    """
    named = load_named(model, checkpoint)
    cfg = read_config(named.config, [*named.options, *cfg_options])
    if named.checkpoint is None:
        cfg.model.backbone.init_cfg = None
        torch.manual_seed(0)
        network = init_model(cfg)
    else:
        network = init_model(cfg, named.checkpoint.source)
    return network, Path(cfg.filename or model).stem
