"""Batch norm that follows a convolution, made a part of it."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.overrides import TorchFunctionMode

from mmreid.apis.inference.watching import (
    has_own_ways,
    is_plain_convolution,
    removed,
)


class _Uses(TorchFunctionMode):
    """Counts how often each tensor goes into a computation of tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[int] = Counter()
        self._kept: list[Tensor] = []  # or another tensor would get its number

    def __torch_function__(
        self,
        func: Callable,
        types: Any,
        args: tuple = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call a function of torch, and count its arguments where it gives tensors."""
        result = func(*args, **(kwargs or {}))
        found = [*_tensors(args), *_tensors((kwargs or {}).values())]
        if [*_tensors([result])]:
            self.counts.update(map(id, found))
            self._kept += found
        return result


def fold_batch_norms(model: nn.Module, run: Callable[[], Any]) -> int:
    """Make each batch norm a part of the convolution that it alone follows.

    Which ones these are is seen in a run, whatever the network is made of: a batch
    norm is folded where all that it was given is what one convolution has given, and
    where nothing else used that. Instance norm, halves of maps (IBN), convolutions that
    change their weights and all else stays.

    Args:
        model (nn.Module): In evaluation mode; changed in place.
        run (Callable[[], Any]): Runs it once.

    Returns:
        int: How many were folded.
    """
    pairs = _find_pairs(model, run)
    parents = {
        id(child): (parent, name)
        for parent in model.modules()
        for name, child in parent.named_children()
    }
    for convolution, norm in pairs:
        parent, name = parents[id(convolution)]
        setattr(parent, name, fuse_conv_bn_eval(convolution, norm))
        parent, name = parents[id(norm)]
        setattr(parent, name, nn.Identity())
    return len(pairs)


def _find_pairs(model: nn.Module, run: Callable[[], Any]) -> list[tuple[Any, Any]]:
    """Find convolutions whose output goes into one batch norm and nowhere else."""
    given: dict[nn.Module, list[Tensor]] = defaultdict(list)
    taken: dict[nn.Module, list[Tensor]] = defaultdict(list)

    def see_output(module: nn.Module, args: Any, output: Tensor) -> None:
        given[module].append(output)

    def see_input(module: nn.Module, args: Any) -> None:
        taken[module].append(args[0])

    modules = [*model.modules()]
    convolutions = filter(is_plain_convolution, modules)
    norms = filter(_is_plain_norm, modules)
    hooks = [
        *(module.register_forward_hook(see_output) for module in convolutions),
        *(module.register_forward_pre_hook(see_input) for module in norms),
    ]
    with removed(hooks), _Uses() as uses:
        run()
    makers = {id(output): m for m, outputs in given.items() for output in outputs}
    pairs = []
    for norm, inputs in taken.items():
        origins = {makers.get(id(x)) for x in inputs}
        convolution = origins.pop()
        if convolution is None or origins:
            continue
        outputs = given[convolution]
        once = all(uses.counts[id(output)] == 1 for output in outputs)
        if once and len(outputs) == len(inputs):
            pairs.append((convolution, norm))
    return pairs


def _is_plain_norm(module: nn.Module) -> bool:
    return (
        isinstance(module, _BatchNorm)
        and not module.training
        and module.running_mean is not None
        and not has_own_ways(module)
    )


def _tensors(values: Any) -> Any:
    """Yield the tensors of a nest of lists."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)
