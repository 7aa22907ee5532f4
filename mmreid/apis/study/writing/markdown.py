"""Tables and links in Markdown."""

import os
from collections.abc import Sequence
from pathlib import Path


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Write a table, its first row the head.

    Args:
        rows (Sequence[Sequence[str]]): The cells, as many in every row.

    Returns:
        str: A line a row, and the line below the head.
    """
    lines = [f'| {" | ".join(map(_cell, row))} |' for row in rows]
    return '\n'.join([lines[0], '|---' * len(rows[0]) + '|', *lines[1:]])


def link(target: Path, page: Path, text: str = '') -> str:
    """Write a link to a file, from where the page is.

    Args:
        target (Path): The file.
        page (Path): Where the link stands.
        text (str): What it shows. Defaults to '': the file's name.
    """
    place = Path(os.path.relpath(target, page.parent)).as_posix()
    return f'[{text or target.name}]({place})'


def _cell(text: str) -> str:
    return text.replace('|', '\\|').replace('\n', ' ')
