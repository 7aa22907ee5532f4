"""Variables in the files of a config, which something must read."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.config import Config

from mmreid.engine.config_files.keys import (
    KNOWN,
    OLD_NAMES,
    UnknownNameError,
    find_places,
    nearest_key,
)
from mmreid.engine.config_files.sources import Source, read_sources
from mmreid.nearest_names import end_with_hint


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
    if errors := [fault for name, fault in faults.items() if name not in left_over]:
        raise UnknownNameError('; '.join(errors))
    for fault in faults.values():
        warnings.warn(fault, stacklevel=2)
    kept = KNOWN | _find_own(sources)
    for name in cfg.keys() - kept:
        cfg.pop(name)


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
    places = [p for word in words if word != 'type' for p in find_places(cfg, word)]
    owner = _find_owner(plain, source, sources)
    owner = owner or _find_owner(f'_{plain}', source, sources)
    if owner is not None:
        return (
            f'{plain!r} changes nothing, for {Path(owner.path).name} has used a value '
            f'of its own already{end_with_hint(" or ".join(places[:4]), "set")}'
        )
    near = (
        nearest_key(plain, [*KNOWN]) or OLD_NAMES.get(plain) or ' or '.join(places[:4])
    )
    return (
        f'nothing reads {plain!r}; a variable for your own code begins with an '
        f'underscore{end_with_hint(near)}'
    )
