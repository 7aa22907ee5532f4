"""From what a user names to a config and a checkpoint: the way in."""

import re
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from mmengine.config import Config

from mmreid.apis.model_names.config_paths import find_config
from mmreid.apis.model_names.index import (
    find_model,
    is_name,
    list_models,
    model_of_config,
)
from mmreid.apis.model_names.published_model import PublishedModel
from mmreid.apis.weights.errors import NoWeightsError
from mmreid.apis.weights.model_weights import weights_of_model
from mmreid.apis.weights.own_words import config_of, options_of
from mmreid.deploy import ExportedModel, is_exported
from mmreid.deploy.runtimes import open_once
from mmreid.engine import Checkpoint, expand_home, load_config
from mmreid.engine.checkpoints import know_names

_ENDINGS = ('.pth', '.safetensors')


class Named(NamedTuple):
    """What a model's name, or a file's own words, lead to.

    Attributes:
        config (Path | Config): The config file, or what a checkpoint holds of it.
        checkpoint (Checkpoint | None): Weights, read once; None for untrained ones.
        options (tuple[str, ...]): What ``--cfg-options`` changes of the config, before
            what the user changes.
        exported (ExportedModel | None): The exported file that is the config's network.
    """

    config: Path | Config
    checkpoint: Checkpoint | None = None
    options: tuple[str, ...] = ()
    exported: ExportedModel | None = None


def load_named(
    config: str | PathLike | None,
    checkpoint: str | PathLike | None = None,
    pretrained: bool = False,
    weights_file: str | PathLike | None = None,
    accept_licence: bool = False,
) -> Named:
    """Find the config and the weights that a user means.

    Args:
        config (str | PathLike | None): A config's path or name, or a model's name; None
            for what the checkpoint tells of itself, which may also stand here alone.
        checkpoint (str | PathLike | None): A file, an exported one too, an address or a
            model's name. Defaults to None.
        pretrained (bool): Take the weights that are published of the model. Defaults to
            False.
        weights_file (str | PathLike | None): Take this file for them, as its program
            has written it, or converted. Defaults to None.
        accept_licence (bool): The user has the agreement that the weights need, see
            :func:`~.licences.show_terms`. Defaults to False.

    Returns:
        Named: Config, checkpoint and options.

    Raises:
        ValueError: Two kinds of weights are given, or none of a config.
        CheckpointError: There is no such model, or its weights cannot be had.
        FileNotFoundError: There is no such config or file.
    """
    if checkpoint is not None and (pretrained or weights_file is not None):
        raise ValueError(
            'checkpoint must not be given beside pretrained or weights_file, which '
            f'name weights too; got {str(checkpoint)!r}.'
        )
    if pretrained or weights_file is not None:
        model = _model_of(config)
        weights = weights_of_model(model, weights_file, accept_licence)
        return Named(find_config(model.config), weights, options_of(weights, model))
    if checkpoint is None and _is_weights(config):
        config, checkpoint = None, config
    if is_exported(checkpoint):
        return _run_by_file(config, checkpoint)
    if config is not None:
        path = find_config(config)
        if checkpoint is None:
            return Named(path)
        if not is_name(checkpoint):
            return Named(path, Checkpoint(expand_home(checkpoint)))
        model = find_model(str(checkpoint))
        weights = weights_of_model(model, None, accept_licence)
        options = options_of(weights, model)
        is_its = path.resolve() == find_config(model.config).resolve()
        return Named(path, weights, options if is_its else ())
    if checkpoint is None:
        raise ValueError('config must be given where there is no checkpoint.')
    if is_name(checkpoint):
        return load_named(str(checkpoint), pretrained=True)
    weights = Checkpoint(expand_home(checkpoint))
    return Named(config_of(weights), weights, options_of(weights))


def load_for_command(
    config: str,
    checkpoint: str | None = None,
    weights_file: str | None = None,
    accept_licence: bool = False,
) -> Named:
    """Find what a command line means, where a single word may tell config and weights.

    Args:
        config (str): As of :func:`load_named`; alone, a model's name for its published
            weights, or a converted checkpoint, which names its config.
        checkpoint (str | None): As of that. Defaults to None.
        weights_file (str | None): As of that. Defaults to None.
        accept_licence (bool): As of that. Defaults to False.

    Returns:
        Named: Config, checkpoint and options.
    """
    is_alone = checkpoint is None and weights_file is None
    is_named = is_alone and is_name(config)
    return load_named(config, checkpoint, is_named, weights_file, accept_licence)


def _is_weights(config: str | PathLike | None) -> bool:
    """Whether a checkpoint was given in the place of a config."""
    if is_exported(config):
        return True
    name = str(expand_home(config or ''))
    return name.endswith(_ENDINGS) and Path(name).is_file()


def _run_by_file(config: str | PathLike | None, file: str | PathLike | None) -> Named:
    """Make an exported file the network of a config, or of its own."""
    from mmreid.apis.file_models.config import (
        config_of_file,  # it reads carried configs
    )

    assert file is not None
    exported = open_once(file)
    own = None if config is None else load_config(find_config(config))
    return Named(config_of_file(exported, own), exported=exported)


def _model_of(config: str | PathLike | None) -> PublishedModel:
    """Find the model whose weights are meant by a config or a name."""
    if config is None:
        raise ValueError("config must be a model's name for its published weights.")
    if str(config) in list_models():
        return find_model(str(config))
    try:
        path = find_config(config)
    except FileNotFoundError:
        return find_model(str(config))
    model = model_of_config(path)
    if model is None:
        raise NoWeightsError(
            f'{config} is not the config of one model with published weights; give '
            'the name of the model.'
        )
    return model


def _find_checkpoint(word: str) -> Path | None:
    """Give the file of a name, for whatever loads checkpoints."""
    if not is_name(word) and not re.fullmatch(r'[\w+-]+', word):
        return None  # a path, of which the loader says that it is not there
    return Path(weights_of_model(find_model(word)).source)


know_names(_find_checkpoint)
