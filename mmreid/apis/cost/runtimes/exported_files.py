"""A network's files for other runtimes, each made when it is first asked for."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from torch.export import ExportedProgram

from mmreid.apis.export.carried_facts import collect_facts
from mmreid.deploy.export import capture, endings_of, parts_of, stamp, write
from mmreid.deploy.precision import HALVES, QUANTIZERS


class ExportedFiles:
    """The files of one network.

    Args:
        network (Any): Of :func:`mmreid.apis.init_model`.
        folder (Path): Where they are put.
        calibration (np.ndarray): ``(N, H, W, 3)`` uint8, blue-green-red: the pictures
            by which the ranges of int8 are found.
    """

    def __init__(self, network: Any, folder: Path, calibration: np.ndarray) -> None:
        self._network, self._folder, self._calibration = network, folder, calibration
        self._facts = collect_facts(network, 'measured', 'bgr', 'float32')

    def find(self, to: str, precision: str) -> Path:
        """Return a file, written now if it was not.

        Args:
            to (str): ``'onnx'``, ``'openvino'`` or ``'torch'``.
            precision (str): ``'float32'``, ``'bfloat16'`` or ``'int8'``.

        Raises:
            ImportError: A package is not installed.
        """
        path = self._folder / f'{precision}{endings_of(to)[0]}'
        if path.is_file():
            return path
        facts = replace(self._facts, precision=precision)
        if precision == 'float32':
            write(self._program, to, path, facts)
            return path
        source = self.find(to, 'float32')
        if precision == 'int8':
            self._quantize(to, source, path)
        else:
            HALVES[to](source, path)
        stamp(path, facts)
        return path

    @cached_property
    def _program(self) -> ExportedProgram:
        """The captured network, of which a file of every kind is made."""
        return capture(self._network, self._facts.height, self._facts.width)

    def _quantize(self, to: str, source: Path, target: Path) -> None:
        """Write in int8 what the library can, whatever that does to the ranking.

        What that is, and which layers must stay in float32, is measured by the export
        of a trained network; here only the speed is asked for.
        """
        batches = np.array_split(self._calibration, max(1, len(self._calibration) // 8))
        QUANTIZERS[to](
            source, target, batches, validate=lambda embed: 100.0, max_drop=100.0
        )


def size_of(path: Path) -> int:
    """Return the bytes of a file, with those of its weights beside it.

    Args:
        path (Path): The file that is opened.
    """
    return sum(part.stat().st_size for part in parts_of(path))
