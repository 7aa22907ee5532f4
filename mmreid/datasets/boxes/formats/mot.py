"""MOTChallenge's text: ground truth, detections, and what trackers write.

A line is ``frame, id, left, top, width, height`` and, where there are more,
``conf``; then, with 8 or 9 values, the class and the visibility (``gt.txt``, boxmot),
or with 10 the place ``x, y, z`` in the world (``det.txt``, ByteTrack). Frames count
from 1. The benchmark counts pixels from 1 too, but TrackEval, ByteTrack and boxmot
use the numbers as they are, and so does this reader.

See https://github.com/JonathonLuiten/TrackEval/tree/master/docs/MOTChallenge-Official.
"""

import numpy as np

from mmreid.datasets.boxes.box_table import BoxTable, from_ltwh, whole_numbers
from mmreid.datasets.boxes.formats.lines import Places, read_numbers, read_text
from mmreid.files import whole_file

_WORLD = ('x', 'y', 'z')


def read(path: str) -> BoxTable:
    """Read such a file.

    Args:
        path (str): The file, with commas, semicolons, tabs or blanks.

    Returns:
        BoxTable: Its rows; with 8 or 9 values in a line the class is the label, and
        ``extra`` has ``visibility``; with 10, ``x``, ``y`` and ``z``.

    Raises:
        ValueError: A line is no such line.
    """
    text = read_text(path)
    numbers = read_numbers(path, text, 6, 10)
    places = Places(path, text)
    width = numbers.shape[1]
    frame = whole_numbers('frame (first value)', numbers[:, 0], places)
    if (frame < 0).any():
        row = int(np.argmax(frame < 0))
        raise ValueError(f'{places[row]}: a frame cannot have the number {frame[row]}.')
    track = whole_numbers('track (second value)', numbers[:, 1], places)
    if not (good := np.isfinite(numbers[:, 2:6]).all(1)).all():
        raise ValueError(f'{places[int(np.argmin(good))]}: the box is not finite.')
    label, extra = None, {}
    if width == 10:
        extra = {name: numbers[:, 7 + n] for n, name in enumerate(_WORLD)}
    elif width >= 8:
        label = whole_numbers('class (eighth value)', numbers[:, 7], places)
        extra = {'visibility': numbers[:, 8]} if width == 9 else {}
    return BoxTable(
        frame=frame,
        track=np.maximum(track, -1),
        box=from_ltwh(numbers[:, 2:6]),
        score=numbers[:, 6] if width > 6 else np.full(len(numbers), np.nan),
        label=label,
        extra=extra,
        # A file of some tracker that counts from 0.
        first_frame=0 if len(frame) and frame.min() == 0 else 1,
    )


def write(path: str, table: BoxTable) -> None:
    """Write such a file, with as many columns as the table has.

    Args:
        path (str): The file.
        table (BoxTable): The boxes. An unknown track is -1; scores are left out where
            all are unknown and no later column is known.

    Raises:
        ValueError: The labels are names; the format has numbers.
    """
    columns = [table.frame, table.track, *table.ltwh.T]
    world = [table.extra[name] for name in _WORLD if name in table.extra]
    if table.label is not None:
        columns += [table.score, _classes(table.label)]
        columns += [table.extra.get('visibility', np.full(len(table), -1))]
    elif len(world) == 3:
        columns += [table.score, *world]
    elif not np.isnan(table.score).all():
        columns += [table.score]
    kinds = [np.asarray(column).dtype.kind for column in columns]
    words = [
        [str(v) for v in column.tolist()]
        if kind in 'iu'
        else [f'{v:.10g}' for v in np.asarray(column, np.float64).tolist()]
        for column, kind in zip(columns, kinds, strict=True)
    ]
    with whole_file(path) as partial, open(partial, 'w', encoding='utf-8') as file:
        file.writelines(','.join(row) + '\n' for row in zip(*words, strict=True))


def _classes(labels: np.ndarray) -> np.ndarray:
    try:
        return labels.astype(np.int64)
    except ValueError:
        names = sorted({*labels.tolist()})
        raise ValueError(
            f"format='mot' has numbers for classes, got the labels {names[:5]}; give "
            "the table without labels, or write format='csv'."
        ) from None
