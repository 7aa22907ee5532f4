"""The file that keeps an operating point."""

import os

from mmreid.files import read_json, write_json
from mmreid.search.decisions.operating_point import OperatingPoint


def save_operating_point(path: str | os.PathLike, point: OperatingPoint) -> None:
    """Write an operating point as JSON.

    Args:
        path (str | os.PathLike): The file; missing folders are made.
        point (OperatingPoint): What to write.

    Raises:
        OSError: The file cannot be written; the message names it.
    """
    write_json(path, point.to_dict())


def load_operating_point(path: str | os.PathLike) -> OperatingPoint:
    """Read an operating point, or a threshold that the evaluation has saved.

    Args:
        path (str | os.PathLike): A file of ``mmreid threshold --out``, or of
            ``mmreid evaluate --save-threshold`` for cosine distances.

    Returns:
        OperatingPoint: What it holds; a threshold alone has no probabilities.

    Raises:
        OSError: The file cannot be read.
        ValueError: Another kind of file.
    """
    try:
        return OperatingPoint.from_dict(read_json(path))
    except ValueError as error:
        raise ValueError(
            f'{os.fspath(path)} does not hold an operating point: {error}'
        ) from error
