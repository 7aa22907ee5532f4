"""The judgement beside a file, as JSON."""

import os
from pathlib import Path

from mmreid.deploy.gate.judgement import Judgement
from mmreid.files import read_json, write_json


def report_path(path: str | os.PathLike) -> Path:
    """Say where the report of an exported file lies.

    Args:
        path (str | PathLike): The exported file, such as ``osnet.onnx``.

    Returns:
        Path: Such as ``osnet.onnx.gate.json``.
    """
    path = Path(path)
    return path.with_name(f'{path.name}.gate.json')


def write_report(judgement: Judgement, path: str | os.PathLike) -> Path:
    """Write a judgement beside the file that it is of.

    Args:
        judgement (Judgement): Of that file.
        path (str | PathLike): The exported file.

    Returns:
        Path: The report.

    Raises:
        OSError: It cannot be written; the message names it.
    """
    report = report_path(path)
    write_json(report, judgement.to_dict())
    return report


def read_report(path: str | os.PathLike) -> Judgement:
    """Read the judgement that lies beside an exported file.

    Args:
        path (str | PathLike): The exported file.

    Raises:
        OSError: There is no report, or it cannot be read.
        ValueError: It is no report.
    """
    report = report_path(path)
    try:
        return Judgement.from_dict(read_json(report))
    except ValueError as error:
        raise ValueError(f'{report} is no report of the gate: {error}') from error
