"""The list of all models: ``model-index.yml`` and the metafiles that it names."""

import functools
from collections.abc import Mapping, Sequence
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

    Returns:
        str: Names, or the command that lists all with the word in them.
    """
    models = list_models()
    if near := nearest_names(name, models):
        return ' or '.join(near)
    count = sum(name.lower() in known.lower() for known in models)
    listing = f'one of the {count} that "mmreid models --all {name}" lists'
    return listing if name and count else ''


def explain_no_match(words: Sequence[str], all_models: bool) -> str:
    """Say that no model's name has some words, and what to ask for instead.

    Args:
        words (Sequence[str]): What was looked for.
        all_models (bool): Also among the models without published weights.

    Returns:
        str: A sentence.
    """
    models = list_models()
    found = sum(all(w.lower() in name.lower() for w in words) for name in models)
    if found and not all_models:
        rest = f'; {found} without have, which --all lists.'
    else:
        rest = end_with_hint(near_models('_'.join(words)))
    kind = '' if all_models else ' with published weights'
    return f'No name of a model{kind} has {" and ".join(map(repr, words))} in it{rest}'


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
        if model.has_weights and root and (root / model.config).resolve() == path
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
