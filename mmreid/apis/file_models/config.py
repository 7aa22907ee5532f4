"""Configs whose network is an exported file."""

import copy
from collections.abc import Mapping
from typing import Any

from mmengine.config import Config, ConfigDict

from mmreid.apis.weights.carried_config import read_carried
from mmreid.data_loaders import list_loaders
from mmreid.deploy import ExportedModel
from mmreid.deploy.export.recipe import Recipe, find_recipe
from mmreid.deploy.exported_network import ExportedNetwork
from mmreid.deploy.facts import ExportedFacts
from mmreid.deploy.runtimes import open_once
from mmreid.engine.config_files import parse_config_text

_TYPE = ExportedNetwork.__name__
# The file has taken their place; a project's types are not to be had from a file.
_OF_NETWORK = ('model', 'data_preprocessor')
_LOAD = 'LoadImage'
# A config that goes with no data: how its pictures are made is all that it tells.
_NO_TEST = 'test_dataloader'


def is_run_by_file(cfg: Mapping[str, Any]) -> bool:
    """Whether a config's network is an exported file.

    Args:
        cfg (Mapping): A whole config.
    """
    model = cfg.get('model')
    kind = model.get('type') if isinstance(model, Mapping) else None
    return kind in (_TYPE, f'mmreid.{_TYPE}', ExportedNetwork)


def config_of_file(exported: ExportedModel, config: Config | None = None) -> Config:
    """Make a config whose network is an exported file.

    Args:
        exported (ExportedModel): The file.
        config (Config, optional): Whose data and protocol to take. Defaults to None:
            those that the file tells, which are read as plain values.

    Returns:
        Config: With ``model=dict(type='ExportedNetwork', file=...)``, and pictures
        left for the file to normalise.

    Raises:
        ConfigFileError: The file's config is more than plain values.
        WrongWeightsError: It names a type or an address that a file may not.
    """
    facts, path = exported.facts, str(exported.path)
    told = parse_config_text(facts.config, path)
    if config is None:
        config = read_carried(_test_of(told), path)
        if not list_loaders(config, _NO_TEST):
            config[_NO_TEST] = dict(dataset=dict(pipeline=_pipeline_of(facts)))
    else:
        config = copy.deepcopy(config)
    model = dict(type=_TYPE, file=path)
    backbone = (told.get('model') or {}).get('backbone') or {}
    if backbone.get('side_information'):
        model['side_information'] = 'left out'
    config.model = ConfigDict(model)
    config.data_preprocessor = None
    return config


def _test_of(told: dict[str, Any]) -> str:
    """Leave out of a file's config the network, of whose types nothing is built."""
    kept = {key: value for key, value in told.items() if key not in _OF_NETWORK}
    return Config(kept).pretty_text


def network_config(exported: ExportedModel) -> ConfigDict | None:
    """Return the config of the network that a file was made of, None where unknown.

    Args:
        exported (ExportedModel): The file.

    Raises:
        ConfigFileError: The file's config is more than plain values.
    """
    text, path = exported.facts.config, str(exported.path)
    model = parse_config_text(text, path).get('model')
    return None if model is None else ConfigDict(model)


def check_recipe(cfg: Config) -> None:
    """Refuse a config that makes other pictures than its file takes.

    Args:
        cfg (Config): Whose network is an exported file.

    Raises:
        ValueError: A test pipeline resizes to another size, or by another rule, or
            does more than that; or the config asks for autocast.
    """
    exported = open_once(cfg.model.file, cfg.model.get('threads'))
    facts, name = exported.facts, cfg.filename or 'the config'
    wanted = Recipe(
        facts.height, facts.width, facts.interpolation, facts.resize_backend
    )
    for loader in list_loaders(cfg, _NO_TEST):
        try:
            found = find_recipe(loader['dataset'].get('pipeline') or ())
        except ValueError as error:
            raise ValueError(
                f'{name} does not make pictures as {exported.path} takes them: {error}'
            ) from error
        if found != wanted:
            raise ValueError(
                f'{name} must make pictures as {exported.path} takes them, '
                f'{_describe(wanted)}, got {_describe(found)}. Give the config that '
                'the file was made of, or the file alone.'
            )
    if (cfg.get('test_cfg') or {}).get('fp16'):
        raise ValueError(
            f'test_cfg.fp16 must be left out beside {exported.path}: the precision is '
            f"the file's, {facts.precision}. Export it in another one."
        )


def _describe(recipe: Recipe) -> str:
    return (
        f'{recipe.height} x {recipe.width} pixels (height x width) by '
        f'{recipe.interpolation} of {recipe.resize_backend}'
    )


def _pipeline_of(facts: ExportedFacts) -> list[dict[str, Any]]:
    """Write the test pipeline that facts tell."""
    resize = dict(
        type='Resize',
        scale=(facts.width, facts.height),
        interpolation=facts.interpolation,
        backend=facts.resize_backend,
    )
    return [dict(type=_LOAD), resize, dict(type='mmpretrain.PackInputs')]
