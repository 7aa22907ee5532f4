"""Which positions the attention of a network relates, module by module."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn


class AttentionView(NamedTuple):
    """What one attention related in some pictures.

    Attributes:
        name: Of the module, such as ``'backbone.layer2.3.after'``.
        relations: Row i tells what position i takes from each, ``(N, M, M)``,
            M = H * W.
        strength: How much a position of the map answers that the attention read, the
            sum of its squares over the channels, ``(N, H, W)``.
    """

    name: str
    relations: np.ndarray
    strength: np.ndarray


def view_attention(model: Any, inputs: Tensor) -> list[AttentionView]:
    """Run a network and compute the maps of its attention on the way.

    An attention is a module with the method ``relation_map(x)``, which returns
    ``(N, M, M)`` (or ``(1, M, M)``) for the map x ``(N, C, H, W)`` that its ``forward``
    gets, such as SONA and SIA. If it does not relate positions it says so by an
    attribute, such as ``relates = 'channels'``. Nothing is computed where nobody asks.

    Args:
        model (Any): A :class:`PersonReID` in evaluation mode.
        inputs (Tensor): Preprocessed pictures, ``(N, 3, H, W)``.

    Returns:
        list[AttentionView]: In the order in which they ran.

    Raises:
        ValueError: No module relates positions.
    """
    views: list[AttentionView] = []
    hooks = [
        module.register_forward_pre_hook(partial(_keep, views, name))
        for name, module in model.named_modules()
        if hasattr(module, 'relation_map')
        and getattr(module, 'relates', 'positions') == 'positions'
    ]
    if not hooks:
        raise ValueError(
            'No module of this network relates positions; it needs one such as SONA '
            '(configs/sonanet) or SIA (configs/ianet)'
        )
    try:
        with torch.no_grad():
            # Not the whole model: it may embed the mirrored pictures as well.
            model.head(model.backbone(inputs))
    finally:
        for hook in hooks:
            hook.remove()
    return views


def _keep(
    views: list[AttentionView], name: str, module: nn.Module, args: tuple[Any, ...]
) -> None:
    """Compute the map of an attention right before it runs."""
    x: Tensor = args[0]
    attention: Any = module
    size = x.shape[2:]
    relations = attention.relation_map(x).expand(len(x), -1, -1)
    if relations.shape[1:] != (size.numel(), size.numel()):
        raise ValueError(
            f'relation_map must relate all {size.numel()} positions of the map, but '
            f'that of {name} is {tuple(relations.shape)}; if it relates something else '
            'than positions, let it tell so by an attribute `relates`'
        )
    strength = x.double().square().sum(1)
    views.append(
        AttentionView(name, relations.double().cpu().numpy(), strength.cpu().numpy())
    )
