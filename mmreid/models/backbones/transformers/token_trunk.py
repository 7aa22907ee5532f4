"""What vision transformers have in common: pictures to tokens, and layers."""

from collections.abc import Mapping, Sequence
from typing import Any, Self, get_args

import torch
from mmengine.model.weight_init import trunc_normal_
from mmpretrain.models.backbones.vision_transformer import (
    VisionTransformer as PretrainedVisionTransformer,
)
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mmreid.arguments import check_choice
from mmreid.models.backbones.transformers.arguments import (
    check_architecture,
    check_options,
    check_picture_size,
)
from mmreid.models.backbones.transformers.position_grids import (
    Interpolation,
    fit_positions,
)
from mmreid.models.backbones.transformers.side_information import (
    SideInformation,
    gather_rows,
)
from mmreid.models.backbones.transformers.timm_names import take_timm_names


class TokenTrunk(PretrainedVisionTransformer):
    """mmpretrain's ViT for pictures of any shape, with overlapping patches.

    A trunk derives from it and computes its maps in ``forward``, of what
    :meth:`embed_patches` and :meth:`run_layer` return.

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
        side_information (dict, optional): Arguments of :class:`SideInformation`: the
            network has a table ``side_embed`` ``(cameras * views, 1, C)`` and adds a
            picture's row to all its tokens. Defaults to None.
        with_cp (bool): Compute each layer again in the backward pass, to save memory.
            Defaults to False.
        **kwargs: mmpretrain's: ``drop_path_rate``, ``drop_rate``, ``qkv_bias``,
            ``norm_cfg``, ``pre_norm``, ``layer_cfgs``, ``frozen_stages`` (1: patches
            and the first layer), ``init_cfg``, ...

    Raises:
        ValueError: An argument has no meaning, or a patch is larger than a picture.
    """

    patch_embed: Any
    pos_embed: nn.Parameter
    cls_token: nn.Parameter

    def __init__(
        self,
        arch: str | Mapping[str, int] = 'base',
        img_size: int | Sequence[int] = (256, 128),
        patch_size: int = 16,
        stride: int | None = None,
        source_grid: tuple[int, int] | None = None,
        interpolate_mode: Interpolation = 'bilinear',
        side_information: Mapping[str, Any] | None = None,
        with_cp: bool = False,
        **kwargs: Any,
    ) -> None:
        size = (img_size,) * 2 if isinstance(img_size, int) else tuple(img_size)
        stride = patch_size if stride is None else stride
        check_architecture(arch, self.arch_zoo, size, patch_size, stride)
        check_options(kwargs)
        check_choice('interpolate_mode', interpolate_mode, get_args(Interpolation))
        super().__init__(
            arch=arch if isinstance(arch, str) else dict(arch),
            img_size=size,
            patch_size=patch_size,
            patch_cfg=dict(stride=stride, padding=0, **kwargs.pop('patch_cfg', {})),
            interpolate_mode=interpolate_mode,
            out_type='raw',
            **kwargs,
        )
        for part in self.modules():
            if hasattr(part, 'drop_prob'):  # mmpretrain's is NumPy's, a break in graphs
                part.drop_prob = float(part.drop_prob)
        self.source_grid = source_grid
        self.with_cp = with_cp
        self.side_information: SideInformation | None = None
        if side_information is not None:
            self.side_information = SideInformation(**side_information)
            table = torch.zeros(self.side_information.num_rows, 1, self.embed_dims)
            self.side_embed = nn.Parameter(table)

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the map of tokens."""
        height, width = self.patch_resolution
        return height, width

    @property
    def extra_tokens(self) -> list[nn.Parameter]:
        """The tokens before the patches, each ``(1, n, C)``."""
        return [self.cls_token]

    def init_weights(self) -> None:
        """Initialise as mmpretrain and, the further tokens, as TransReID does."""
        if not self.is_init:
            # The parent would draw new positions over those that a list of
            # initialisers has loaded.
            drawn = [self.pos_embed, *self.extra_tokens]
            if self.side_information is not None:
                drawn.append(self.side_embed)
            for parameter in drawn:
                trunc_normal_(parameter, std=0.02)
        super(PretrainedVisionTransformer, self).init_weights()

    def embed_patches(self, x: Tensor, rows: Tensor | None = None) -> Tensor:
        """Map pictures to tokens with their positions, the class token first.

        Args:
            x (Tensor): Pictures ``(N, 3, *img_size)``.
            rows (Tensor, optional): ``(N,)``, each picture's row of ``side_embed``, -1
                for none. None leaves the side information out. Defaults to None.

        Returns:
            Tensor: ``(N, num_extra_tokens + h * w, C)``.

        Raises:
            ValueError: The pictures have another size.
        """
        check_picture_size(tuple(x.shape[2:]), tuple(self.img_size))
        patches, _ = self.patch_embed(x)
        # Not len(x), which fixes the number of pictures in a captured graph.
        extra = [token.expand(x.shape[0], -1, -1) for token in self.extra_tokens]
        tokens = torch.cat([*extra, patches], 1)
        tokens = tokens + self.pos_embed
        if self.side_information is not None and rows is not None:
            side = gather_rows(self.side_embed, rows)
            tokens = self.add_side(tokens, self.side_information.scale * side)
        return self.pre_norm(self.drop_after_pos(tokens))

    def add_side(self, tokens: Tensor, side: Tensor) -> Tensor:
        """Add the side information to all tokens.

        Args:
            tokens (Tensor): ``(N, L, C)``.
            side (Tensor): ``(N, 1, C)``.

        Returns:
            Tensor: ``(N, L, C)``.
        """
        return tokens + side

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

    def train(self, mode: bool = True) -> Self:
        """Switch between training and evaluation; what is frozen stays in evaluation.

        Args:
            mode (bool): Whether to train. Defaults to True.

        Returns:
            TokenTrunk: This network, unlike the parent's.
        """
        super().train(mode)
        if mode and self.frozen_stages > 0:
            self._freeze_stages()
        return self

    def _freeze_stages(self) -> None:
        """Refuse to freeze layers that there are not."""
        check_choice('frozen_stages', self.frozen_stages, range(len(self.layers) + 1))
        super()._freeze_stages()

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
