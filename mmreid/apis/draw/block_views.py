"""What the interaction-and-aggregation blocks of a network relate in a picture."""

import copy
import re
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn


class BlockView(NamedTuple):
    """What one block did with one picture.

    Attributes:
        name: Of the plugin, such as ``'layer3.5.after'``.
        relations: Relation maps ``(M, M)``, M = H * W, by their kind.
        output: The map that left the block, ``(C, H, W)``.
    """

    name: str
    relations: dict[str, np.ndarray]
    output: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the map."""
        height, width = self.output.shape[1:]
        return height, width


def view_blocks(
    backbone: nn.Module, inputs: Tensor, kinds: Sequence[str] = ('S',)
) -> list[BlockView]:
    """Run a backbone and compute what its blocks relate on the way.

    Args:
        backbone (nn.Module): With IA blocks, in evaluation mode.
        inputs (Tensor): One preprocessed picture, ``(1, 3, H, W)``.
        kinds (Sequence[str]): Relation maps: ``'S'``, which the block uses; ``'SA'``
            and ``'SL'``, appearance and location alone; ``'K1'``, ``'K2'``, ...,
            appearance by patches of that size alone. Defaults to ('S', ).

    Returns:
        list[BlockView]: In the order of the network.

    Raises:
        ValueError: An unknown kind, or no block that relates positions.
    """
    wrong = [kind for kind in kinds if not re.fullmatch(r'S|SA|SL|K[1-9]\d*', kind)]
    if wrong or not kinds:
        raise ValueError(f"Maps are 'S', 'SA', 'SL', 'K1', ..., but got {wrong}")
    views: list[BlockView] = []
    hooks = [
        plugin.register_forward_hook(partial(_keep, views, name, kinds))
        for name, plugin in getattr(backbone, 'named_plugins', tuple)()
        if getattr(plugin, 'sia', None) is not None
    ]
    if not hooks:
        raise ValueError(
            'No plugin of this network relates positions; it needs an IABlock with '
            'SIA, as in configs/ianet'
        )
    try:
        with torch.no_grad():
            backbone(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return views


def _keep(
    views: list[BlockView],
    name: str,
    kinds: Sequence[str],
    block: Any,
    args: tuple[Tensor],
    output: Tensor,
) -> None:
    """Compute a block's relation maps right after it has run."""
    relations = {kind: _relations(block, *args, kind) for kind in kinds}
    views.append(BlockView(name, relations, output[0].double().cpu().numpy()))


def _relations(block: Any, x: Tensor, kind: str) -> np.ndarray:
    """Compute a relation map of the first picture."""
    if kind == 'S':
        relations = block.relation_maps(x)['sia']
    else:
        sia = copy.deepcopy(block.sia)
        sia.relations = 'location' if kind == 'SL' else 'appearance'
        if kind.startswith('K'):
            sia.contexts = (int(kind[1:]),)
        relations = sia.relation_map(x)
    return relations[0].double().cpu().numpy()
