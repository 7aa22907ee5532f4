"""Small pieces of Markdown."""

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r'([\\*_<>\[\]|`$])')


def escape(text: str) -> str:
    """Write plain text so that Markdown shows it as it is, in one line.

    Args:
        text (str): The text.
    """
    return _SPECIAL.sub(r'\\\1', ' '.join(text.split())).replace('\\|', '&#124;')


def code(text: str) -> str:
    """Write text as code, also in the cell of a table.

    Args:
        text (str): The text.
    """
    shown = text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')
    return f'<code>{shown.replace("|", "&#124;")}</code>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a table.

    Args:
        head (Sequence[str]): Titles of the columns, with ``':'`` at the end of those
            whose cells are numbers.
        rows (Iterable[Sequence[str]]): Cells in Markdown.

    Returns:
        str: The table, a line a row.
    """
    rules = ['---:' if title.endswith(':') else '---' for title in head]
    titles = [title.removesuffix(':') for title in head]
    lines = [titles, rules, *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)
