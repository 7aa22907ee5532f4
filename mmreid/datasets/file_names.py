"""Which pictures a folder has, and what their names tell."""

import os
import re
from collections.abc import Sequence

SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp')


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a file-name pattern.

    Raises:
        ValueError: If it is no regular expression, or has no groups ``person`` and
            ``camera``.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(
            f'pattern must be a regular expression, but got {pattern!r}: {error}'
        ) from error
    if not {'person', 'camera'} <= set(compiled.groupindex):
        raise ValueError(
            'pattern must have the groups (?P<person>...) and (?P<camera>...), but got '
            f'{pattern!r}'
        )
    return compiled


def parse_name(pattern: re.Pattern[str], name: str) -> tuple[int, int] | None:
    """Read person and camera from a file name; None when it does not fit."""
    match = pattern.fullmatch(os.path.splitext(name)[0])
    try:
        return (int(match['person']), int(match['camera'])) if match else None
    except (TypeError, ValueError):  # a group that did not take part, or letters
        return None


def list_pictures(folder: str) -> list[str]:
    """List the file names of a folder's pictures, in the same order everywhere.

    Hidden files and files that are no pictures are left out.
    """
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.name.lower().endswith(SUFFIXES)
            and not entry.name.startswith('.')
            and entry.is_file()
        )


def few(names: Sequence[str]) -> str:
    """Name the first five."""
    return ', '.join(map(repr, names[:5])) + (', ...' if len(names) > 5 else '')


def describe_folder(root: str) -> str:
    """Say what is where something was looked for."""
    if not os.path.isdir(root):
        return f'{root!r} does not exist'
    return f'{root!r} holds {few(sorted(os.listdir(root))) or "nothing"}'
