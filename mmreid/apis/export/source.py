"""The network that an export begins with, and what it is called."""

import copy
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from mmengine.logging import print_log

from mmreid.apis.file_models import refuse_exported
from mmreid.apis.model import check_model, init_model
from mmreid.apis.model_names.config_paths import find_config
from mmreid.apis.model_names.index import is_name
from mmreid.apis.model_names.of_network import name_network
from mmreid.engine import load_config
from mmreid.engine.config_files import apply_options


class Source(NamedTuple):
    """A network to export.

    Attributes:
        network: In evaluation mode, on the processor.
        name: What it is called.
    """

    network: Any
    name: str


def load_source(
    model: Any,
    checkpoint: str | Path | None,
    weights_file: str | Path | None,
    accept_licence: bool,
    cfg_options: Sequence[str],
) -> Source:
    """Make a network of what names it.

    Args:
        model (Any): As of :func:`mmreid.apis.export_model`.
        checkpoint (str | Path | None): Likewise.
        weights_file (str | Path | None): Likewise.
        accept_licence (bool): Likewise.
        cfg_options (Sequence[str]): Likewise.

    Returns:
        Source: The network. One without weights is logged.

    Raises:
        ValueError: Options beside what is no config, weights beside a network, or an
            exported file.
    """
    refuse_exported('exported again', model, checkpoint)
    if isinstance(model, torch.nn.Module):
        if checkpoint or weights_file or cfg_options:
            raise ValueError(
                'checkpoint, weights_file and cfg_options must be left out beside a '
                f'network, which has its weights, got {checkpoint!r}, '
                f'{weights_file!r} and {[*cfg_options]}; give its config instead.'
            )
        check_model(model)
        network = _on_processor(model)
        return Source(network, name_network(network, type(model).__name__))
    is_published = checkpoint is None and isinstance(model, str) and is_name(model)
    is_published |= weights_file is not None
    word = model
    if cfg_options:
        if is_published:
            raise ValueError(
                'cfg_options must not be given beside published weights, whose config '
                f'is known, got {[*cfg_options]}; give a config and a checkpoint.'
            )
        word = load_config(find_config(model))
        apply_options(word, [*cfg_options])
    network = init_model(
        word,
        checkpoint,
        pretrained=is_published and weights_file is None,
        weights_file=weights_file,
        accept_licence=accept_licence,
    )
    if is_published:
        return Source(network, str(model))
    if checkpoint is None and str(model).endswith('.py'):
        print_log(
            f'{model} is exported without weights, as it is initialised for training; '
            'give a checkpoint.',
            'current',
            logging.WARNING,
        )
    return Source(network, name_network(network, Path(str(model or checkpoint)).stem))


def _on_processor(model: torch.nn.Module) -> torch.nn.Module:
    """Return a network on the processor; one that is elsewhere stays there."""
    devices = {parameter.device.type for parameter in model.parameters()}
    return model if devices <= {'cpu'} else copy.deepcopy(model).cpu()
