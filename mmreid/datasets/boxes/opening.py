"""Finding out what kind of frames a path holds."""

import os

from mmreid.datasets.boxes.box_table import BoxTable
from mmreid.datasets.boxes.files import read_boxes
from mmreid.datasets.boxes.frames import Frames
from mmreid.datasets.boxes.picture_folder import PictureFolder
from mmreid.datasets.boxes.video import VideoFrames
from mmreid.files import check_file


def open_frames(source: str | os.PathLike, first_frame: int | None = None) -> Frames:
    """Open a video, or a folder of pictures as one.

    Args:
        source (str | os.PathLike): A video file, a folder of pictures, or a folder of
            MOTChallenge with ``img1`` in it.
        first_frame (int, optional): The number of the first frame. Defaults to None: 1
            for videos, what the names tell for pictures.

    Returns:
        Frames: Has ``len()``, ``size``, ``fps``, ``crops(table)``, and yields numbers
        and pictures.

    Raises:
        FileNotFoundError: There is no such file, or no picture in the folder.
        ValueError: It cannot be read.
    """
    if os.path.isdir(source):
        return PictureFolder(source, first_frame)
    check_file(source)
    return VideoFrames(source, 1 if first_frame is None else first_frame)


def open_with_boxes(
    source: str | os.PathLike,
    boxes: str | os.PathLike,
    format: str = 'auto',
    first_frame: int | None = None,
) -> tuple[Frames, BoxTable]:
    """Open frames and the boxes in them, of whatever format.

    Args:
        source (str | os.PathLike): As of :func:`open_frames`.
        boxes (str | os.PathLike): As of :func:`read_boxes`.
        format (str): As of :func:`read_boxes`. Defaults to 'auto'.
        first_frame (int, optional): The number that the boxes have for the first frame.
            Defaults to None: what their format says.

    Returns:
        tuple[Frames, BoxTable]: The frames and the boxes.

    Raises:
        FileNotFoundError: One of the two is missing.
        ValueError: One of the two cannot be read.
    """
    frames = open_frames(source)
    # YOLO's fractions are of this size; other formats know their own, if any.
    size = frames.size if os.path.isdir(boxes) or format == 'yolo' else None
    table = read_boxes(boxes, format, first_frame=first_frame, picture_size=size)
    return frames, table
