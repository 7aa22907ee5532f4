"""What the configs of trainings differ in, read as plain values and never run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmreid.engine.config_files import parse_config_text
from mmreid.files import read_text

# What differs between any two runs and says nothing.
_OWN = ('work_dir', 'load_from', 'resume', 'launcher')


def find_differences(folders: Mapping[str, Path]) -> dict[str, dict[str, str]]:
    """Tell what the configs of trainings differ in.

    Args:
        folders (Mapping[str, Path]): Of each training the folder, in which its config
            lies as mmengine writes it.

    Returns:
        dict[str, dict[str, str]]: By training the settings in which not all agree, by
        their place in the config, such as ``'model.head.type'``; ``'-'`` where a
        config has none, or is more than plain values.
    """
    known = {name: _settings(folder) for name, folder in folders.items()}
    keys = list(dict.fromkeys(key for settings in known.values() for key in settings))
    differing = [
        key
        for key in keys
        if len({settings.get(key, '-') for settings in known.values()}) > 1
    ]
    return {
        name: {key: settings.get(key, '-') for key in differing}
        for name, settings in known.items()
    }


def _settings(folder: Path) -> dict[str, str]:
    """Read the config that lies in a training's folder."""
    files = sorted(folder.glob('*.py'))
    if len(files) != 1:
        return {}
    try:
        return _flatten(parse_config_text(read_text(str(files[0])), str(files[0])))
    except (OSError, ValueError):
        return {}


def _flatten(value: Any, name: str = '') -> dict[str, str]:
    """Name what is in dicts and lists by its place, such as ``model.head.type``."""
    if isinstance(value, Mapping):
        items = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list | tuple) and any(isinstance(v, Mapping) for v in value):
        items = [(str(i), item) for i, item in enumerate(value)]
    else:
        return {name: repr(value)}
    flat: dict[str, str] = {}
    for key, item in items:
        if name or key not in _OWN:
            flat |= _flatten(item, f'{name}.{key}' if name else key)
    return flat
