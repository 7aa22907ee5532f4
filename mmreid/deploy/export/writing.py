"""Files of every kind, by one word."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from torch.export import ExportedProgram

from mmreid.arguments import check_choice
from mmreid.deploy.export.onnx_file import stamp_onnx, write_onnx
from mmreid.deploy.export.openvino_file import stamp_openvino, write_openvino
from mmreid.deploy.export.torch_file import stamp_torch, write_torch
from mmreid.deploy.facts import ExportedFacts

Write = Callable[[ExportedProgram, Path, ExportedFacts], None]
Stamp = Callable[[Path, ExportedFacts], None]


class Format(NamedTuple):
    """A kind of files.

    Attributes:
        endings: Of the file that is opened, and of those beside it.
        write: Writes a captured network.
        stamp: Changes a file's facts.
    """

    endings: tuple[str, ...]
    write: Write
    stamp: Stamp


#: What ``mmreid export --to`` takes.
FORMATS = dict(
    onnx=Format(('.onnx',), write_onnx, stamp_onnx),
    openvino=Format(('.xml', '.bin'), write_openvino, stamp_openvino),
    torch=Format(('.pt2',), write_torch, stamp_torch),
)

_BY_ENDING = {kind.endings[0]: kind for kind in FORMATS.values()}


def endings_of(to: str) -> tuple[str, ...]:
    """Name the endings of the files of a kind, the one that is opened first.

    Args:
        to (str): ``'onnx'``, ``'openvino'`` or ``'torch'``.

    Raises:
        ValueError: It is another word.
    """
    check_choice('to', to, FORMATS)
    return FORMATS[to].endings


def parts_of(path: Path) -> list[Path]:
    """List the files that an exported one consists of, the one that is opened first.

    Args:
        path (Path): That one, which need not be there.
    """
    return [path.with_suffix(ending) for ending in _BY_ENDING[path.suffix].endings]


def write(program: ExportedProgram, to: str, path: Path, facts: ExportedFacts) -> None:
    """Write a captured network.

    Args:
        program (ExportedProgram): Of :func:`~.program.capture`.
        to (str): As of :func:`endings_of`.
        path (Path): The file, with the first of the endings.
        facts (ExportedFacts): What it tells of itself.

    Raises:
        ValueError: It is another word, or the network is too large.
        ImportError: A package is not installed.
    """
    check_choice('to', to, FORMATS)
    FORMATS[to].write(program, path, facts)


def stamp(path: Path, facts: ExportedFacts) -> None:
    """Change what a file tells of itself.

    Args:
        path (Path): The file.
        facts (ExportedFacts): What it is to tell.
    """
    _BY_ENDING[path.suffix].stamp(path, facts)
