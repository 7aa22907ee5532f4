"""What the command line changes of a config."""

from collections.abc import Collection, Sequence
from typing import Any

from mmengine.config import Config

from mmreid.engine.config_files.keys import check_option, find_entry
from mmreid.engine.config_files.option_values import join_split_lists, read_value


def apply_options(
    cfg: Config, options: Sequence[str], known: Collection[str] | None = None
) -> None:
    """Change what ``KEY=VALUE`` strings name.

    Where a config has a list of data loaders or of data sets, a key without index is
    that of each: ``test_dataloader.batch_size`` of all loaders,
    ``test_dataloader.1.batch_size`` of the second.

    Args:
        cfg (Config): Changed in place.
        options (Sequence[str]): The strings. A list that a shell has split at its
            blanks is put together.
        known (Collection[str] | None): Names that the config may have besides those
            it has. Defaults to None: any.

    Raises:
        UnknownNameError: Nothing reads what one sets.
        ValueError: One cannot be read, or does not fit the config.
    """
    for option in join_split_lists(options):
        words, text = _split(option)
        paths = _spread(cfg._cfg_dict, words)
        check_option(cfg._cfg_dict, paths[0], known)
        value = _read(option, text, words, find_entry(cfg._cfg_dict, paths[0]))
        try:
            cfg.merge_from_dict({'.'.join(path): value for path in paths})
        except (TypeError, KeyError) as error:
            raise ValueError(
                f'--cfg-options {option} does not fit the config ({error}); an '
                'entry of a list is named by its index, as in param_scheduler.0.end=5.'
            ) from error


def _split(option: str) -> tuple[list[str], str]:
    """Divide ``KEY=VALUE`` into the words of the key and the value."""
    key, equals, text = option.partition('=')
    words = key.strip().split('.')
    if not equals or not all(words):
        raise ValueError(
            f'--cfg-options takes KEY=VALUE, got {option!r}; a value with blanks '
            'stands in quotes, the key with it: "KEY=VALUE".'
        )
    return words, text


def _read(option: str, text: str, words: Sequence[str], current: Any) -> Any:
    """Read a value, with the whole option in the error."""
    try:
        return read_value(text, words, current)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f'--cfg-options takes KEY=VALUE with numbers, words, lists and dicts, got '
            f'{option!r} ({error}); write other values into a config file.'
        ) from error


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
    return [[word, *path] for path in _spread(find_entry(node, [word]), rest, word)]
