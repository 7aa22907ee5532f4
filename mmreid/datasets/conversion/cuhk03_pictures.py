"""The pictures of CUHK03 as PNG files that are whole or not there."""

import os
from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from mmreid.datasets.conversion.cuhk03_files import images_folder
from mmreid.datasets.conversion.cuhk03_release import (
    PER_VIEW,
    VIEWS,
    Slot,
    parse_slot,
    read_picture,
)
from mmreid.datasets.conversion.mat_file import Cells
from mmreid.datasets.reading.folders import list_pictures
from mmreid.pictures import is_whole_png

# OpenCV's default differs between versions; more compresses hardly better.
_OPTIONS = [cv2.IMWRITE_PNG_COMPRESSION, 3]


def export_pictures(pairs: Sequence[Cells], folder: str) -> Iterator[tuple[int, int]]:
    """Write the pictures that are not there yet.

    Args:
        pairs (Sequence[Cells]): What ``cuhk-03.mat`` has of each pair of cameras.
        folder (str): Where they go.

    Yields:
        tuple[int, int]: How many places for pictures are done, and how many there are.
    """
    total = sum(cells.shape[0] for cells in pairs) * VIEWS * PER_VIEW
    for done, slot in enumerate(_slots(pairs), start=1):
        path = os.path.join(folder, slot.file_name)
        if not is_whole_png(path):
            picture = read_picture(pairs[slot.pair - 1], slot)
            if picture is not None:
                _write_png(path, picture)
        yield done, total


def list_slots(root: str, boxes: str) -> dict[Slot, str]:
    """List the pictures that have been written, in the order of their names.

    Args:
        root (str): The folder that is converted to.
        boxes (str): The kind of boxes.

    Returns:
        dict[Slot, str]: The path of each picture.

    Raises:
        ValueError: A picture has another name.
    """
    folder = os.path.abspath(os.path.join(root, images_folder(boxes)))
    names = list_pictures(folder)
    return {parse_slot(name): os.path.join(folder, name) for name in names}


def _slots(pairs: Sequence[Cells]) -> Iterator[Slot]:
    """Go through all places where there may be a picture."""
    for pair, cells in enumerate(pairs, start=1):
        for person in range(1, cells.shape[0] + 1):
            for column in range(1, VIEWS * PER_VIEW + 1):
                yield Slot(pair, person, column)


def _write_png(path: str | os.PathLike, picture: np.ndarray) -> None:
    """Write a picture so that a reader sees all of it or none.

    Args:
        path (str | os.PathLike): The file, ending in ``.png``.
        picture (np.ndarray): ``(H, W, 3)`` RGB of type uint8.

    Raises:
        OSError: The folder is not writable, or the disk is full.
    """
    content = cv2.imencode('.png', picture[..., ::-1], _OPTIONS)[1].tobytes()
    folder, name = os.path.split(os.fspath(path))
    # Always the same hidden name, so that killed runs leave no heap of them.
    unfinished = os.path.join(folder, f'.{name}.unfinished')
    with open(unfinished, 'wb') as file:
        file.write(content)
    os.replace(unfinished, path)
