"""Text files with a picture, its person and perhaps its camera in every line."""

import io
import os
import re
from typing import Any

from mmreid.datasets.reading.file_names import (
    SUFFIXES,
    locate_picture,
    parse_name,
    quote_first,
)
from mmreid.datasets.reading.labels import read_label
from mmreid.datasets.reading.rows import Row
from mmreid.files import read_text

_ENDINGS = '|'.join(re.escape(suffix) for suffix in SUFFIXES)
# The suffix ends the path, which may have blanks; 'a.jpg.jpg 1' ends at the second one.
_LINE = re.compile(
    rf'(?P<path>.+?(?:{_ENDINGS}))[\s,;:]+(?P<person>[^\s,;:]+)'
    r'(?:[\s,;:]+(?P<camera>[^\s,;:]+))?',
    re.IGNORECASE,
)


def read_label_list(
    path: str, root: str, pattern: re.Pattern[str] | None = None
) -> list[Row]:
    """Read a list of pictures.

    Args:
        path (str): A text file; in every line the path of a picture, the label of its
            person and, if known, of its camera, with blanks, tabs, ``,``, ``;`` or
            ``:`` between them.
        root (str): Folder that the paths belong to.
        pattern (re.Pattern[str], optional): What a picture's name tells, for camera,
            clothes and time where the lines do not. Defaults to None: nothing.

    Returns:
        list[Row]: A row for each line that is not empty.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A line is none of these, a picture is listed twice, or the file is
            in another encoding than UTF-8 and UTF-16.
    """
    rows: dict[str, Row] = {}
    wrong = []
    lines = io.StringIO(read_text(path), newline=None)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = _read_line(line.strip(), root, pattern)
        if row is None:
            wrong.append(f'line {number}: {line.strip()}')
        elif (place := os.path.normpath(row.path)) in rows:
            wrong.append(f'line {number}, once more: {line.strip()}')
        else:
            rows[place] = row
    if wrong:
        fitting = f' whose name fits {pattern.pattern!r}' if pattern else ''
        raise ValueError(
            f'{len(wrong)} lines of {path!r} are not the path of a new picture'
            f'{fitting}, its person and, if known, its camera: {quote_first(wrong)}.'
        )
    if not rows:
        raise ValueError(f'{path!r} lists no picture.')
    return [*rows.values()]


def _read_line(line: str, root: str, pattern: re.Pattern[str] | None) -> Row | None:
    """Return what a line tells; None where it is something else."""
    match = _LINE.fullmatch(line)
    if match is None or read_label(match['person']) is None:
        return None
    labels: dict[str, Any] | None = {}
    if pattern is not None:
        whole = '/' in pattern.pattern
        name = match['path'] if whole else os.path.basename(match['path'])
        labels = parse_name(pattern, name)
    if labels is None:
        return None
    camera = match['camera'] or labels.get('camera')
    path = locate_picture(root, match['path'])
    names = ('clothes', 'tracklet', 'time', 'clock')
    further = {name: labels.get(name) for name in names}
    return Row(path, match['person'], camera, **further)
