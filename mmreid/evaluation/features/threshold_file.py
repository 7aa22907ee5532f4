"""The file that keeps an operating threshold."""

import os
from dataclasses import asdict

from mmreid.evaluation.functional.open_set.operating_threshold import (
    OperatingThreshold,
)
from mmreid.files import read_json, write_json


def save_threshold(path: str | os.PathLike, threshold: OperatingThreshold) -> None:
    """Write a threshold as JSON.

    Args:
        path (str | os.PathLike): File name; missing folders are made.
        threshold (OperatingThreshold): What to write.

    Raises:
        OSError: The file cannot be written; the message names it.
    """
    write_json(path, asdict(threshold))


def load_threshold(path: str | os.PathLike) -> OperatingThreshold:
    """Read what :func:`save_threshold` wrote.

    Args:
        path (str | os.PathLike): The file.

    Raises:
        ValueError: Another kind of file.
    """
    try:
        return OperatingThreshold(**read_json(path))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f'{os.fspath(path)} does not hold an operating threshold: {error}'
        ) from error
