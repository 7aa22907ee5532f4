"""A network of timm, built for pictures of a size, without its classifier."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from mmreid.nearest_names import nearest_names
from mmreid.optional import import_optional

# How timm spells networks whose description is fetched or read from elsewhere.
_ELSEWHERE = ('hf-hub:', 'hf_hub:', 'local-dir:')


def check_name(model_name: str) -> None:
    """Refuse a name that timm does not know.

    Args:
        model_name (str): The name, with or without the tag of its weights behind a dot.

    Raises:
        ImportError: timm is not installed.
        ValueError: There is no such network.
    """
    timm = import_optional('timm', 'TimmBackbone')
    if model_name.startswith(_ELSEWHERE):
        raise ValueError(
            f"model_name must be one of timm's own names, got {model_name!r}, whose "
            'description timm would fetch; give the name of its architecture, and the '
            "file of weights by init_cfg=dict(type='Pretrained', checkpoint=...)."
        )
    if not timm.is_model(model_name):
        known = timm.list_models()
        near = nearest_names(model_name.partition('.')[0], known, 5, 0.4)
        raise ValueError(
            f"model_name must be one of timm's {len(known)} names, got {model_name!r}; "
            f'the nearest are {near}, and timm.list_models() lists all.'
        )


def build_network(
    model_name: str, size: tuple[int, int], options: Mapping[str, Any]
) -> nn.Module:
    """Build a network of timm from random weights.

    Args:
        model_name (str): Its name.
        size (tuple[int, int]): Height and width of the pictures, told to a network
            that asks for them.
        options (Mapping[str, Any]): Further arguments of ``timm.create_model``.

    Returns:
        nn.Module: The network.

    Raises:
        ValueError: It cannot be built so.
    """
    timm = import_optional('timm', 'TimmBackbone')
    if foreign := {'features_only', 'num_classes', 'checkpoint_path'} & {*options}:
        raise ValueError(
            f'{min(foreign)} is no option of TimmBackbone, which returns the last map '
            "and loads by init_cfg=dict(type='Pretrained', checkpoint=...); leave it "
            'out.'
        )
    told = dict(pretrained=False, num_classes=0, **options)
    refusals: list[Exception] = []
    # Networks that take pictures of any size refuse the argument.
    for further in (dict(img_size=size), {}):
        try:
            return timm.create_model(model_name, **told, **further)
        except (TypeError, ValueError, RuntimeError, AssertionError) as error:
            refusals.append(error)
        except NotImplementedError as error:
            refusals = [error]
            break
    refusal = next((e for e in refusals if 'img_size' not in str(e)), refusals[0])
    reason = str(refusal).strip() or type(refusal).__name__
    raise ValueError(
        f'model_name={model_name!r} cannot be built for img_size={size} with '
        f'{dict(options)}: timm says "{reason}". Take another size of '
        "pictures, or leave out the options that this network's constructor does not "
        'have.'
    )


def drop_unused(network: nn.Module, output: list[Tensor], called: set[int]) -> None:
    """Take away what did not act on an output: pooling, norms and heads behind it.

    Parameters that never learn would stop training on several GPUs, and would be missed
    in vain when weights are loaded.

    Args:
        network (nn.Module): Changed in place.
        output (list[Tensor]): What it has computed, with gradients.
        called (set[int]): The ``id`` of each module that ran.
    """
    used = _leaves(output)
    for module in [*network.modules()]:
        for name, child in [*module.named_children()]:
            own = [*child.parameters()]
            needed = any(id(p) in used or not p.requires_grad for p in own)
            ran = any(id(part) in called for part in child.modules())
            is_list = isinstance(child, (nn.ModuleList, nn.ModuleDict))
            if own and not (needed or ran or is_list):
                setattr(module, name, nn.Identity())
    for parameter in network.parameters():
        if id(parameter) not in used:
            parameter.requires_grad_(False)


def _leaves(tensors: list[Tensor]) -> set[int]:
    """Find the parameters that tensors were computed from."""
    leaves: set[int] = set()
    seen: set[Any] = set()
    nodes = [tensor.grad_fn for tensor in tensors]
    while nodes:
        node: Any = nodes.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, 'variable'):
            leaves.add(id(node.variable))
        nodes += [follower for follower, _ in node.next_functions]
    return leaves


def try_out(
    network: nn.Module, size: tuple[int, int], way: Callable[[Tensor], Any]
) -> tuple[Any, set[int]]:
    """Run a network on a black picture, with gradients, in evaluation.

    Args:
        network (nn.Module): Of timm.
        size (tuple[int, int]): Height and width of the picture.
        way (Callable): From pictures to what it computes.

    Returns:
        tuple[Any, set[int]]: What it has computed, and the ``id`` of each module that
        ran.

    Raises:
        ValueError: It does not run on such pictures.
    """
    like = next(network.parameters())
    was_training = network.training
    called: set[int] = set()
    hooks = [
        module.register_forward_pre_hook(lambda part, _: called.add(id(part)))
        for module in network.eval().modules()
    ]
    try:
        with torch.enable_grad():
            return way(like.new_zeros(1, 3, *size)), called
    except (RuntimeError, AssertionError, LookupError, ValueError, TypeError) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(
            f'img_size={size} does not suit this network: timm says "{reason[0]}". '
            'Take a size whose sides its grid and its windows divide, such as '
            '(256, 128), (224, 112) or (384, 128), or the square that it was made for.'
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
        network.train(was_training)
