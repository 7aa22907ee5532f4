"""The file that keeps an operating threshold."""

import os
from dataclasses import asdict, fields

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
    """Read what :func:`save_threshold` or ``mmreid threshold`` wrote.

    Args:
        path (str | os.PathLike): The file. What else ``mmreid threshold`` knows of its
            threshold is left out.

    Returns:
        OperatingThreshold: The threshold.

    Raises:
        ValueError: Another kind of file.
    """
    try:
        content = read_json(path)
        if isinstance(content, dict) and 'num_negative' in content:
            names = {entry.name for entry in fields(OperatingThreshold)}
            content = {name: content[name] for name in names & content.keys()}
        return OperatingThreshold(**content)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f'{os.fspath(path)} does not hold an operating threshold: {error}'
        ) from error
