"""Small files such as an export writes, made without a network."""

from pathlib import Path

import numpy as np

from mmreid.deploy import ExportedFacts
from mmreid.deploy.export.openvino_file import save_openvino
from mmreid.optional import import_optional

_TEXT = """
<ir_version: 9, opset_import: ["" : 18]>
g (uint8[N, {height}, {width}, 3] pictures) => (float[N, 3] vectors)
<int64[2] axes = {{1, 2}}>
{{
  x = Cast<to = 1>(pictures)
  vectors = ReduceMean<keepdims = 0>(x, axes)
}}
"""


def make_facts(**changes: object) -> ExportedFacts:
    """Facts of a file whose vectors are a picture's mean colour."""
    facts = dict(
        name='mean_colour',
        source_key='0' * 64,
        model_key='0' * 64,
        dim=3,
        height=8,
        width=4,
        config='model = dict(type="Mean", note="a \\\\ and \\n é")\n',
    )
    return ExportedFacts(**{**facts, **changes})  # type: ignore[arg-type]


def write_tiny_onnx(path: Path, facts: ExportedFacts | None = None) -> ExportedFacts:
    """Write an ``.onnx`` file."""
    facts = facts or make_facts()
    onnx = import_optional('onnx', 'A test')
    parser = import_optional('onnx.parser', 'A test')
    text = _TEXT.format(height=facts.height, width=facts.width)
    model = parser.parse_model(text)
    onnx.helper.set_model_props(model, {'mmreid': facts.to_json()})
    onnx.save(model, path)
    return facts


def write_tiny_openvino(
    path: Path, facts: ExportedFacts | None = None
) -> ExportedFacts:
    """Write an ``.xml`` file and its ``.bin``."""
    facts = facts or make_facts()
    source = path.with_suffix('.onnx')
    write_tiny_onnx(source, facts)
    convert_onnx(source, path, facts)
    source.unlink()
    return facts


def convert_onnx(source: Path, path: Path, facts: ExportedFacts) -> None:
    """Write an ``.xml`` file and its ``.bin`` of an ONNX file that lies here already.

    ``write()`` would make one of its own, which takes seconds of a real network.
    """
    openvino = import_optional('openvino', 'A test')
    save_openvino(openvino.convert_model(source), path, facts)


def mean_colours(pictures: np.ndarray) -> np.ndarray:
    """What the files compute."""
    return pictures.mean((1, 2), dtype=np.float64).astype(np.float32)
