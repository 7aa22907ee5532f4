"""The model that an adaptation starts from."""

from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config

from mmreid.apis.file_models import refuse_exported
from mmreid.apis.inference.model_key import model_key
from mmreid.apis.model import init_model
from mmreid.apis.model_names.of_network import name_network
from mmreid.apis.weights import load_for_command
from mmreid.engine import load_config
from mmreid.engine.config_files import apply_options


class Start(NamedTuple):
    """A model to adapt.

    Attributes:
        cfg: Its config; one from a checkpoint has no training.
        network: The network, on the processor.
        weights: Where its weights are; None where it is as its config initialises it.
        name: What it is called.
        key: 64 hexadecimal digits that tell it from others.
    """

    cfg: Config
    network: Any
    weights: str | None
    name: str
    key: str


def load_start(
    model: str | Path,
    checkpoint: str | Path | None = None,
    weights_file: str | Path | None = None,
    accept_licence: bool = False,
) -> Start:
    """Find and build the model that is meant.

    Args:
        model (str | Path): A model's name, a config, or a checkpoint that tells its
            config.
        checkpoint (str | Path, optional): Weights for a config. Defaults to None.
        weights_file (str | Path, optional): As of :func:`mmreid.apis.init_model`.
            Defaults to None.
        accept_licence (bool): As of that. Defaults to False.

    Returns:
        Start: The model.

    Raises:
        ValueError: An exported file, which cannot be trained.
        CheckpointError: There is no such model, or its config or weights cannot be
            had.
        FileNotFoundError: There is no such file.
    """
    refuse_exported('adapted', model, checkpoint)
    named = load_for_command(
        str(model),
        None if checkpoint is None else str(checkpoint),
        None if weights_file is None else str(weights_file),
        accept_licence,
    )
    cfg = load_config(named.config)
    refuse_exported('adapted', cfg)
    apply_options(cfg, named.options)
    weights = None if named.checkpoint is None else str(named.checkpoint.source)
    if weights is not None and '://' not in weights:
        weights = str(Path(weights).expanduser().absolute())
    network = init_model(cfg, weights)
    name = str(model)
    if name.endswith(('.py', '.pth', '.safetensors')):
        name = name_network(network, Path(name).stem)
    return Start(cfg, network, weights, name, model_key(network))
