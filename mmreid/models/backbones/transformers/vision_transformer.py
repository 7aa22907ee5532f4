"""Vision transformer for pictures of any shape, with overlapping patches."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import torch
from mmengine.model.weight_init import trunc_normal_
from mmpretrain.models.backbones.vision_transformer import (
    VisionTransformer as PretrainedVisionTransformer,
)
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mmreid.arguments import check_choice
from mmreid.models.backbones.transformers.position_grids import (
    INTERPOLATIONS,
    fit_positions,
)
from mmreid.models.backbones.transformers.timm_names import take_timm_names
from mmreid.registry import MODELS

ARCH_KEYS = ('embed_dims', 'num_layers', 'num_heads', 'feedforward_channels')


@MODELS.register_module()
class VisionTransformer(PretrainedVisionTransformer):
    """mmpretrain's ViT as a trunk: tokens and class token, each as a map.

    The parameters have mmpretrain's names; a checkpoint may have timm's. Position
    tables of another grid of patches are resized when weights are loaded
    (:func:`fit_positions`), never in ``forward``: pictures of another size than
    ``img_size`` are an error, since positions that nobody trained would be.

    Args:
        arch (str | dict): A name of mmpretrain's (``'base'``, ``'deit-small'``,
            ``'deit-tiny'``, ``'large'``, ...), or a dict of ``embed_dims``,
            ``num_layers``, ``num_heads`` and ``feedforward_channels``. Defaults to
            ``'base'``.
        img_size (int | tuple[int, int]): Height and width of the pictures. Defaults to
            (256, 128).
        patch_size (int): Side of a patch. Defaults to 16.
        stride (int, optional): Step from patch to patch; the grid has
            ``(size - patch_size) // stride + 1`` patches, and pixels that fill no
            further patch are left out. None is ``patch_size``. Defaults to None.
        source_grid (tuple[int, int], optional): Patches, height and width, of the
            position table of the checkpoint; None infers them, see
            :func:`find_grid`. Defaults to None.
        interpolate_mode (str): How a table is resized: ``'bilinear'`` as in TransReID
            (https://github.com/damo-cv/TransReID) or ``'bicubic'``. Defaults to
            ``'bilinear'``.
        with_cp (bool): Compute each layer again in the backward pass, to save memory.
            Defaults to False.
        **kwargs: mmpretrain's: ``drop_path_rate``, ``drop_rate``, ``out_indices``
            (two maps per index), ``frozen_stages`` (1: patches and the first layer),
            ``qkv_bias``, ``norm_cfg``, ``pre_norm``, ``layer_cfgs``, ``init_cfg``, ...

    Raises:
        ValueError: An argument has no meaning, or a patch is larger than a picture.
    """

    pos_embed: nn.Parameter
    cls_token: nn.Parameter

    def __init__(
        self,
        arch: str | Mapping[str, int] = 'base',
        img_size: int | Sequence[int] = (256, 128),
        patch_size: int = 16,
        stride: int | None = None,
        source_grid: tuple[int, int] | None = None,
        interpolate_mode: str = 'bilinear',
        with_cp: bool = False,
        **kwargs: Any,
    ) -> None:
        size = (img_size,) * 2 if isinstance(img_size, int) else tuple(img_size)
        stride = patch_size if stride is None else stride
        self._check(arch, size, patch_size, stride)
        check_choice('interpolate_mode', interpolate_mode, INTERPOLATIONS)
        super().__init__(
            arch=arch if isinstance(arch, str) else dict(arch),
            img_size=size,
            patch_size=patch_size,
            patch_cfg=dict(stride=stride, padding=0, **kwargs.pop('patch_cfg', {})),
            interpolate_mode=interpolate_mode,
            out_type='raw',
            **kwargs,
        )
        self.source_grid = source_grid
        self.with_cp = with_cp

    def _check(
        self, arch: Any, size: Sequence[int], patch_size: int, stride: int
    ) -> None:
        """Refuse what has no meaning."""
        if isinstance(arch, str):
            check_choice('arch', arch.lower(), sorted(self.arch_zoo))
        elif not isinstance(arch, Mapping) or not set(ARCH_KEYS) <= set(arch):
            raise ValueError(
                f'arch must be a name or a dict of {", ".join(ARCH_KEYS)}, got '
                f'{arch!r}.'
            )
        if len(size) != 2 or min(size) < patch_size or patch_size < 1:
            raise ValueError(
                'img_size must be (height, width), neither below patch_size='
                f'{patch_size}, got {size}.'
            )
        if not 1 <= stride <= patch_size:
            raise ValueError(
                f'stride must lie in [1, patch_size={patch_size}], else pixels between '
                f'the patches are not seen; got {stride}.'
            )

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the map of tokens."""
        height, width = self.patch_resolution
        return height, width

    @property
    def out_channels(self) -> tuple[int, ...]:
        """Channels of each map that ``forward`` returns."""
        return (self.embed_dims,) * (2 * len(self.out_indices))

    def init_weights(self) -> None:
        """Initialise as mmpretrain and, the class token, as TransReID does."""
        if not self.is_init:
            # The parent would draw new positions over those that a list of
            # initialisers has loaded.
            trunc_normal_(self.pos_embed, std=0.02)
            trunc_normal_(self.cls_token, std=0.02)
        super(PretrainedVisionTransformer, self).init_weights()

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Compute the maps.

        Args:
            x (Tensor): Pictures ``(N, 3, *img_size)``.

        Returns:
            tuple[Tensor, ...]: For each of ``out_indices`` (the last layer alone, if
            not said): tokens ``(N, C, h, w)`` and class token ``(N, C, 1, 1)``.

        Raises:
            ValueError: The pictures have another size.
        """
        tokens = self.embed_patches(x)
        maps: list[Tensor] = []
        for index, layer in enumerate(self.layers):
            tokens = self.run_layer(layer, tokens)
            if index in self.out_indices:
                is_last = index == len(self.layers) - 1
                normed = self.ln1(tokens) if is_last and self.final_norm else tokens
                maps += self.maps_of(normed)
        return tuple(maps)

    def embed_patches(self, x: Tensor) -> Tensor:
        """Map pictures to tokens with their positions, the class token first.

        Args:
            x (Tensor): Pictures ``(N, 3, *img_size)``.

        Returns:
            Tensor: ``(N, 1 + h * w, C)``.

        Raises:
            ValueError: The pictures have another size.
        """
        if tuple(x.shape[2:]) != tuple(self.img_size):
            raise ValueError(
                f'Pictures must have the size img_size={tuple(self.img_size)}, for '
                f'which there are positions, got {tuple(x.shape[2:])}; set '
                'model.backbone.img_size, or the size in the pipelines.'
            )
        patches, _ = self.patch_embed(x)
        tokens = torch.cat([self.cls_token.expand(len(x), -1, -1), patches], 1)
        return self.pre_norm(self.drop_after_pos(tokens + self.pos_embed))

    def run_layer(self, layer: nn.Module, tokens: Tensor) -> Tensor:
        """Run a layer, which is computed again in the backward pass ``with_cp``.

        Args:
            layer (nn.Module): One of the network's.
            tokens (Tensor): ``(N, L, C)``.

        Returns:
            Tensor: ``(N, L, C)``.
        """
        if self.with_cp and tokens.requires_grad:
            return checkpoint(layer, tokens, use_reentrant=False)
        return layer(tokens)

    def maps_of(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Bring tokens into the shape of maps.

        Args:
            tokens (Tensor): ``(N, 1 + h * w, C)``.

        Returns:
            tuple[Tensor, Tensor]: Patches ``(N, C, h, w)`` and class token
            ``(N, C, 1, 1)``.
        """
        patches = tokens[:, self.num_extra_tokens :].transpose(1, 2)
        return patches.unflatten(2, self.grid), tokens[:, 0, :, None, None]

    def train(self, mode: bool = True) -> Self:
        """Switch between training and evaluation; what is frozen stays in evaluation.

        Args:
            mode (bool): Whether to train. Defaults to True.

        Returns:
            VisionTransformer: This network, unlike the parent's.
        """
        super().train(mode)
        if mode and self.frozen_stages > 0:
            self._freeze_stages()
        return self

    def _prepare_pos_embed(
        self, state_dict: dict[str, Any], prefix: str, *args: Any
    ) -> None:
        """Take timm's names and a position table of any grid; torch's hook."""
        take_timm_names(state_dict, prefix)
        table = state_dict.get(f'{prefix}pos_embed')
        if isinstance(table, Tensor) and table.shape != self.pos_embed.shape:
            state_dict[f'{prefix}pos_embed'] = fit_positions(
                table,
                self.grid,
                self.num_extra_tokens,
                self.source_grid,
                self.interpolate_mode,
            )
