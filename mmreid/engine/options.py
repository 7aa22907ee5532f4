"""What the command line changes of a config."""

import argparse
from collections.abc import Sequence
from typing import Any

from mmengine.config import Config, DictAction


def apply_options(cfg: Config, options: Sequence[str]) -> None:
    """Change what ``KEY=VALUE`` strings name.

    Where a config has a list of data loaders or of data sets, a key without index is
    that of each: ``test_dataloader.batch_size`` of all loaders,
    ``test_dataloader.1.batch_size`` of the second.

    Args:
        cfg (Config): Changed in place.
        options (Sequence[str]): The strings.

    Raises:
        ValueError: One cannot be read, or does not fit the config.
    """
    for key, value in _parse_options(options).items():
        paths = ['.'.join(path) for path in _spread(cfg._cfg_dict, key.split('.'))]
        try:
            cfg.merge_from_dict(dict.fromkeys(paths, value))
        except (TypeError, KeyError) as error:
            raise ValueError(
                f'--cfg-options {key}={value} does not fit the config ({error}); an '
                'entry of a list is named by its index, as in param_scheduler.0.end=5'
            ) from error


def _parse_options(options: Sequence[str]) -> dict[str, Any]:
    """Read ``KEY=VALUE`` strings as mmengine's own action does."""
    found = argparse.Namespace()
    action = DictAction(option_strings=[], dest='options')
    for option in options:
        try:
            action(argparse.ArgumentParser(), found, [option])
        except (ValueError, RecursionError) as error:
            raise ValueError(
                f'--cfg-options takes KEY=VALUE with numbers, words, lists and '
                f'tuples, got {option!r}; write other values into a config file.'
            ) from error
    return getattr(found, 'options', {})


def _spread(node: Any, words: Sequence[str], name: str = '') -> list[list[str]]:
    """Find the entries that a key means, as the words of their full keys."""
    if not words:
        return [[]]
    word, *rest = words
    several = isinstance(node, list) and name.endswith(('_dataloader', 'datasets'))
    if several and node and not word.isdecimal():
        return [
            [str(index), *path]
            for index, entry in enumerate(node)
            for path in _spread(entry, words)
        ]
    try:
        entry = node[int(word) if isinstance(node, list) else word]
    except (KeyError, IndexError, TypeError, ValueError):
        entry = None  # a new one, or an error when it is set
    return [[word, *path] for path in _spread(entry, rest, word)]
