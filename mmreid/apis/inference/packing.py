"""Convolutions whose weights lie in memory as oneDNN multiplies them.

Torch's own convolution has oneDNN rearrange its weights in every call, which takes as
long as the product where the batch is a single picture. These are the functions that
``torch.compile`` uses for the same end; ``torch.utils.mkldnn`` packs without knowing
the shape of the maps, and is slower than either.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from mmreid.apis.inference.watching import Call, is_plain_convolution, record_calls


class PackedConvolution(nn.Module):
    """A convolution with its weights rearranged, for inference on the CPU.

    Args:
        convolution (nn.Conv2d): With zeros around its maps.
        dtype (torch.dtype): What it computes in and returns.
        shape (tuple[int, int, int, int]): Of the maps that it will see; those of
            another batch are right, too, but may be slower.
    """

    def __init__(
        self,
        convolution: nn.Conv2d,
        dtype: torch.dtype,
        shape: tuple[int, int, int, int],
    ) -> None:
        super().__init__()
        self.dtype = dtype
        self.places: tuple[Any, ...] = (
            [*convolution.padding],
            [*convolution.stride],
            [*convolution.dilation],
            convolution.groups,
        )
        # No buffer: it has a layout of its own, which no state dict can hold.
        self.weight = torch.ops.mkldnn._reorder_convolution_weight(
            convolution.weight.detach().to(dtype), *self.places, [*shape]
        )
        bias = convolution.bias
        self.bias = None if bias is None else bias.detach().to(dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve.

        Args:
            x (Tensor): ``(N, C, H, W)``.

        Returns:
            Tensor: ``(N, C', H', W')`` in the precision of the weights.
        """
        return torch.ops.mkldnn._convolution_pointwise(
            x.to(self.dtype), self.weight, self.bias, *self.places, 'none', [], ''
        )


def can_pack() -> bool:
    """Whether torch has what it takes."""
    return torch.backends.mkldnn.is_available() and all(
        hasattr(torch.ops.mkldnn, name)
        for name in ('_reorder_convolution_weight', '_convolution_pointwise')
    )


def pack_convolutions(
    model: nn.Module, dtype: torch.dtype, size: int, run: Callable[[], Any]
) -> int:
    """Pack a network's convolutions, where a run computes them in a precision.

    Args:
        model (nn.Module): On the CPU, changed in place.
        dtype (torch.dtype): Of autocast, or float32 without it.
        size (int): The usual batch.
        run (Callable[[], Any]): Runs the model once.

    Returns:
        int: How many were packed.
    """
    packed = 0
    called = record_calls(model, _can_be_packed, run)
    for parent in [*model.modules()]:
        for name, child in [*parent.named_children()]:
            calls = called.get(child, ())
            if calls and all(_computes_in(dtype, call) for call in calls):
                shape: Any = (size, *calls[-1].shape[1:])
                setattr(parent, name, PackedConvolution(child, dtype, shape))  # type: ignore[arg-type]
                packed += 1
    return packed


def _computes_in(dtype: torch.dtype, call: Call) -> bool:
    """Whether a convolution computes in a precision and sees a batch of maps."""
    computed = call.autocast if dtype != torch.float32 else call.dtype == dtype
    return computed and len(call.shape) == 4


def _can_be_packed(module: nn.Module) -> bool:
    """Whether it is torch's convolution of maps with zeros around them."""
    return (
        isinstance(module, nn.Conv2d)
        and is_plain_convolution(module)
        and module.padding_mode == 'zeros'
        and not isinstance(module.padding, str)
    )
