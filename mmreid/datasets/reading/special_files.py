"""Pipes, sockets and devices: to open one may never end."""

import os
import stat
from collections import defaultdict
from collections.abc import Iterable


def is_special(path: str) -> bool:
    """Return whether there is something that is neither a file nor a folder.

    Args:
        path: Where. What is missing, or lies on another machine, is not special.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def find_special(paths: Iterable[str]) -> list[str]:
    """Return those of many paths that are special.

    Every folder is listed once, which tells the kinds of all that is in it; to ask for
    each file takes long on network file systems.

    Args:
        paths: Some in the same folders.
    """
    wanted = defaultdict(set)
    for path in paths:
        folder, name = os.path.split(path)
        wanted[folder].add(name)
    found = []
    for folder, names in wanted.items():
        try:
            entries = os.scandir(folder)
        except (OSError, ValueError):  # missing, which is said where it is read
            continue
        with entries:
            found += [
                entry.path
                for entry in entries
                if entry.name in names
                and not entry.is_file()
                and is_special(entry.path)
            ]
    return found
