"""Names in a config that nothing reads."""

import inspect
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.runner import Runner

from mmreid.engine.config_files.sources import Source, read_sources
from mmreid.nearest_names import end_with_hint, nearest_name

#: What a Runner reads of a config, and what mmengine reads besides.
KNOWN = frozenset(inspect.signature(Runner.__init__).parameters) - {'self', 'cfg'} | {
    *('custom_imports', 'model_wrapper_cfg', 'find_unused_parameters', 'sync_bn'),
    *('compile', 'activation_checkpointing', 'efficient_conv_bn_eval'),
}
# Names of mmcv's time, which no spelling is near to, and one that configs leave out.
_OLD = {
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


def check_names(cfg: Config, path: str | Path) -> None:
    """Check that something reads every name that a config's files assign.

    A name is read by the Runner or by mmengine, or it is a variable: then its own file
    must read it, or one that inherits it as ``_base_.NAME``. A variable that begins
    with an underscore may also be there for the user's own code, but not to change one
    of a base, of which that has made its values already; only files to inherit from,
    in a folder ``_base_`` or with a name that begins with an underscore, may do so for
    those that inherit them.

    Variables that have acted are taken out of the config: its text, which a Runner
    writes into the work folder, can be read again. In a text that an earlier version
    has written so, unread variables are only warned about, and so are pipelines that
    ``Config.dump`` has left.

    Args:
        cfg (Config): What the file gives, changed in place.
        path (str | Path): The config file.

    Raises:
        UnknownNameError: Nothing reads a name; the message tells the nearest known one.
    """
    sources = read_sources(path)
    faults = {
        name: f'{source.path}: {_explain_variable(cfg, name, source, sources)}'
        for source in sources
        for name in sorted(source.assigned)
        if not _is_read(name, source, sources)
    }
    left_over = _find_left_over(sources)
    if wrong := [fault for name, fault in faults.items() if name not in left_over]:
        raise UnknownNameError('; '.join(wrong))
    for fault in faults.values():
        warnings.warn(fault, stacklevel=2)
    kept = KNOWN | _find_own(sources)
    for name in cfg.keys() - kept:
        cfg.pop(name)


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
        near = _OLD.get(first) or ' or '.join(_find_places(config, words[-1]))
        if best := _nearest(first, known):
            near = '.'.join([best, *words[1:]])
        raise UnknownNameError(
            f'--cfg-options {key}: nothing reads {first!r}{end_with_hint(near)}'
        )
    node: Any = config
    for number, word in enumerate(words[:-1]):
        if isinstance(node, Mapping) and word not in node:
            nests = [name for name, value in node.items() if isinstance(value, _NESTS)]
            if number and (best := _nearest(word, nests)):
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
                    f'{name} has no {key!r}{end_with_hint(_nearest(key, known))}'
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


def _is_read(name: str, source: Source, sources: Sequence[Source]) -> bool:
    """Tell whether something reads what a file assigns."""
    plain = name.removeprefix('_base_.')
    if plain in KNOWN or name in source.read:
        return True
    heirs = [other for other in sources if source.path in other.ancestors]
    if any(f'_base_.{plain}' in heir.read for heir in heirs):
        return True
    if not plain.startswith('_'):
        return False
    return source.is_to_inherit or _find_owner(plain, source, sources) is None


def _find_own(sources: Sequence[Source]) -> set[str]:
    """Find the variables that are there for the user's own code alone."""
    read = {name.removeprefix('_base_.') for source in sources for name in source.read}
    leaves = [source for source in sources if not source.is_to_inherit]
    names = {name for source in leaves for name in source.assigned}
    return {name for name in names - read if name.startswith('_')}


def _find_owner(name: str, source: Source, sources: Sequence[Source]) -> Source | None:
    """Find the last of a file's bases that assigns a name."""
    owners = [s for s in sources if s.path in source.ancestors and name in s.assigned]
    return owners[-1] if owners else None


def _find_left_over(sources: Sequence[Source]) -> set[str]:
    """Find what a program has left in a config that it wrote, in which no name is used.

    That is any name where a Runner wrote it, or else the pipelines of the bases.
    """
    (*bases, last) = sources
    if bases or last.read & last.assigned:
        return set()
    if {'work_dir', 'launcher'} <= last.assigned:
        return last.assigned
    return {name for name in last.assigned if name.endswith('_pipeline')}


def _explain_variable(
    cfg: Config, name: str, source: Source, sources: Sequence[Source]
) -> str:
    """Say what is wrong with a variable and what was meant."""
    plain = name.removeprefix('_base_.')
    value = cfg.get(plain)
    words = (
        [*value]
        if isinstance(value, Mapping)
        else [*dict.fromkeys((plain, plain.split('_')[-1]))]
    )
    places = [p for word in words if word != 'type' for p in _find_places(cfg, word)]
    owner = _find_owner(plain, source, sources)
    owner = owner or _find_owner(f'_{plain}', source, sources)
    if owner is not None:
        return (
            f'{plain!r} changes nothing, for {Path(owner.path).name} has used a value '
            f'of its own already{end_with_hint(" or ".join(places[:4]), "set")}'
        )
    near = _nearest(plain, [*KNOWN]) or _OLD.get(plain) or ' or '.join(places[:4])
    return (
        f'nothing reads {plain!r}; a variable for your own code begins with an '
        f'underscore{end_with_hint(near)}'
    )


def _find_places(config: Mapping[str, Any], word: str) -> list[str]:
    """Find the keys of a config that end in a word, single values before nests."""
    found: dict[bool, list[str]] = {False: [], True: []}

    def walk(node: Any, path: tuple[str, ...]) -> None:
        entries = node.items() if isinstance(node, Mapping) else enumerate(node)
        for key, value in entries:
            is_nest = isinstance(value, _NESTS)
            if key == word and path:
                found[is_nest].append('.'.join((*path, word)))
            if is_nest:
                walk(value, (*path, str(key)))

    walk({key: value for key, value in config.items() if key in KNOWN}, ())
    return (found[False] or found[True])[:4]


def _nearest(word: str, known: Iterable[str]) -> str:
    """Return the nearest known name, '' where none is near."""
    # Of names that end in numbers, as part1 and part2, none is another one misspelt.
    kept = [
        name for name in known if name.rstrip('0123456789') != word.rstrip('0123456789')
    ]
    return nearest_name(word, kept, cutoff=0.75)
