"""Tables as plain text; rich lays them out."""

import math
from collections.abc import Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

# No line is broken, whatever the terminal: tables go to files and pipes as well.
_WIDTH = 1 << 14


def format_table(rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Align the cells of a table.

    Args:
        rows (Sequence[Sequence[str]]): The cells, as many in every row; the first row
            is the head, if there is one.
        left (Sequence[int]): Columns aligned to the left, the others are to the right.
            Defaults to the first.

    Returns:
        str: A line a row, without spaces at their ends.
    """
    table = Table.grid(padding=(0, 2))
    for place in range(len(rows[0])):
        table.add_column(justify='left' if place in left else 'right', no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    text = StringIO()
    Console(file=text, width=_WIDTH, color_system=None).print(table)
    return '\n'.join(line.rstrip() for line in text.getvalue().splitlines())


def format_number(value: float | None) -> str:
    """Write a number with two digits behind the point.

    Args:
        value (float | None): The number; NaN and None are one that does not exist.

    Returns:
        str: The number, ``'-'`` where there is none.
    """
    return '-' if value is None or math.isnan(value) else f'{value:.2f}'
