"""RRID's part vectors: one-vs-rest relations and global contrastive pooling.

Paper: Relation Network for Person Re-identification, AAAI 2020
(https://arxiv.org/abs/1911.09318). The authors' code
(https://github.com/cvlab-yonsei/projects, folder RRID) was read for what the paper
leaves open; where the two differ there is ``variant``.
"""

from typing import Literal, get_args

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.registry import MODELS

Variant = Literal['paper', 'released']
Pooling = Literal['gcp', 'max', 'avg', 'avg+max']


def rest_of(parts: Tensor) -> Tensor:
    """Average for each part all others.

    Args:
        parts (Tensor): Part vectors ``(N, P, C)``, P > 1.

    Returns:
        Tensor: r_i, ``(N, P, C)``.
    """
    return (parts.sum(1, keepdim=True) - parts) / (parts.shape[1] - 1)


def contrast(parts: Tensor, variant: Variant = 'paper') -> Tensor:
    """Compute how far the parts stay below their maximum.

    Args:
        parts (Tensor): Part vectors ``(N, P, C)``.
        variant (str): ``'paper'``: their mean minus their maximum, which is never
            positive. ``'released'``: the mean of all values but the largest (P > 1), a
            different linear combination. Defaults to ``'paper'``.

    Returns:
        Tensor: p_cont ``(N, C)``.
    """
    largest = parts.amax(1)
    if variant == 'paper':
        return parts.mean(1) - largest
    return (parts.sum(1) - largest) / (parts.shape[1] - 1)


@MODELS.register_module()
class RelationPool(BaseModule):
    """Pool stripes by their maximum and relate each of them to all others.

    With p_i the maximum of stripe i, r_i the mean of all others and u a unit (1x1
    convolution, batch norm, ReLU; each with its own weights), the vectors are

    * q_i = u(p_i) + R_p(u(p_i), u(r_i)) for each of the P parts (Eq. 1), and
    * q_0 = u(p_max) + R_g(u(p_max), u(p_cont)) for the whole (Eq. 2, global
      contrastive pooling, with p_cont as :func:`contrast` computes it),

    where R_p and R_g are units of the concatenated vectors, own ones for every i.

    Args:
        in_channels (int): Channels C of the map.
        out_channels (int): Width c of the vectors.
        num_parts (int): Number of stripes P, from top to bottom.
        global_pool (str, optional): How q_0 is made: ``'gcp'``, or a unit of the map's
            ``'max'``, ``'avg'`` or their sum ``'avg+max'``; None for no q_0.
            Defaults to ``'gcp'``.
        relation (bool | str): False: q_i = u(p_i). ``'rest'``: R_p sees u(r_i) alone
            (the upper half of the paper's Figure 6). Defaults to True.
        variant (str): The contrast of the ``'paper'`` or of the ``'released'`` code.
            Defaults to ``'paper'``.
        deep_supervision (bool): In training, return the intermediate vectors too
            (the arguments of R_p and R_g), for cross-entropy as in the released code.
            Defaults to False.

    Raises:
        ValueError: If an option is unknown or has nothing to work on; in ``forward``,
            if P does not divide the map's height.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        num_parts: int,
        global_pool: Pooling | None = 'gcp',
        relation: bool | Literal['rest'] = True,
        variant: Variant = 'paper',
        deep_supervision: bool = False,
    ) -> None:
        super().__init__()
        self._check(num_parts, global_pool, relation, variant, deep_supervision)
        self.out_channels = out_channels
        self.num_parts = num_parts
        self.relation = relation
        self.variant: Variant = variant
        self.deep_supervision = deep_supervision
        self.has_contrast = global_pool == 'gcp'
        self.stripes = MODELS.build(
            dict(type='StripePool', num_parts=num_parts, mode='max')
        )
        self.part = self._unit(in_channels, num_parts)
        if relation:
            self.rest = self._unit(in_channels, num_parts)
            width = out_channels if relation == 'rest' else 2 * out_channels
            self.part_relation = self._unit(width, num_parts)
        self.num_test_parts = num_parts + (global_pool is not None)
        if global_pool is not None:
            self.whole = self._unit(in_channels)
        if self.has_contrast:
            self.contrasted = self._unit(in_channels)
            self.whole_relation = self._unit(2 * out_channels)
        plain = global_pool is not None and not self.has_contrast
        cfg = dict(type='GlobalPool', mode=global_pool)
        self.global_pool = MODELS.build(cfg) if plain else None

    @staticmethod
    def _check(
        num_parts: int,
        global_pool: str | None,
        relation: bool | str,
        variant: str,
        deep_supervision: bool,
    ) -> None:
        """Refuse options that are unknown or have nothing to work on."""
        check_choice('global_pool', global_pool, (*get_args(Pooling), None))
        check_choice('relation', relation, (True, False, 'rest'))
        check_choice('variant', variant, get_args(Variant))
        related = bool(relation) or global_pool == 'gcp'
        if num_parts < 2 and related:
            raise ValueError(
                f'Relations need at least 2 parts, got num_parts={num_parts}; set '
                "relation=False and global_pool='max' for one."
            )
        if deep_supervision and not related:
            raise ValueError(
                'deep_supervision needs intermediate vectors, but relation=False and '
                f'global_pool={global_pool!r} make none; set relation=True or '
                "global_pool='gcp', or leave deep_supervision off."
            )

    def _unit(self, in_channels: int, num_parts: int = 1) -> nn.Module:
        """Build units of each part."""
        return MODELS.build(
            dict(
                type='PartUnit',
                num_parts=num_parts,
                in_channels=in_channels,
                out_channels=self.out_channels,
            )
        )

    @property
    def out_parts(self) -> int:
        """Number of vectors that ``forward`` returns in training."""
        further = 2 * self.num_parts if self.relation else 0
        further += 2 if self.has_contrast else 0
        return self.num_test_parts + (further if self.deep_supervision else 0)

    def forward(self, x: Tensor) -> Tensor:
        """Pool a map.

        Args:
            x (Tensor): ``(N, C, H, W)``.

        Returns:
            Tensor: q_1 .. q_P, then q_0, ``(N, P + 1, c)``; in training with deep
            supervision behind them the units of p_1 .. p_P, r_1 .. r_P, p_max and
            p_cont, ``(N, 3 P + 3, c)``, as far as the options make them.
        """
        parts = self.stripes(x)  # N x P x C
        vectors, inner = self._relate_parts(parts)
        if self.has_contrast:
            whole, inner_whole = self._relate_whole(parts)
            vectors, inner = vectors + whole, inner + inner_whole
        elif self.global_pool is not None:
            vectors = [*vectors, self.whole(self.global_pool(x))]
        further = inner if self.deep_supervision and self.training else []
        return torch.cat([*vectors, *further], 1)

    def _relate_parts(self, parts: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Compute the q_i, and the vectors that they are made of."""
        part = self.part(parts)
        if not self.relation:
            return [part], []
        rest = self.rest(rest_of(parts))
        related = rest if self.relation == 'rest' else torch.cat([part, rest], 2)
        return [part + self.part_relation(related)], [part, rest]

    def _relate_whole(self, parts: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Compute q_0, and the vectors that it is made of."""
        largest = parts.amax(1, keepdim=True)
        whole = self.whole(largest)
        contrasted = self.contrasted(contrast(parts, self.variant)[:, None])
        related = torch.cat([whole, contrasted], 2)
        return [whole + self.whole_relation(related)], [whole, contrasted]
