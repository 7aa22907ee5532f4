"""What a reduced precision makes of a network's vectors, as far as torch can tell."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

# What runtimes compute in less than float32.
_LAYERS = (nn.Conv1d, nn.Conv2d, nn.Linear)
_LEVELS = 255


def rounded(model: Any, precision: str) -> Any:
    """Return a network whose convolutions and linear layers compute in less.

    Weights and inputs of these layers are rounded as is usual: in int8 the weights
    symmetrically by output channel and the inputs between the least and the largest
    of the batch (Jacob et al., Quantization and Training of Neural Networks for
    Efficient Integer-Arithmetic-Only Inference, CVPR 2018; the defaults of NNCF and
    ONNX Runtime are of this kind); in bfloat16 to the nearest. Sums are in float32.

    Args:
        model (Any): The network, which stays as it is.
        precision (str): ``'bfloat16'`` or ``'int8'``.
    """
    twin = copy.deepcopy(model)
    round_weight, round_input = _WAYS[precision]

    def before(layer: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return round_input(inputs[0]), *inputs[1:]

    for layer in twin.modules():
        if isinstance(layer, _LAYERS):
            layer.weight.data = round_weight(layer.weight.data)
            layer.register_forward_pre_hook(before)
    return twin


def _to_bfloat16(values: Tensor) -> Tensor:
    return values.bfloat16().float()


def _weight_to_int8(weight: Tensor) -> Tensor:
    """Round to 255 levels around zero, a scale for each output channel."""
    largest = weight.abs().amax(dim=tuple(range(1, weight.ndim)), keepdim=True)
    scale = largest.clamp(min=torch.finfo(weight.dtype).tiny) / (_LEVELS // 2)
    return (weight / scale).round() * scale


def _input_to_int8(values: Tensor) -> Tensor:
    """Round to 256 levels between the least and the largest, of which zero is one."""
    low, high = values.min().clamp(max=0), values.max().clamp(min=0)
    scale = ((high - low) / _LEVELS).clamp(min=torch.finfo(values.dtype).tiny)
    zero = (-low / scale).round()
    steps = ((values / scale).round() + zero).clamp(0, _LEVELS)
    return (steps - zero) * scale


_WAYS = dict(
    bfloat16=(_to_bfloat16, _to_bfloat16), int8=(_weight_to_int8, _input_to_int8)
)
