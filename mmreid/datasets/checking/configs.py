"""Which data sets a config uses."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmreid.data_loaders import LOADERS, list_loaders
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.registry import DATASETS

# What may differ between the splits of one data set, or does not matter here.
UNIMPORTANT = (
    'split',
    'check',
    'pipeline',
    'cache',
    'test_mode',
    'lazy_init',
    'metainfo',
)


def find_datasets(config: Mapping[str, Any]) -> list[list[ReIDDataset]]:
    """Build the data sets of a config, the splits of each together.

    Args:
        config (Mapping[str, Any]): A config with data loaders, or lists of them.

    Returns:
        list[list[ReIDDataset]]: For each data set its splits, not yet initialised.

    Raises:
        ValueError: When there is none, or one that is no ``ReIDDataset``.
    """
    groups: dict[str, dict[str, ReIDDataset]] = {}
    for settings in _leaves([list_loaders(config, name) for name in LOADERS]):
        same = {k: v for k, v in settings.items() if k not in UNIMPORTANT}
        dataset = build_lazily(settings)
        groups.setdefault(repr(sorted(same.items())), {})[dataset.split] = dataset
    if not groups:
        raise ValueError(f'The config has no data set in {LOADERS}.')
    return [[*group.values()] for group in groups.values()]


def find_splits(settings: Mapping[str, Any]) -> list[ReIDDataset]:
    """Build the splits of a data set.

    Args:
        settings (Mapping[str, Any]): Its config.

    Returns:
        list[ReIDDataset]: The split that the config names. If it names none, the splits
        ``train`` and ``test``, and those others whose parts are there. Not yet
        initialised.
    """
    if 'split' in settings:
        return [build_lazily(settings)]
    kind = _find_class(settings)
    datasets = [build_lazily({**settings, 'split': split}) for split in kind.SPLITS]
    return [d for d in datasets if d.split in ('train', 'test') or _is_there(d)]


def find_protocol(config: Mapping[str, Any]) -> str:
    """Return the rule of ranking that a config's evaluator has.

    Args:
        config (Mapping[str, Any]): A config.
    """
    evaluators = config.get('test_evaluator') or config.get('val_evaluator') or []
    if isinstance(evaluators, Mapping):
        evaluators = [evaluators]
    named = [e['protocol'] for e in evaluators if e.get('protocol')]
    return named[0] if named else 'market'


def build_lazily(settings: Mapping[str, Any]) -> ReIDDataset:
    """Build a data set that reads nothing.

    Args:
        settings (Mapping[str, Any]): Its config.

    Raises:
        ValueError: When it is no ``ReIDDataset``.
    """
    _find_class(settings)
    return DATASETS.build(
        {**settings, 'pipeline': [], 'cache': None, 'lazy_init': True}
    )


def _find_class(settings: Mapping[str, Any]) -> type[ReIDDataset]:
    kind = DATASETS.get(settings['type'])
    if kind is None or not issubclass(kind, ReIDDataset):
        raise ValueError(
            'Only data sets derived from ReIDDataset can be checked, got '
            f'{settings["type"]!r}.'
        )
    return kind


def _is_there(dataset: ReIDDataset) -> bool:
    """Return whether all parts are there, right or wrong."""
    for part in dataset.parts:
        try:
            dataset.read_part(part)
        except FileNotFoundError:
            return False
        except ValueError:
            continue  # wrong, but there
    return True


def _leaves(settings: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the configs of data sets in loaders, lists, unions and wrappers."""
    if isinstance(settings, Mapping):
        inner = [settings[k] for k in ('dataset', 'datasets') if k in settings]
        if inner:
            yield from _leaves(inner)
        elif 'type' in settings:
            yield settings
    elif isinstance(settings, Sequence) and not isinstance(settings, str):
        for each in settings:
            yield from _leaves(each)
