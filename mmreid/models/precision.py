"""Computing in at least float32, whatever precision the rest of a network has."""

import torch
from torch import Tensor


def full_precision(x: Tensor) -> torch.autocast:
    """Switch autocast off.

    Args:
        x (Tensor): What is computed with; tells the device.

    Returns:
        torch.autocast: A context in which products have their arguments' precision.
    """
    return torch.autocast('cpu' if x.is_meta else x.device.type, enabled=False)


def wide_dtype(x: Tensor) -> torch.dtype:
    """Return the precision of a tensor, or float32 where that is higher.

    Args:
        x (Tensor): Floating-point numbers.
    """
    return torch.promote_types(x.dtype, torch.float32)


def widen(x: Tensor) -> Tensor:
    """Turn half precision into float32.

    Args:
        x (Tensor): Floating-point numbers.

    Returns:
        Tensor: The same in at least float32.
    """
    return x.to(wide_dtype(x))
