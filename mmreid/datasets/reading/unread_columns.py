"""Columns of a table that nobody reads, and what they may mean."""

import re
from collections.abc import Collection, Iterable, Sequence

# What pandas and spreadsheets number the lines with.
_LINE_NUMBERS = re.compile(r'|unnamed: \d+|index')
# Columns, without signs between letters, that tell where in a frame the person is.
_BOXES = (
    *({'x1', 'y1', 'x2', 'y2'}, {'x0', 'y0', 'x1', 'y1'}, {'x', 'y', 'w', 'h'}),
    *({'xmin', 'ymin', 'xmax', 'ymax'}, {'left', 'top', 'right', 'bottom'}),
    *({'left', 'top', 'width', 'height'}, {'x', 'y', 'width', 'height'}),
    *({'xtl', 'ytl', 'xbr', 'ybr'}, {'bbx', 'bby', 'bbw', 'bbh'}),
    *({'box'}, {'bbox'}, {'boundingbox'}, {'roi'}, {'crop'}),
)
_CAMERAS = re.compile(r'cams?|cam(era)?[ _-]?(id|no|name|number)')


def find_unread(columns: Iterable[str], read: Sequence[str]) -> list[str]:
    """Return the columns that nobody reads, without numbers of lines.

    Args:
        columns (Iterable[str]): All columns.
        read (Sequence[str]): Those that are read.
    """
    return [
        column
        for column in columns
        if column not in read and not _LINE_NUMBERS.fullmatch(column)
    ]


def refuse_meaningful(
    path: str, columns: Collection[str], unread: Sequence[str]
) -> None:
    """Raise when a column that nobody reads would change what the others mean.

    Args:
        path (str): The table.
        columns (Collection[str]): All its columns.
        unread (Sequence[str]): Those that nobody reads.

    Raises:
        ValueError: Columns tell boxes, or cameras by another name.
    """
    plain = {re.sub(r'[\W_]', '', column): column for column in unread}
    for box in _BOXES:
        if box <= plain.keys():
            raise ValueError(
                f'{path!r} tells boxes in the columns '
                f'{[plain[name] for name in sorted(box)]}, but whole pictures are '
                'read: cut the boxes out and name the cut pictures; if they are cut '
                'already, remove these columns or set check=False.'
            )
    cameras = [column for column in unread if _CAMERAS.fullmatch(column)]
    if cameras and 'camera' not in columns:
        raise ValueError(
            f'{path!r} has the column {cameras[0]!r}, but cameras are read from '
            "'camera': rename it; to go without cameras, remove it or set check=False."
        )
