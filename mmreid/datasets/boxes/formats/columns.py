"""CSV with a line of column names, as tables of people and spreadsheets have them."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

import numpy as np

from mmreid.datasets.boxes.box_table import BoxTable, from_ltwh, whole_numbers
from mmreid.datasets.boxes.formats.lines import Places, find_delimiter, read_text
from mmreid.files import write_rows

# Names of columns, in small letters and without other signs.
_NAMES = dict(
    frame=('frame', 'frameid', 'framenumber', 'frameno', 'frameidx', 'frameindex'),
    track=('id', 'track', 'trackid', 'tracklet', 'trackletid', 'objectid', 'targetid'),
    score=('score', 'conf', 'confidence', 'detectionscore'),
    label=('label', 'class', 'cls', 'classname', 'classid', 'category'),
    camera=('camera', 'cam', 'cameraid', 'camid'),
)
_LTWH = (
    *(('x', 'y', 'w', 'h'), ('x', 'y', 'width', 'height')),
    *(('left', 'top', 'width', 'height'), ('left', 'top', 'w', 'h')),
    *(('bbleft', 'bbtop', 'bbwidth', 'bbheight'), ('bbx', 'bby', 'bbw', 'bbh')),
    ('bboxleft', 'bboxtop', 'bboxw', 'bboxh'),
)
_CORNERS = (
    *(('x1', 'y1', 'x2', 'y2'), ('x0', 'y0', 'x1', 'y1')),
    *(('xmin', 'ymin', 'xmax', 'ymax'), ('xtl', 'ytl', 'xbr', 'ybr')),
    ('left', 'top', 'right', 'bottom'),
)


def is_header(line: str) -> bool:
    """Tell whether a line names columns: it has a value that is no number.

    Args:
        line (str): The line.

    Returns:
        bool: Whether it does.
    """
    try:
        for value in line.strip().strip(',;\t').split(find_delimiter(line)):
            float(value)
    except ValueError:
        return True
    return False


def read(path: str) -> BoxTable:
    """Read such a file.

    Args:
        path (str): The file. A column for the frame and four for the box must be
            there, as ``x, y, w, h`` or as corners ``x1, y1, x2, y2`` or by another
            usual name; track, score, label and camera may; all others are ``extra``.

    Returns:
        BoxTable: Its rows. More than one camera is kept in ``extra['camera']``.

    Raises:
        ValueError: A column is missing or named twice, or a line is no such line.
    """
    # The sign of a comment before the names; lines keep their numbers.
    text = re.sub(r'\A(\s*)#+[ \t]*', r'\1', read_text(path))
    lines = _read_lines(path, text)
    names = next(lines, [])
    columns = _join(path, names, lines, text)
    places = Places(path, text, skip=1)
    own, box, has_corners = _find_columns(path, names)
    count = len(columns[own['frame']])

    def take(kind: str, default: float | None = None) -> np.ndarray:
        if kind not in own:
            return np.full(count, default, np.float64)
        return _numbers(columns.pop(own[kind]), own[kind], places, default)

    frame = whole_numbers('frame', take('frame'), places)
    if (frame < 0).any():
        row = int(np.argmax(frame < 0))
        raise ValueError(f'{places[row]}: a frame cannot have the number {frame[row]}.')
    sides = np.array([_numbers(columns.pop(name), name, places) for name in box]).T
    cameras = {*columns[own['camera']]} if 'camera' in own else set()
    return BoxTable(
        frame=frame,
        track=np.maximum(whole_numbers('track', take('track', -1.0), places), -1),
        box=sides if has_corners else from_ltwh(sides),
        score=take('score', np.nan),
        camera=columns.pop(own['camera'])[0] if len(cameras) == 1 else None,
        label=np.array(columns.pop(own['label']), np.str_) if 'label' in own else None,
        extra={name: np.array(column, np.str_) for name, column in columns.items()},
        first_frame=0 if len(frame) and frame.min() == 0 else None,
    )


def _find_columns(
    path: str, names: list[str]
) -> tuple[dict[str, str], list[str], bool]:
    """Find the columns that are read, by kind; the box's; and whether it is corners."""
    plain = {re.sub(r'[\W_]', '', name.lower()): name for name in reversed(names)}
    corners = next((b for b in _CORNERS if {*b} <= plain.keys()), None)
    box = corners or next((b for b in _LTWH if {*b} <= plain.keys()), None)
    own = {
        kind: plain[name]
        for kind, spellings in _NAMES.items()
        for name in reversed(spellings)
        if name in plain
    }
    if 'frame' not in own or box is None:
        lacking = ['frame'] if 'frame' not in own else []
        lacking += ['x, y, w, h (or x1, y1, x2, y2)'] if box is None else []
        raise ValueError(
            f'{path!r} lacks the columns {" and ".join(lacking)}; it has {names}.'
        )
    return own, [plain[name] for name in box], corners is not None


def write(path: str, table: BoxTable) -> None:
    """Write such a file: ``frame,id,x1,y1,x2,y2`` and the columns that are known.

    Args:
        path (str): The file.
        table (BoxTable): The boxes. An unknown track or score is an empty cell.
    """
    columns = dict(frame=table.frame.tolist())
    columns['id'] = ['' if t < 0 else t for t in table.track.tolist()]
    corners = ('x1', 'y1', 'x2', 'y2')
    columns |= dict(zip(corners, table.box.T.tolist(), strict=True))
    if not np.isnan(table.score).all():
        columns['score'] = ['' if s != s else s for s in table.score.tolist()]
    if table.label is not None:
        columns['label'] = table.label.tolist()
    if table.camera is not None:
        columns['camera'] = [table.camera] * len(table)
    columns |= {name: column.tolist() for name, column in table.extra.items()}
    write_rows(path, columns, zip(*columns.values(), strict=True))


def _read_lines(path: str, text: str) -> Iterator[list[str]]:
    """Yield the cells of each line that is not empty."""
    delimiter = find_delimiter(text.lstrip().split('\n', 1)[0])
    if delimiter is None:
        yield from (line.split() for line in text.splitlines() if line.strip())
        return
    lines = io.StringIO(text, newline='')
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    try:
        yield from (cells for cells in reader if any(map(str.strip, cells)))
    except csv.Error as error:
        raise ValueError(f'{path!r}, line {reader.line_num}: {error}.') from error


def _join(
    path: str, names: list[str], lines: Iterator[list[str]], text: str
) -> dict[str, list[str]]:
    """Turn lines into columns by name."""
    names[:] = [name.strip() for name in names]
    while names and not names[-1]:
        names.pop()
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f'{path!r} has the column {twice[0]!r} twice.')
    width, rows = len(names), []
    for row, cells in enumerate(lines):
        if len(cells) != width:
            cells = cells[:-1] if cells[-1] == '' else cells
            if len(cells) != width:
                raise ValueError(
                    f'{Places(path, text, 1)[row]}: {len(cells)} cells for {width} '
                    f'columns.'
                )
        rows.append(cells)
    columns = map(list, zip(*rows, strict=True)) if rows else ([] for _ in names)
    return dict(zip(names, columns, strict=True))


def _numbers(
    column: Sequence[str], name: str, places: Places, default: float | None = None
) -> np.ndarray:
    """Turn the cells of a column into floats; an empty one has the default."""
    try:
        numbers = np.fromiter(map(float, column), np.float64, len(column))
        if default is not None or np.isfinite(numbers).all():
            return np.nan_to_num(numbers, nan=default) if default == -1 else numbers
    except ValueError:
        pass
    numbers = np.empty(len(column))
    for row, cell in enumerate(column):
        cell = cell.strip().lower()
        if cell in ('', 'nan', 'none', 'null') and default is not None:
            numbers[row] = default
            continue
        try:
            numbers[row] = float(cell.replace(',', '.'))
        except ValueError:
            numbers[row] = np.nan
        if not np.isfinite(numbers[row]):
            raise ValueError(f'{places[row]}: {name} must be a number, got {cell!r}.')
    return numbers
