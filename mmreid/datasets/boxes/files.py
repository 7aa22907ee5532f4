"""Reading and writing tables of boxes, in whatever format."""

import os
from dataclasses import replace

from mmreid.arguments import check_choice
from mmreid.datasets.boxes.box_table import BoxTable
from mmreid.datasets.boxes.formats import columns, cvat, lines, mot, yolo
from mmreid.files import check_file

#: The names of the formats.
FORMATS = ('mot', 'yolo', 'cvat', 'csv')


def read_boxes(
    path: str | os.PathLike,
    format: str = 'auto',
    *,
    first_frame: int | None = None,
    picture_size: tuple[int, int] | None = None,
) -> BoxTable:
    """Read a table of boxes.

    Args:
        path (str | os.PathLike): A file, or a folder of YOLO's files.
        format (str): One of ``FORMATS``; ``'auto'`` finds it: a folder is YOLO's, XML
            or ZIP is CVAT's, text with a line of names is CSV and other text MOT's.
            Defaults to 'auto'.
        first_frame (int, optional): The number that the table has for the first frame
            of the video. Defaults to None: what the format says (MOT and YOLO 1, CVAT
            0; 0 where a row has frame 0).
        picture_size (tuple[int, int], optional): Width and height of the video, which
            YOLO's fractions need. Defaults to None: what the file says.

    Returns:
        BoxTable: The boxes, in the order of the file.

    Raises:
        FileNotFoundError: There is no such file or folder.
        ValueError: It cannot be read; the message names the line or the box.
    """
    path = os.fspath(path)
    check_choice('format', format, ('auto', *FORMATS))
    if not os.path.exists(path):
        raise FileNotFoundError(f'There is no table of boxes {path!r}.')
    format = find_format(path) if format == 'auto' else format
    if format == 'yolo':
        table = yolo.read(path, picture_size)
    else:
        check_file(path)
        read = dict(mot=mot.read, cvat=cvat.read, csv=columns.read)[format]
        table = read(path)
    if first_frame is not None:
        table = replace(table, first_frame=first_frame)
    if table.picture_size is None and picture_size is not None:
        table = replace(table, picture_size=picture_size)
    return table


def write_boxes(path: str | os.PathLike, table: BoxTable, format: str = 'auto') -> None:
    """Write a table of boxes; a file is whole or not there.

    Args:
        path (str | os.PathLike): The file, or the folder for YOLO's files.
        table (BoxTable): The boxes.
        format (str): One of ``FORMATS``; ``'auto'`` goes by the ending: ``.csv``,
            ``.xml``, ``.txt`` (MOT), none (YOLO). Defaults to 'auto'.

    Raises:
        ValueError: The ending tells no format, or the format cannot hold the table.
        OSError: It cannot be written.
    """
    path = os.fspath(path)
    check_choice('format', format, ('auto', *FORMATS))
    if format == 'auto':
        ending = os.path.splitext(path)[1].lower()
        known = {'.csv': 'csv', '.xml': 'cvat', '.txt': 'mot', '': 'yolo'}
        if ending not in known:
            raise ValueError(f'format must be told for {path!r}: one of {FORMATS}.')
        format = known[ending]
    write = dict(mot=mot.write, cvat=cvat.write, csv=columns.write, yolo=yolo.write)
    write[format](path, table)


def find_format(path: str) -> str:
    """Tell in which format a table is.

    Args:
        path (str): The file or folder.

    Returns:
        str: One of ``FORMATS``.
    """
    if os.path.isdir(path):
        return 'yolo'
    check_file(path)
    with open(path, 'rb') as file:
        begin = file.read(64).lstrip(b'\xef\xbb\xbf \r\n\t')
    if begin.startswith((b'<', b'PK\x03\x04')):
        return 'cvat'
    for line in lines.read_text(path).splitlines():
        if line.strip(' #'):
            return 'csv' if columns.is_header(line.strip(' #')) else 'mot'
    # An empty table: a detector that has found nobody.
    return 'mot'
