"""Which layers of an ONNX file are in int8."""

from typing import Any

#: The layers that take the time.
LAYERS = ('Conv', 'Gemm', 'MatMul')


def split_layers(model: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find out which layers compute in int8, from the graph itself.

    ONNX Runtime computes in int8 what stands between ``DequantizeLinear`` nodes.

    Args:
        model (onnx.ModelProto): The file.

    Returns:
        tuple[tuple[str, ...], tuple[str, ...]]: Names of those in int8, and of those in
        float, in the order of the graph.
    """
    graph = model.graph
    quantized = {
        name
        for node in graph.node
        if node.op_type == 'DequantizeLinear'
        for name in node.output
    }
    small: list[str] = []
    large: list[str] = []
    for node in graph.node:
        if node.op_type in LAYERS:
            names = small if quantized.issuperset(node.input[:2]) else large
            names.append(node.name)
    return tuple(small), tuple(large)
