"""Queries and what a gallery answered, in a picture."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmreid.search import Answers
from mmreid.visualization import (
    RankedPicture,
    draw_sheet,
    read_picture,
    write_picture,
)


def draw_answers(
    path: Path, queries: Sequence[str], answers: Answers, title: str
) -> Path:
    """Draw queries and their answers, as far as pictures are there.

    Args:
        path (Path): A .jpg or .png file.
        queries (Sequence[str]): Pictures of the queries.
        answers (Answers): Of the same queries.
        title (str): Written above.

    Returns:
        Path: The file.
    """
    rows = []
    for row, query in enumerate(queries):
        known = answers.known is None or bool(answers.known[row])
        name = Path(query).name or 'query'
        head = name if known else f'unknown: {name}'
        rows.append([RankedPicture(_picture(query), head)])
        for entry, distance in zip(
            answers.entries[row], answers.distances[row], strict=False
        ):
            caption = f'{entry.person or entry.id} {distance:.3f}'
            right = None if answers.known is None else known
            rows[-1].append(RankedPicture(_picture(entry.path), caption, right))
    return write_picture(path, draw_sheet(rows, title))


def _picture(path: str | None) -> np.ndarray:
    """Read a picture, grey where there is none any more."""
    try:
        return read_picture(path or '')
    except OSError:
        return np.full((192, 96, 3), 200, np.uint8)
