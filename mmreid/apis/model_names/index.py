"""The list of all models: ``model-index.yml`` and the metafiles that it names."""

import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import yaml

from mmreid.apis.model_names.places import INDEX, index_root
from mmreid.apis.model_names.published_model import PublishedModel
from mmreid.engine import CheckpointError, expand_home
from mmreid.nearest_names import end_with_hint, nearest_names

_Loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)


class UnknownModelError(CheckpointError, LookupError):
    """There is no model of this name."""


def list_models() -> Mapping[str, PublishedModel]:
    """Read all models that have a name.

    Returns:
        Mapping[str, PublishedModel]: By name, in the order of the list; none where the
        package was copied without its configs.
    """
    root = index_root()
    return MappingProxyType({} if root is None else _read_index(root))


def find_model(name: str) -> PublishedModel:
    """Find a model by its name.

    Args:
        name (str): Such as ``'bot_r50_market'``.

    Returns:
        PublishedModel: What the metafiles tell of it.

    Raises:
        UnknownModelError: There is none of this name; the nearest are named.
    """
    models = list_models()
    if name in models:
        return models[name]
    raise UnknownModelError(
        f'There is neither a file nor a model of the name {name!r}'
        f'{end_with_hint(near_models(name))}'
    )


def near_models(name: str) -> str:
    """Name the models whose names are nearest to a word, ``''`` where none is near.

    Args:
        name (str): The word.
    """
    return ' or '.join(nearest_names(name, list_models()))


def is_name(word: object) -> bool:
    """Whether a word is the name of a model, and of no file.

    Args:
        word (object): What was given for a config or a checkpoint.
    """
    if not isinstance(word, str) or Path(expand_home(word)).is_file():
        return False
    return word in list_models()


def model_of_config(config: str | Path) -> PublishedModel | None:
    """Find the model with published weights that a config is for.

    Args:
        config (str | Path): The file.

    Returns:
        PublishedModel | None: The model; None where there is none, or more than one.
    """
    root, path = index_root(), Path(config).resolve()
    found = [
        model
        for model in list_models().values()
        if model.source and root and (root / model.config).resolve() == path
    ]
    return found[0] if len(found) == 1 else None


@functools.cache
def _read_index(root: Path) -> dict[str, PublishedModel]:
    """Read the list and its metafiles, once per process."""
    index = yaml.load((root / INDEX).read_text('utf-8'), _Loader)
    models = {}
    for path in index['Import']:
        metafile = yaml.load((root / path).read_text('utf-8'), _Loader)
        for entry in metafile['Models']:
            models[entry['Name']] = PublishedModel.of(entry)
    return models
