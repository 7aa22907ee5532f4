"""From what a user names to a config and a checkpoint: the way in."""

import re
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from mmreid.apis.model_names.config_paths import find_config
from mmreid.apis.model_names.index import (
    find_model,
    is_name,
    list_models,
    model_of_config,
)
from mmreid.apis.model_names.places import roots
from mmreid.apis.model_names.published_model import PublishedModel
from mmreid.apis.weights.errors import NoWeightsError, WrongWeightsError
from mmreid.apis.weights.fetching import explain_no_weights, find_file, folder
from mmreid.apis.weights.kept_conversions import convert_once
from mmreid.apis.weights.waiting import one_at_a_time
from mmreid.engine import (
    Checkpoint,
    CheckpointError,
    MissingPackageError,
    UnreadableCheckpointError,
    expand_home,
)
from mmreid.engine.checkpoints import know_names

# Of options in a file, whose values become a config: no types, addresses or nests.
_OPTION = re.compile(
    r'(?:model|data_preprocessor|test_evaluator)\.[\w.]+=[\w.,+\-\[\]() ]*'
)
_ENDINGS = ('.pth', '.safetensors')
_NOT_IN_OPTION = ('type', 'init_cfg', 'checkpoint')


class Named(NamedTuple):
    """What a model's name, or a file's own words, lead to.

    Attributes:
        config (Path): The config file.
        checkpoint (Checkpoint | None): Weights, read once; None for untrained ones.
        options (tuple[str, ...]): What ``--cfg-options`` changes of the config, before
            what the user changes.
    """

    config: Path
    checkpoint: Checkpoint | None = None
    options: tuple[str, ...] = ()


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
            for what the checkpoint tells of itself.
        checkpoint (str | PathLike | None): A file, an address or a model's name.
            Defaults to None.
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
    return _by_its_words(Checkpoint(expand_home(checkpoint)))


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
    if is_alone and config.endswith(_ENDINGS) and Path(config).is_file():
        return load_named(None, config)
    is_named = is_alone and is_name(config)
    return load_named(config, checkpoint, is_named, weights_file, accept_licence)


def weights_of_model(
    model: PublishedModel,
    weights_file: str | PathLike | None = None,
    accept_licence: bool = False,
) -> Checkpoint:
    """Return a checkpoint with a model's weights, which mmreid reads.

    Args:
        model (PublishedModel): The model.
        weights_file (str | PathLike | None): The file, instead of the published one,
            in any form. Defaults to None.
        accept_licence (bool): See :func:`load_named`. Defaults to False.

    Returns:
        Checkpoint: The weights, which are read where they are first asked for.

    Raises:
        CheckpointError: The weights cannot be had, or are not the model's.
        FileNotFoundError: There is no such ``weights_file``.
    """
    if weights_file is not None:
        return _weights_in(Path(expand_home(Path(weights_file))), model)
    # Of several processes, such as those of one test, one fetches.
    with one_at_a_time(folder() / f'{model.name}.lock'):
        file = find_file(model, accept_licence)
        try:
            return _converted(model, file)
        except (UnreadableCheckpointError, WrongWeightsError):
            # What was fetched is fetched again next time; users' own files stay.
            if file.parent != folder():
                file.unlink(missing_ok=True)
            raise


def _weights_in(file: Path, model: PublishedModel) -> Checkpoint:
    """Take a user's file, in whatever form it is."""
    if _is_own(given := Checkpoint(file)):
        return given
    if model.source is None:
        raise NoWeightsError(
            f'{explain_no_weights(model)} {file} is none of mmreid; convert it: '
            f'python tools/model_converters/convert.py {file}.'
        )
    return _converted(model, file)


def _converted(model: PublishedModel, file: Path) -> Checkpoint:
    assert model.source is not None
    return Checkpoint(convert_once(model, model.source, file))


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
    meta = _meta_of(weights)
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


def _by_its_words(weights: Checkpoint) -> Named:
    """Take the config that a converted checkpoint names."""
    name = _meta_of(weights).get('config_file')
    path = _below_configs(name) if isinstance(name, str) else None
    if path is None:
        raise WrongWeightsError(
            f'{weights.source} does not tell its config, as converted checkpoints do; '
            'give the config that it was trained with.'
        )
    return Named(path, weights, options_of(weights))


def _below_configs(name: str) -> Path | None:
    """Find one of mmreid's own configs; a file may not have others run."""
    for root in roots():
        folder = (root / 'configs').resolve()
        path = (folder / name.removeprefix('configs/')).resolve()
        if path.is_file() and folder in path.parents:
            return path
    return None


def _meta_of(weights: Checkpoint) -> dict[str, Any]:
    """Read what a checkpoint tells of itself."""
    content = weights.content
    meta = content.get('meta') if isinstance(content, dict) else None
    return meta if isinstance(meta, dict) else {}


def _is_own(given: Checkpoint) -> bool:
    """Whether a file is a checkpoint of mmreid's, converted or trained."""
    try:
        weights = given.weights
    except MissingPackageError:
        raise
    except CheckpointError:
        return False  # the converters say better what it is
    return any(name.startswith('head.branches.') for name in weights)


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
