"""Captured networks as OpenVINO's files, which read them by way of ONNX."""

import tempfile
from pathlib import Path
from typing import Any

from torch.export import ExportedProgram

from mmreid.deploy.export.onnx_file import write_onnx
from mmreid.deploy.facts import KEY, ExportedFacts
from mmreid.deploy.openvino_saving import import_openvino, save_network


def write_openvino(program: ExportedProgram, path: Path, facts: ExportedFacts) -> None:
    """Write an ``.xml`` file and its ``.bin``, all weights in float32.

    Args:
        program (ExportedProgram): Of :func:`~.program.capture`.
        path (Path): The ``.xml`` file.
        facts (ExportedFacts): What it tells of itself.

    Raises:
        ImportError: openvino, onnx or onnxscript is not installed.
        ValueError: The weights are more than an ONNX file can hold.
    """
    openvino = import_openvino()
    with tempfile.TemporaryDirectory() as folder:
        onnx_file = Path(folder, 'network.onnx')
        write_onnx(program, onnx_file, facts)
        network = openvino.convert_model(onnx_file)
        save_openvino(network, path, facts)


def save_openvino(network: Any, path: Path, facts: ExportedFacts) -> None:
    """Write one of OpenVINO's networks with facts.

    Args:
        network (openvino.Model): The network.
        path (Path): The ``.xml`` file.
        facts (ExportedFacts): What it tells of itself.
    """
    network.set_rt_info(facts.to_json(), [KEY])
    save_network(network, path)


def stamp_openvino(path: Path, facts: ExportedFacts) -> None:
    """Write other facts into an ``.xml`` file.

    Args:
        path (Path): The file, changed in place; its ``.bin`` stays as it is.
        facts (ExportedFacts): The facts.
    """
    network = import_openvino().Core().read_model(path)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(folder, path.name)
        save_openvino(network, copy, facts)
        del network  # it has the old weights mapped
        copy.with_suffix('.bin').replace(path.with_suffix('.bin'))
        copy.replace(path)
