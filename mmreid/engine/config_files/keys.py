"""Keys of a config, and what reads them."""

import inspect
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from mmengine.runner import Runner

from mmreid.nearest_names import end_with_hint, nearest_name

#: What a Runner reads of a config, and what mmengine reads besides.
KNOWN = frozenset(inspect.signature(Runner.__init__).parameters) - {'self', 'cfg'} | {
    *('custom_imports', 'model_wrapper_cfg', 'find_unused_parameters', 'sync_bn'),
    *('compile', 'activation_checkpointing', 'efficient_conv_bn_eval'),
}
# Names of mmcv's time, which no spelling is near to, and one that configs leave out.
OLD_NAMES = {
    'num_classes': 'model.head.num_classes',
    'data': 'train_dataloader, val_dataloader and test_dataloader',
    'optimizer': 'optim_wrapper.optimizer',
    'optimizer_config': 'optim_wrapper',
    'lr_config': 'param_scheduler',
    'total_epochs': 'train_cfg.max_epochs',
    'runner': 'train_cfg',
    'evaluation': 'train_cfg.val_interval and val_evaluator',
    'checkpoint_config': 'default_hooks.checkpoint',
    'log_config': 'default_hooks.logger',
    'workflow': 'train_cfg and val_cfg',
}
# Of these mmengine takes what it knows and passes over the rest.
_BELOW: dict[str, Collection[str]] = {
    'env_cfg': ('cudnn_benchmark', 'mp_cfg', 'dist_cfg', 'resource_limit'),
    'auto_scale_lr': ('enable', 'base_batch_size'),
    # Of mmengine's own constructor; others may have other keys.
    'optim_wrapper.paramwise_cfg': (
        *('custom_keys', 'bias_lr_mult', 'bias_decay_mult', 'norm_decay_mult'),
        *('flat_decay_mult', 'dwconv_decay_mult', 'dcn_offset_lr_mult'),
        'bypass_duplicate',
    ),
}

_NESTS = (Mapping, list, tuple)


class UnknownNameError(ValueError):
    """A config or an option names something that nothing reads."""


def check_option(
    config: Mapping[str, Any],
    words: Sequence[str],
    known: Collection[str] | None = None,
) -> None:
    """Check that something reads what an option of the command line sets.

    Args:
        config (Mapping): The config before.
        words (Sequence[str]): The words of the option's key.
        known (Collection[str] | None): Names that the config may have besides those
            it has. Defaults to None: any.

    Raises:
        UnknownNameError: Nothing does, or a part of the key is another one misspelt.
    """
    first, key = words[0], '.'.join(words)
    if known is not None and first not in known and first not in config:
        near = OLD_NAMES.get(first) or ' or '.join(find_places(config, words[-1]))
        if best := nearest_key(first, known):
            near = '.'.join([best, *words[1:]])
        raise UnknownNameError(
            f'--cfg-options {key}: nothing reads {first!r}{end_with_hint(near)}'
        )
    node: Any = config
    for number, word in enumerate(words[:-1]):
        if isinstance(node, Mapping) and word not in node:
            nests = [name for name, value in node.items() if isinstance(value, _NESTS)]
            if number and (best := nearest_key(word, nests)):
                near = '.'.join([*words[:number], best, *words[number + 1 :]])
                raise UnknownNameError(
                    f'--cfg-options {key}: there is no {word!r}{end_with_hint(near)}'
                )
            return
        node = find_entry(node, [word])


def check_below(config: Mapping[str, Any]) -> None:
    """Check the dicts of which mmengine takes what it knows and no more.

    Args:
        config (Mapping): A whole config.

    Raises:
        UnknownNameError: It does not know a key.
    """
    constructor = find_entry(config, ('optim_wrapper', 'constructor'))
    for name, known in _BELOW.items():
        if name.startswith('optim_wrapper') and constructor is not None:
            continue
        for key in find_entry(config, name.split('.')) or ():
            if key not in known:
                raise UnknownNameError(
                    f'{name} has no {key!r}{end_with_hint(nearest_key(key, known))}'
                )


def find_entry(node: Any, words: Sequence[str]) -> Any:
    """Return what a config has under a key.

    Args:
        node (Any): The config, or a part of it.
        words (Sequence[str]): The words of the key; those of a list are indices.

    Returns:
        Any: The entry, None for nothing.
    """
    for word in words:
        try:
            node = node[int(word) if isinstance(node, list) else word]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return node


def find_places(config: Mapping[str, Any], word: str) -> list[str]:
    """Find the keys of a config that end in a word.

    Args:
        config (Mapping): The config.
        word (str): The word.

    Returns:
        list[str]: At most four keys of single values, or else of nests.
    """
    places: dict[bool, list[str]] = {False: [], True: []}

    def walk(node: Any, path: tuple[str, ...]) -> None:
        entries = node.items() if isinstance(node, Mapping) else enumerate(node)
        for key, value in entries:
            is_nest = isinstance(value, _NESTS)
            if key == word and path:
                places[is_nest].append('.'.join((*path, word)))
            if is_nest:
                walk(value, (*path, str(key)))

    walk({key: value for key, value in config.items() if key in KNOWN}, ())
    return (places[False] or places[True])[:4]


def nearest_key(word: str, known: Iterable[str]) -> str:
    """Find what a misspelt key of a config may have meant.

    Args:
        word (str): The key.
        known (Iterable[str]): Keys that exist.

    Returns:
        str: The nearest of them, ``''`` where none is near.
    """
    # Of names that end in numbers, as part1 and part2, none is another one misspelt.
    kept = [
        name for name in known if name.rstrip('0123456789') != word.rstrip('0123456789')
    ]
    return nearest_name(word, kept, cutoff=0.75)
