"""What modules are given in a run, seen whatever the network is made of."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn

_CONVOLUTIONS = (nn.Conv1d.forward, nn.Conv2d.forward, nn.Conv3d.forward)


class Call(NamedTuple):
    """What a module is given once.

    Attributes:
        shape: Of the tensor.
        dtype: Of the tensor.
        autocast: Whether autocast is on.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype
    autocast: bool


def record_calls(
    model: nn.Module, chosen: Callable[[nn.Module], bool], run: Callable[[], Any]
) -> dict[nn.Module, list[Call]]:
    """Run a model once, and record what some of its modules are given.

    Args:
        model (nn.Module): The model.
        chosen (Callable): Tells whether to watch a module.
        run (Callable[[], Any]): Runs the model.

    Returns:
        dict[nn.Module, list[Call]]: The calls of each of these that was called.
    """
    calls: dict[nn.Module, list[Call]] = {}

    def see(module: nn.Module, args: Any) -> None:
        x = args[0]
        autocast = torch.is_autocast_enabled(x.device.type)
        calls.setdefault(module, []).append(Call(tuple(x.shape), x.dtype, autocast))

    modules = [module for module in model.modules() if chosen(module)]
    with removed(module.register_forward_pre_hook(see) for module in modules):
        run()
    return calls


@contextmanager
def removed(hooks: Any) -> Iterator[None]:
    """Remove hooks behind the block.

    Args:
        hooks (Iterable): Handles of hooks.

    Yields:
        None: Inside, they are there.
    """
    handles = [*hooks]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def is_plain_convolution(module: nn.Module) -> bool:
    """Whether it is torch's own convolution.

    Args:
        module (nn.Module): Any.
    """
    return type(module).forward in _CONVOLUTIONS and not has_own_ways(module)


def has_own_ways(module: nn.Module) -> bool:
    """Whether hooks or parametrizations change what a module does.

    Args:
        module (nn.Module): Any.
    """
    hooked = module._forward_hooks or module._forward_pre_hooks
    return bool(hooked) or nn.utils.parametrize.is_parametrized(module)
