"""Which layers of one of OpenVINO's networks are in int8."""

from collections.abc import Iterator
from typing import Any

#: The layers that take the time.
LAYERS = ('Convolution', 'GroupConvolution', 'MatMul')
# Between a layer and its quantiser stand only operations that move or choose numbers,
# or, for weights that are stored in int8, those that give them their scale.
_MOVING = (
    *('MaxPool', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice', 'Tile'),
    *('StridedSlice', 'Split', 'VariadicSplit', 'Concat', 'Gather', 'Pad', 'Relu'),
)
_SCALING = ('Convert', 'Multiply', 'Subtract')
_SMALL = ('int8', 'uint8')


def split_layers(network: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find out which layers compute in int8, from the graph itself.

    Args:
        network (openvino.Model): The network.

    Returns:
        tuple[tuple[str, ...], tuple[str, ...]]: Names of those in int8, and of those in
        float, in the order of the graph.
    """
    small: list[str] = []
    large: list[str] = []
    for layer in _layers(network):
        inputs = [layer.input_value(port).get_node() for port in (0, 1)]
        names = small if all(map(_is_quantized, inputs)) else large
        names.append(layer.get_friendly_name())
    return tuple(small), tuple(large)


def is_transformer(network: Any) -> bool:
    """Whether matrix products with weights are more than convolutions.

    Args:
        network (openvino.Model): The network.
    """
    products = convolutions = 0
    for layer in _layers(network):
        if layer.get_type_name() != 'MatMul':
            convolutions += 1
        elif _constant(layer.input_value(1).get_node()) is not None:
            products += 1
    return products > convolutions


def _layers(network: Any) -> Iterator[Any]:
    return (op for op in network.get_ordered_ops() if op.get_type_name() in LAYERS)


def _constant(node: Any) -> Any:
    """The constant that a node is or scales; None where there is none."""
    while node.get_type_name() in (*_SCALING, 'Reshape', 'Transpose', 'FakeQuantize'):
        node = node.input_value(0).get_node()
    return node if node.get_type_name() == 'Constant' else None


def _is_quantized(node: Any) -> bool:
    """Whether a layer's input comes from a quantiser, or is stored in int8."""
    constant = _constant(node)
    if constant is not None and str(constant.get_element_type().to_dtype()) in _SMALL:
        return True
    waiting = [node]
    while waiting:
        node = waiting.pop()
        kind = node.get_type_name()
        if kind == 'FakeQuantize':
            continue
        if kind not in _MOVING:
            return False
        # Joined maps must all be quantised; other inputs than the first are settings.
        count = node.get_input_size() if kind == 'Concat' else 1
        waiting += [node.input_value(port).get_node() for port in range(count)]
    return True
