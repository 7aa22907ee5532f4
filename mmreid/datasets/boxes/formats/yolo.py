"""YOLO's text, a file a frame, as ultralytics' ``save_txt`` writes it.

A line is ``class cx cy w h``, then ``conf`` where ``save_conf`` was set, then the
track's number where there was a tracker; the box is in fractions of the picture. A
video's files are ``labels/NAME_1.txt``, ``NAME_2.txt``, ... (frames count from 1, and
one without boxes has no file); a picture's has the picture's name.
"""

import os
import re
from dataclasses import replace

import numpy as np

from mmreid.datasets.boxes.box_table import BoxTable, whole_numbers
from mmreid.datasets.boxes.formats.lines import read_numbers, read_text
from mmreid.files import whole_file

_NUMBER = re.compile(r'(.*?)(\d+)')
_OTHER = ('classes.txt', 'readme.txt', 'obj.names')


def read(path: str, picture_size: tuple[int, int] | None) -> BoxTable:
    """Read such a folder.

    Args:
        path (str): The folder, or the one above ``labels``.
        picture_size (tuple[int, int] | None): Width and height of the video.

    Returns:
        BoxTable: Its rows, in the order of the frames; the label is the class's name,
        where ``classes.txt`` tells it, or its number.

    Raises:
        ValueError: The size is not given, a name has no number, or a line is no such
            line.
        FileNotFoundError: There is no such file in the folder.
    """
    folder = os.path.join(path, 'labels')
    folder = folder if os.path.isdir(folder) else path
    files = _list(folder)
    if picture_size is None:
        raise ValueError(
            f"{path!r} has boxes in fractions of the picture: give the video's size as "
            'picture_size=(width, height); open_frames(VIDEO).size tells it.'
        )
    frames, tables, filled = [], [], []
    for number, name in files:
        file = os.path.join(folder, name)
        text = read_text(file)
        if (numbers := _read_file(file, text)).size:
            frames.append(np.full(len(numbers), number))
            tables.append(numbers)
            filled.append((number, name))
    if len({table.shape[1] for table in tables}) > 1:
        widths = sorted({table.shape[1] for table in tables})
        raise ValueError(
            f'{path!r}: its files have lines of {widths} values; one run of a detector '
            'or a tracker writes one kind.'
        )
    rows = np.concatenate(tables) if tables else np.zeros((0, 5))
    frame = np.concatenate(frames) if frames else np.zeros(0)
    stems = [
        name[:-4]
        for (_, name), table in zip(filled, tables, strict=True)
        for _ in table
    ]
    table = _make(path, frame, rows, _read_names(folder), picture_size)
    return replace(table, extra={'name': np.array(stems, np.str_)})


def write(path: str, table: BoxTable) -> None:
    """Write such a folder.

    Args:
        path (str): The folder; the files are in ``labels`` in it.
        table (BoxTable): The boxes, with ``picture_size``.

    Raises:
        ValueError: The table has no ``picture_size``.
        FileExistsError: There are files already.
    """
    if table.picture_size is None:
        raise ValueError("format='yolo' needs a table with picture_size.")
    folder = os.path.join(path, 'labels')
    os.makedirs(folder, exist_ok=True)
    if os.listdir(folder):
        raise FileExistsError(
            f'{folder!r} has files, and those of other frames would stay: remove them.'
        )
    size = np.array(table.picture_size * 2, np.float64)
    centre = (table.box[:, :2] + table.box[:, 2:]) / 2
    boxes = np.hstack([centre, table.box[:, 2:] - table.box[:, :2]]) / size
    classes = _number_classes(folder, table)
    scored, tracked = not np.isnan(table.score).all(), (table.track >= 0).any()
    lines: dict[int, list[str]] = {}
    for row, frame in enumerate(table.frame.tolist()):
        values = [str(classes[row]), *(f'{v:.9g}' for v in boxes[row])]
        values += [f'{table.score[row]:.9g}'] if scored else []
        values += [str(table.track[row])] if tracked else []
        lines.setdefault(frame, []).append(' '.join(values) + '\n')
    stem = os.path.basename(os.path.abspath(path))
    for frame, text in lines.items():
        with whole_file(os.path.join(folder, f'{stem}_{frame}.txt')) as partial:
            partial.write_text(''.join(text), encoding='utf-8')


def _number_classes(folder: str, table: BoxTable) -> list[int]:
    """Number the labels; ``classes.txt`` keeps them where they are names."""
    if table.label is None:
        return [0] * len(table)
    labels = table.label.tolist()
    names = sorted({*labels})
    if all(name.isdecimal() for name in names):
        return [int(name) for name in labels]
    with whole_file(os.path.join(folder, 'classes.txt')) as partial:
        partial.write_text('\n'.join(names) + '\n', encoding='utf-8')
    numbers = {name: number for number, name in enumerate(names)}
    return [numbers[name] for name in labels]


def _list(folder: str) -> list[tuple[int, str]]:
    """List the files by the last number in their names."""
    names = [n for n in os.listdir(folder) if n.endswith('.txt') and n[0] != '.']
    names = sorted(name for name in names if name.lower() not in _OTHER)
    if not names:
        raise FileNotFoundError(f'{folder!r} has no .txt file with boxes.')
    found: dict[int, str] = {}
    for name in names:
        match = _NUMBER.fullmatch(name[:-4])
        if match is None:
            raise ValueError(
                f"{os.path.join(folder, name)!r}: the name must end with the frame's "
                'number, as in video_12.txt.'
            )
        number = int(match[2])
        if number in found:
            raise ValueError(
                f'{folder!r}: both {found[number]!r} and {name!r} are frame {number}; '
                'keep the files of each video in a folder of its own.'
            )
        found[number] = name
    return sorted(found.items())


def _read_file(path: str, text: str) -> np.ndarray:
    """Read a file, and say where it is no detection but another kind of label."""
    try:
        return read_numbers(path, text, 5, 7)
    except ValueError as error:
        raise ValueError(
            f'{error} YOLO boxes are "class cx cy w h [conf] [track]"; outlines of '
            'segmentation are no boxes.'
        ) from error


def _read_names(folder: str) -> list[str]:
    for place in (folder, os.path.dirname(folder)):
        for name in ('classes.txt', 'obj.names'):
            if os.path.isfile(file := os.path.join(place, name)):
                return read_text(file).split('\n')
    return []


def _make(
    path: str,
    frame: np.ndarray,
    rows: np.ndarray,
    names: list[str],
    picture_size: tuple[int, int],
) -> BoxTable:
    places = [f'{path!r}, frame {int(number)}' for number in frame]
    wrong = ~(np.abs(rows[:, 1:5]) <= 2).all(1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f'{places[row]}: {rows[row, 1:5]} are no fractions of a picture.'
        )
    size = np.array(picture_size * 2, np.float64)
    centre, extent = rows[:, 1:3], rows[:, 3:5]
    box = np.hstack([centre - extent / 2, centre + extent / 2]) * size
    last = rows[:, 5:]
    # With six values the sixth is a score or a track; scores are hardly all whole.
    tracked = last.shape[1] == 2 or (last.shape[1] == 1 and (last % 1 == 0).all())
    scored = last.shape[1] == 2 or (last.shape[1] == 1 and not tracked)
    track = whole_numbers('track (last value)', last[:, -1], places) if tracked else -1
    classes = whole_numbers('class (first value)', rows[:, 0], places)
    label = [
        names[c].strip() if 0 <= c < len(names) and names[c].strip() else str(c)
        for c in classes.tolist()
    ]
    return BoxTable(
        frame=frame,
        track=np.maximum(track, -1) + np.zeros(len(rows), np.int64),
        box=box,
        score=last[:, 0] if scored else np.full(len(rows), np.nan),
        label=np.array(label, np.str_),
        first_frame=0 if len(frame) and frame.min() == 0 else 1,
        picture_size=picture_size,
    )
