"""The home folder in paths."""

import os
import re
from pathlib import Path
from typing import Any


def expand_home(value: Any) -> Any:
    """Replace ``~`` at the start of paths by the user's home folder.

    Args:
        value (Any): A path, or a nest of dicts, lists and tuples with paths among
            other things; dicts and lists are changed in place. A text that begins with
            ``~/`` is a path.

    Returns:
        Any: The same with whole paths.
    """
    if isinstance(value, tuple):
        return tuple(expand_home(entry) for entry in value)
    if isinstance(value, Path):
        return value.expanduser() if value.parts[:1] == ('~',) else value
    if isinstance(value, str):
        return os.path.expanduser(value) if re.match(r'~(/|$)', value) else value
    if isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, entry in [*entries]:
            value[key] = expand_home(entry)
    return value
