"""Pipes, sockets and devices: to open one may never end."""

import os
import stat
from collections import defaultdict
from collections.abc import Iterable


def is_special(path: str) -> bool:
    """Return whether there is something that is neither a file nor a folder.

    Args:
        path (str): Where. What is missing, or lies on another machine, is not special.
    """
    mode = _mode(path)
    return mode != 0 and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def find_missing_and_special(paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return those of many paths that are missing, and those that are special.

    Every folder is listed once, which tells the kinds of all that is in it; to ask for
    each file takes long on network file systems.

    Args:
        paths (Iterable[str]): Some in the same folders.
    """
    wanted: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        folder, name = os.path.split(path)
        wanted[folder][name] = path
    for folder, names in wanted.items():
        for entry in _list(folder):
            if entry.is_file(follow_symlinks=False):
                names.pop(entry.name, None)
    # Links, what is none of these, and names that the system spells in another way.
    left = [path for names in wanted.values() for path in names.values()]
    modes = {path: _mode(path) for path in left}
    missing = [path for path, mode in modes.items() if mode == 0 or stat.S_ISDIR(mode)]
    files = [path for path, mode in modes.items() if stat.S_ISREG(mode)]
    return missing, sorted(modes.keys() - {*missing, *files})


def _mode(path: str) -> int:
    """Return what kind of thing a path leads to; 0 where it leads to nothing."""
    try:
        return os.stat(path).st_mode
    except (OSError, ValueError):
        return 0


def _list(folder: str) -> list[os.DirEntry]:
    try:
        with os.scandir(folder) as entries:
            return [*entries]
    except (OSError, ValueError):  # missing, as all that is in it
        return []
