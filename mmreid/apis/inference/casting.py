"""Weights stored in the precision that autocast computes in."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from mmreid.apis.inference.watching import (
    has_own_ways,
    is_plain_convolution,
    record_calls,
)


def cast_products(model: nn.Module, dtype: torch.dtype, run: Callable[[], Any]) -> int:
    """Store the weights of convolutions and linear maps as autocast would cast them.

    Autocast casts them anew in every run. Those that a run uses outside of autocast, as
    blocks do that need full precision, stay as they are.

    Args:
        model (nn.Module): Changed in place.
        dtype (torch.dtype): Of autocast.
        run (Callable[[], Any]): Runs the model once under autocast.

    Returns:
        int: How many modules have it.
    """
    called = record_calls(model, _is_product, run)
    cast = [m for m, calls in called.items() if all(call.autocast for call in calls)]
    for module in cast:
        module.to(dtype)
    return len(cast)


def _is_product(module: nn.Module) -> bool:
    if type(module).forward is nn.Linear.forward:
        return not has_own_ways(module)
    return is_plain_convolution(module)
