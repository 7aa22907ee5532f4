"""Swin transformer for pictures of any shape, with SOLIDER's semantic modulation."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import torch
import torch.nn.functional as F
from mmengine.model.weight_init import trunc_normal_
from mmpretrain.models.backbones.swin_transformer import (
    SwinTransformer as PretrainedSwinTransformer,
)
from mmpretrain.models.utils import WindowMSA
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.models.backbones.transformers.swin_names import (
    fit_tables,
    take_other_names,
)
from mmreid.registry import MODELS

_ARCH_KEYS = {'embed_dims', 'depths', 'num_heads'}
_NUM_STAGES = 4


class _WindowAttention(WindowMSA):
    """mmpretrain's attention, whose mask takes the dtype of what it attends to."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Attend within windows ``(N * windows, L, C)``."""
        return super().forward(x, None if mask is None else mask.to(x.dtype))


def join_windows(windows: Tensor, height: int, width: int, side: int) -> Tensor:
    """Put windows together to maps.

    mmpretrain's finds the number of pictures by a division of floats, which fixes it in
    a captured graph.

    Args:
        windows (Tensor): ``(N * windows, side, side, C)``.
        height (int): Of the maps.
        width (int): Of the maps.
        side (int): Of a window; divides both.

    Returns:
        Tensor: ``(N, height, width, C)``.
    """
    counts = (height // side, width // side)
    grid = windows.view(-1, *counts, *windows.shape[1:])
    return grid.transpose(2, 3).reshape(-1, height, width, windows.shape[3])


def _check_stages(out_indices: Sequence[int], others: Mapping[str, Any]) -> None:
    """Refuse stages that there are not, and what is set here."""
    if not out_indices or not set(out_indices) <= {*range(_NUM_STAGES)}:
        raise ValueError(
            f'out_indices must name stages from 0 to {_NUM_STAGES - 1}, got '
            f'{tuple(out_indices)}.'
        )
    frozen = others.get('frozen_stages', -1)
    check_choice('frozen_stages', frozen, range(-1, _NUM_STAGES))
    if 'stage_cfgs' in others:
        raise ValueError(
            'stage_cfgs is no option here: it holds the attention whose mask has the '
            'dtype of the tokens; leave it out.'
        )


@MODELS.register_module()
class SwinTransformer(PretrainedSwinTransformer):
    """mmpretrain's Swin as a trunk: the map of tokens, and its average.

    There is no class token; what stands in its place is the average of the map, so that
    a head for a vision transformer fits. The parameters have mmpretrain's names; a
    checkpoint may have Microsoft's or timm's, and another window.

    With ``semantic_weight`` s, the tokens between stage i and i + 1 become
    ``softplus(W_i [s, 1 - s]) * x + B_i [s, 1 - s]``, as in SOLIDER
    (https://arxiv.org/abs/2303.17602; names and order were read in
    https://github.com/tinyvision/SOLIDER-REID, model/backbones/swin_transformer.py).
    ``semantic_embed_w`` and ``semantic_embed_b``, which the pre-training has learned,
    stay as they are. The fourth pair of SOLIDER's files acts on nothing.

    Args:
        arch (str | dict): ``'tiny'``, ``'small'``, ``'base'``, ``'large'``, or a dict
            of ``embed_dims``, ``depths`` and ``num_heads``. Defaults to ``'tiny'``.
        window_size (int): Side of a window. Defaults to 7.
        pad_small_map (bool): Pad a map that is smaller than a window. Defaults to True.
        out_indices (Sequence[int]): Stages, from 0, whose maps are returned. Defaults
            to (3, ).
        semantic_weight (float, optional): How much the semantics of parts count
            against appearance, from 0 to 1; SOLIDER takes 0.2 for re-identification.
            None has no modulation. Defaults to None.
        **kwargs: mmpretrain's: ``drop_path_rate``, ``drop_rate``, ``frozen_stages``,
            ``with_cp``, ``patch_size``, ``init_cfg``, ...

    Attributes:
        out_channels (tuple[int, ...]): Channels of each map that is returned.

    Raises:
        ValueError: An argument has no meaning.
    """

    stages: Any

    def __init__(
        self,
        arch: str | Mapping[str, Any] = 'tiny',
        window_size: int = 7,
        pad_small_map: bool = True,
        out_indices: Sequence[int] = (3,),
        semantic_weight: float | None = None,
        **kwargs: Any,
    ) -> None:
        self._check(arch, window_size, semantic_weight)
        _check_stages(out_indices, kwargs)
        super().__init__(
            arch=arch if isinstance(arch, str) else dict(arch),
            window_size=window_size,
            pad_small_map=pad_small_map,
            out_indices=tuple(sorted(set(out_indices))),
            stage_cfgs=dict(
                block_cfgs=dict(attn_cfgs=dict(window_msa=_WindowAttention))
            ),
            **kwargs,
        )
        for stage in self.stages:
            for block in stage.blocks:
                block.attn.window_reverse = join_windows
        widths: list[int] = self.num_features
        self.out_channels = tuple(widths[i] for i in self.out_indices for _ in range(2))
        self.semantic_weight = semantic_weight
        if semantic_weight is not None:
            self.semantic_embed_w = self._make_embeddings(widths[1:])
            self.semantic_embed_b = self._make_embeddings(widths[1:])

    def _check(self, arch: Any, window_size: int, semantic_weight: Any) -> None:
        """Refuse arguments without a meaning."""
        if isinstance(arch, str):
            check_choice('arch', arch.lower(), sorted(self.arch_zoo))
        elif not isinstance(arch, Mapping) or set(arch) != _ARCH_KEYS:
            raise ValueError(
                f'arch must be a name or a dict of {sorted(_ARCH_KEYS)}, got {arch!r}.'
            )
        if window_size < 1:
            raise ValueError(f'window_size must be at least 1, got {window_size}.')
        if semantic_weight is not None and not 0 <= semantic_weight <= 1:
            raise ValueError(
                'semantic_weight must lie in [0, 1], or be None for no modulation, got '
                f'{semantic_weight}.'
            )

    @staticmethod
    def _make_embeddings(widths: Sequence[int]) -> nn.ModuleList:
        """Make a frozen linear layer for each stage behind the first."""
        layers = [nn.Linear(2, width) for width in widths]
        for layer in layers:
            trunc_normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)
        return nn.ModuleList(layers).requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Compute the maps.

        Args:
            x (Tensor): Pictures ``(N, 3, H, W)``.

        Returns:
            tuple[Tensor, ...]: For each of ``out_indices``: the map ``(N, C, h, w)``
            and its average ``(N, C, 1, 1)``.
        """
        x, shape = self.patch_embed(x)
        if self.use_abs_pos_embed:
            x = x + self.absolute_pos_embed
        x = self.drop_after_pos(x)
        maps: list[Tensor] = []
        for index, stage in enumerate(self.stages):
            x, shape = stage(x, shape, do_downsample=False)
            if index in self.out_indices:
                normed = getattr(self, f'norm{index}')(x)
                whole = normed.transpose(1, 2).unflatten(2, tuple(shape))
                maps += [whole, whole.mean((2, 3), keepdim=True)]
            if stage.downsample is not None:
                x, shape = stage.downsample(x, shape)
                if self.semantic_weight is not None:
                    x = self._modulate(x, index)
        return tuple(maps)

    def _modulate(self, x: Tensor, index: int) -> Tensor:
        """Weigh the semantics of tokens ``(N, L, C)`` behind a stage."""
        weight = float(self.semantic_weight or 0)
        pair = torch.stack([x.new_full((), weight), x.new_full((), 1 - weight)])
        factor = F.softplus(self.semantic_embed_w[index](pair))
        return x * factor + self.semantic_embed_b[index](pair)

    def train(self, mode: bool = True) -> Self:
        """Switch between training and evaluation.

        Args:
            mode (bool): Whether to train. Defaults to True.

        Returns:
            SwinTransformer: This network, unlike the parent's.
        """
        super().train(mode)
        return self

    def _prepare_relative_position_bias_table(
        self, state_dict: dict[str, Any], prefix: str, *args: Any
    ) -> None:
        """Take other names and tables of other windows; torch's hook."""
        take_other_names(state_dict, prefix, f'norm{len(self.stages) - 1}')
        fit_tables(state_dict, prefix, self.state_dict())
