"""What the names of pictures tell."""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any

from mmreid.datasets.reading.times import read_clock

#: What a file name may tell.
LABELS = ('person', 'camera', 'clothes', 'tracklet')
#: What OpenCV reads; GIF and AVIF with some of its versions only.
SUFFIXES = (
    *('.jpg', '.jpeg', '.jpe', '.jfif', '.jp2', '.png', '.bmp', '.dib', '.webp'),
    *('.tif', '.tiff', '.ppm', '.pgm', '.pbm', '.pnm', '.gif', '.avif'),
)


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a file-name pattern.

    Args:
        pattern (str): A regular expression.

    Raises:
        ValueError: If it is no regular expression, or has no group ``person``.
    """
    compiled = compile_expression(pattern)
    if 'person' not in compiled.groupindex:
        raise ValueError(
            'pattern must have the group (?P<person>...), and (?P<camera>...) if names '
            f'tell the camera, got "{pattern}"; "mmreid embed" takes pictures of which '
            'nobody is named, and UnlabelledFolder trains on them.'
        )
    return compiled


def compile_expression(pattern: str) -> re.Pattern[str]:
    """Compile a regular expression, whatever groups it has.

    Args:
        pattern (str): The expression.

    Raises:
        ValueError: It is none.
    """
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(
            f'pattern must be a regular expression, got "{pattern}": {error}.'
        ) from error


def parse_name(pattern: re.Pattern[str], name: str) -> dict[str, Any] | None:
    """Read what a file name tells of ``LABELS`` and time; None when it does not fit.

    Args:
        pattern (re.Pattern[str]): Expression of the whole name without its suffixes
            (``.jpg.jpg`` is as good as ``.jpg``); what fits with all but the last one
            fits, too.
        name (str): The name.

    Returns:
        dict[str, Any] | None: Labels by name; with a group ``time`` or ``frame``
        ``time`` and ``clock`` too, see
        :func:`mmreid.datasets.reading.times.read_clock`.

    Raises:
        ValueError: What should be a time is none.
    """
    match = match_name(pattern, name)
    if match is None or not match['person']:
        return None
    labels = {name: match[name] for name in LABELS if name in pattern.groupindex}
    try:
        return labels | read_clock(match.groupdict())
    except ValueError as error:
        raise ValueError(f'{name!r}: {error}') from error


def match_end(pattern: re.Pattern[str], path: str) -> re.Match[str] | None:
    """Match the end of a path: the name, or the name below some of its folders.

    Args:
        pattern (re.Pattern[str]): As of :func:`parse_name`, of any groups; ``/`` stands
            between folders.
        path (str): The path.

    Returns:
        re.Match[str] | None: The match with the fewest folders; None where there is
        none.
    """
    parts = PurePath(path).parts
    ends = ('/'.join(parts[-count:]) for count in range(1, len(parts) + 1))
    return next(filter(None, (match_name(pattern, end) for end in ends)), None)


def match_name(pattern: re.Pattern[str], name: str) -> re.Match[str] | None:
    """Match a whole file name without its suffixes.

    Args:
        pattern (re.Pattern[str]): As of :func:`parse_name`, of any groups.
        name (str): The name.
    """
    stem = os.path.splitext(name)[0]
    bare = stem
    while bare.lower().endswith(SUFFIXES):
        bare = os.path.splitext(bare)[0]
    return pattern.fullmatch(bare) or pattern.fullmatch(stem)


def require_utf8(paths: Iterable[str]) -> None:
    """Raise when a path is not written in UTF-8.

    Features, results and logs name every picture, as text that other programs read.

    Args:
        paths (Iterable[str]): The paths.

    Raises:
        ValueError: A path has bytes of another encoding.
    """
    for path in paths:
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise ValueError(
                f'The name {path!r} is not UTF-8, the one encoding in which results '
                'can name pictures; rename the files, for example with convmv -f '
                'latin1 -t utf8 --notest -r FOLDER.'
            ) from error


def locate_picture(root: str, name: str) -> str:
    r"""Return where a picture is that a table or list names.

    Args:
        root (str): Folder that the name belongs to.
        name (str): Where no file has this very name, ``\`` between folders is taken as
            Windows writes it, and letters such as ``ë`` in the form of Unicode that the
            file has (macOS writes e and two dots).
    """
    path = os.path.join(root, name)
    if (name.isascii() and '\\' not in name) or os.path.lexists(path):
        return path
    name = name.replace('\\', '/')
    forms = [unicodedata.normalize(form, name) for form in ('NFC', 'NFD')]
    paths = [os.path.join(root, form) for form in forms]
    return next(filter(os.path.lexists, paths), os.path.join(root, name))


def quote_first(names: Sequence[str]) -> str:
    """Name the first five.

    Args:
        names (Sequence[str]): All names.
    """
    return ', '.join(map(repr, names[:5])) + (', ...' if len(names) > 5 else '')
