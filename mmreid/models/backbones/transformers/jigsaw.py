"""TransReID's jigsaw patch module: local features of patches from all over a picture.

Paper: TransReID: Transformer-based Object Re-Identification
(https://arxiv.org/abs/2102.04378, section 3.2), as released
(https://github.com/damo-cv/TransReID, ``model/make_model.py``).
"""

import copy
from typing import Any

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.models.backbones.copied_weights import fill_missing


class Jigsaw(BaseModule):
    """Groups of shuffled patches, each seen with the class token by a last layer.

    The layer and its norm start as copies of the trunk's last ones and serve all
    groups.

    Args:
        layer (nn.Module): The trunk's last layer.
        norm (nn.Module): The trunk's last norm.
        num_patches (int): Patches of a picture.
        num_groups (int): Number of local features. Defaults to 4.
        shift (int): Which patch comes first after rolling, counted from 1; the release
            writes 5 for Market-1501, which rolls by four. Defaults to 5.
        num_rows (int): Runs between which patches are interleaved. Defaults to 2.
        rearrange (bool): Roll and interleave; False groups the patches as they are.
            Defaults to True.

    Raises:
        ValueError: There are too few patches for it.
    """

    def __init__(
        self,
        layer: nn.Module,
        norm: nn.Module,
        num_patches: int,
        num_groups: int = 4,
        shift: int = 5,
        num_rows: int = 2,
        rearrange: bool = True,
    ) -> None:
        super().__init__()
        _check(num_patches, num_groups, shift, num_rows)
        self.num_groups, self.shift, self.num_rows = num_groups, shift, num_rows
        self.rearrange = rearrange
        self.layer = copy.deepcopy(layer)
        self.norm = copy.deepcopy(norm)

    def forward(self, tokens: Tensor) -> Tensor:
        """Compute the local features.

        Args:
            tokens (Tensor): ``(N, 1 + n, C)`` before the trunk's last layer, the class
                token first, not normalised.

        Returns:
            Tensor: Map ``(N, C, num_groups, 1)``.
        """
        class_token, patches = tokens[:, :1], tokens[:, 1:]
        length = patches.shape[1] // self.num_groups
        if self.rearrange:
            patches = shuffle_patches(patches, self.shift, self.num_rows)
        # What is left over at the end belongs to no group.
        groups = patches[:, : self.num_groups * length]
        groups = groups.unflatten(1, (self.num_groups, length))
        heads = class_token[:, None].expand(-1, self.num_groups, -1, -1)
        # All groups at once: (N * groups, 1 + length, C).
        seen = self.layer(torch.cat([heads, groups], 2).flatten(0, 1))
        local = self.norm(seen[:, 0]).unflatten(0, (-1, self.num_groups))
        return local.transpose(1, 2)[..., None]


def shuffle_patches(patches: Tensor, shift: int, num_rows: int) -> Tensor:
    """Roll patches and interleave them.

    Args:
        patches (Tensor): ``(N, n, C)``.
        shift (int): Which patch comes first, counted from 1.
        num_rows (int): The rolled patches are written into so many rows and read by
            columns; where they do not fill them, the last but one is repeated.

    Returns:
        Tensor: ``(N, n, C)``, or ``(N, n + 1, C)`` where a patch is repeated.
    """
    rolled = patches.roll(1 - shift, 1)
    if rolled.shape[1] % num_rows:
        rolled = torch.cat([rolled, rolled[:, -2:-1]], 1)
    return rolled.unflatten(1, (num_rows, -1)).transpose(1, 2).flatten(1, 2)


def fill_jigsaw(
    state_dict: dict[str, Any], prefix: str, last_layer: str, names: list[str]
) -> None:
    """Give a jigsaw that a checkpoint lacks the trunk's last layer and norm, in place.

    Args:
        state_dict (dict[str, Any]): Weights by name.
        prefix (str): What the trunk's names begin with.
        last_layer (str): Name of the trunk's last layer, such as ``'layers.11'``.
        names (list[str]): Of the jigsaw's weights, without ``jigsaw.``.
    """
    sources = []
    for name in names:
        part, _, rest = name.partition('.')
        source = last_layer if part == 'layer' else 'ln1'
        sources.append((f'{prefix}jigsaw.{name}', f'{prefix}{source}.{rest}'))
    fill_missing(state_dict, sources)


def _check(num_patches: int, num_groups: int, shift: int, num_rows: int) -> None:
    """Refuse what cannot be cut."""
    if not 1 <= num_groups <= num_patches:
        raise ValueError(
            f'num_groups of the jigsaw must lie in [1, {num_patches}], the number of '
            f'patches, got {num_groups}.'
        )
    if not 1 <= shift <= num_patches:
        raise ValueError(
            f'shift of the jigsaw must lie in [1, {num_patches}], the number of '
            f'patches, got {shift}.'
        )
    # One patch can be repeated, no more.
    check_choice('num_rows of the jigsaw', num_rows, _divisors(num_patches))


def _divisors(num_patches: int) -> list[int]:
    """List the numbers of rows that the patches, or one more, fill."""
    counts = range(1, num_patches + 1)
    return [n for n in counts if num_patches % n == 0 or (num_patches + 1) % n == 0]
