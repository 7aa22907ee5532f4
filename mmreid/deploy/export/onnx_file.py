"""Captured networks as ONNX files."""

import logging
import warnings
from pathlib import Path

from torch.export import ExportedProgram

from mmreid.deploy.facts import KEY, ExportedFacts
from mmreid.deploy.quiet import quiet
from mmreid.deploy.runtimes.exported_model import INPUT, OUTPUT
from mmreid.optional import import_optional

# ONNX Runtime 1.14 (2023) and all later ones run it.
OPSET = 18
# What an ONNX file can hold, as a message of protobuf.
MOST_BYTES = 2**31 - 1


def write_onnx(program: ExportedProgram, path: Path, facts: ExportedFacts) -> None:
    """Write an ``.onnx`` file, weights inside.

    Args:
        program (ExportedProgram): Of :func:`~.program.capture`.
        path (Path): The file.
        facts (ExportedFacts): What it tells of itself.

    Raises:
        ImportError: onnx or onnxscript is not installed.
        ValueError: The weights are more than a file can hold.
    """
    import torch

    import_optional('onnx', 'Writing ONNX files')
    import_optional('onnxscript', 'Writing ONNX files')
    size = sum(x.nbytes for x in program.state_dict.values())
    if size > MOST_BYTES:
        raise ValueError(
            f'model must have less than 2 GB of weights for ONNX, got {size:,} bytes; '
            'export it for torch.'
        )
    # The exporter tells of its progress, and gives hints about its own parts.
    with quiet({'torch.onnx': logging.ERROR}), warnings.catch_warnings():
        warnings.simplefilter('ignore')
        written = torch.onnx.export(
            program,
            dynamo=True,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            verbose=False,
        )
    model = written.model  # type: ignore[union-attr]
    # Where every operator came from: the paths of the machine that has exported it.
    for node in model.graph.all_nodes():
        node.metadata_props.clear()
        node.doc_string = None
    model.metadata_props[KEY] = facts.to_json()
    written.save(path, external_data=False)  # type: ignore[union-attr]


def stamp_onnx(path: Path, facts: ExportedFacts) -> None:
    """Write other facts into an ``.onnx`` file.

    Args:
        path (Path): The file, changed in place.
        facts (ExportedFacts): The facts.
    """
    onnx = import_optional('onnx', 'Writing ONNX files')
    model = onnx.load(path)
    kept = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, {**kept, KEY: facts.to_json()})
    onnx.save(model, path)
