"""Files of half the size: weights in sixteen bits.

OpenVINO's runtime computes them in bfloat16 where the processor does. ONNX Runtime has
no bfloat16 on processors (1.32 finds no implementation of ``Conv``, ``MatMul``,
``Gemm``, ``Add`` or ``Relu``): what it gains is the smaller file, and it computes in
float32.
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmreid.deploy.openvino_saving import import_openvino, keep_facts, save_network
from mmreid.optional import import_optional

# Smaller tensors save nothing: settings, means, single biases.
_LEAST = 64


def halve_openvino(source: Path, target: Path) -> None:
    """Write an OpenVINO file with its weights in sixteen bits.

    They are stored as float16, by OpenVINO's own compression: bfloat16 has fewer
    digits, and rounds them once more where it is computed in.

    Args:
        source (Path): A float32 file, ``.xml`` or ``.onnx``.
        target (Path): The ``.xml`` file to write; facts are those of the source.

    Raises:
        ImportError: openvino is not installed.
    """
    network = import_openvino().Core().read_model(source)
    keep_facts(network, network)
    save_network(network, target, halve=True)


def halve_onnx(source: Path, target: Path) -> None:
    """Write an ONNX file with its weights in bfloat16.

    Each is cast to float32 in the file; ONNX Runtime does that once, on loading.

    Args:
        source (Path): A float32 file.
        target (Path): The file to write; facts are those of the source.

    Raises:
        ImportError: onnx is not installed.
        ValueError: A weight is too large for bfloat16.
    """
    onnx = import_optional('onnx', 'Writing ONNX files')
    model = onnx.load(source)
    graph, casts = model.graph, []
    for weight in graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < _LEAST:
            continue
        name, half = weight.name, f'{weight.name}_bfloat16'
        weight.CopyFrom(
            onnx.helper.make_tensor(
                half,
                onnx.TensorProto.BFLOAT16,
                values.shape,
                _to_bfloat16(name, values).view(torch.int16).numpy().tobytes(),
                raw=True,
            )
        )
        casts.append(
            onnx.helper.make_node(
                'Cast', [half], [name], f'{half}_cast', to=onnx.TensorProto.FLOAT
            )
        )
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, target)


def _to_bfloat16(name: str, values: np.ndarray) -> Tensor:
    """Round to the nearest bfloat16, ties to the even one.

    Raises:
        ValueError: A value would become infinite.
    """
    rounded = torch.tensor(values).bfloat16()
    infinite = ~rounded.isfinite().flatten()
    if infinite.any():
        place = int(infinite.nonzero()[0])
        raise ValueError(
            f'Weight {name} must be finite in bfloat16, got {values.flat[place]} at '
            f'{place}; keep to float32.'
        )
    return rounded
