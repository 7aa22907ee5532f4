"""Vision transformer for pictures of any shape, with overlapping patches."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import torch
from mmengine.model import PretrainedInit
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
    find_layers,
)
from mmreid.models.backbones.transformers.instance_stem import InstanceStem
from mmreid.models.backbones.transformers.jigsaw import Jigsaw, fill_jigsaw
from mmreid.models.backbones.transformers.position_grids import (
    INTERPOLATIONS,
    fit_positions,
)
from mmreid.models.backbones.transformers.side_information import (
    SideInformation,
    gather_rows,
)
from mmreid.models.backbones.transformers.timm_names import take_timm_names
from mmreid.models.backbones.transformers.token_maps import token_maps
from mmreid.registry import MODELS


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
        side_information (dict, optional): Arguments of :class:`SideInformation`: the
            network has a table ``side_embed`` ``(cameras * views, 1, C)`` and adds a
            picture's row to all its tokens. Defaults to None.
        jigsaw (dict, optional): Arguments of :class:`Jigsaw`, such as
            ``dict(num_groups=4, shift=5)``: the network returns a third map
            ``(N, C, num_groups, 1)`` of local features. Defaults to None.
        stem (str): ``'conv'``, one convolution, or ``'ics'``, see
            :class:`InstanceStem`. Defaults to ``'conv'``.
        num_part_tokens (int): Further tokens that learn behind the class token (PASS,
            https://github.com/CASIA-IVA-Lab/PASS-reID: three): the network returns
            them as a third map ``(N, C, num_part_tokens, 1)``, and as a fourth one
            ``(N, 2 * C, 1, 1)`` the class token with their mean, PASS's feature.
            Defaults to 0.
        with_cp (bool): Compute each layer again in the backward pass, to save memory.
            Defaults to False.
        out_indices (int | Sequence[int]): Layers whose maps are returned, -1 for the
            last. Defaults to -1.
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
        interpolate_mode: Literal['bilinear', 'bicubic'] = 'bilinear',
        side_information: Mapping[str, Any] | None = None,
        jigsaw: Mapping[str, Any] | None = None,
        stem: Literal['conv', 'ics'] = 'conv',
        num_part_tokens: int = 0,
        with_cp: bool = False,
        out_indices: int | Sequence[int] = -1,
        **kwargs: Any,
    ) -> None:
        size = (img_size,) * 2 if isinstance(img_size, int) else tuple(img_size)
        stride = patch_size if stride is None else stride
        check_architecture(arch, self.arch_zoo, size, patch_size, stride)
        check_options(stem, stride == patch_size, jigsaw, num_part_tokens, kwargs)
        self.num_extra_tokens = 1 + num_part_tokens
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
        self.out_indices = find_layers(out_indices, len(self.layers))
        self.source_grid = source_grid
        self.with_cp = with_cp
        self._add(side_information, jigsaw, stem, num_part_tokens)
        if self.frozen_stages > 0:
            self._freeze_stages()

    def _add(
        self,
        side_information: Mapping[str, Any] | None,
        jigsaw: Mapping[str, Any] | None,
        stem: str,
        num_part_tokens: int,
    ) -> None:
        """Add what the parent has not."""
        self.side_information: SideInformation | None = None
        if side_information is not None:
            self.side_information = SideInformation(**side_information)
            table = torch.zeros(self.side_information.num_rows, 1, self.embed_dims)
            self.side_embed = nn.Parameter(table)
        self.jigsaw: Jigsaw | None = None
        if jigsaw is not None:
            num_patches = self.grid[0] * self.grid[1]
            self.jigsaw = Jigsaw(self.layers[-1], self.ln1, num_patches, **jigsaw)
        if stem == 'ics':
            convolution = self.patch_embed.projection
            self.patch_embed = InstanceStem(self.img_size, convolution)
        if num_part_tokens:
            tokens = torch.zeros(1, num_part_tokens, self.embed_dims)
            self.part_tokens = nn.Parameter(tokens)

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the map of tokens."""
        height, width = self.patch_resolution
        return height, width

    @property
    def out_channels(self) -> tuple[int, ...]:
        """Channels of each map that ``forward`` returns."""
        width = self.embed_dims
        parts = (width, 2 * width) if self.num_extra_tokens > 1 else ()
        local = () if self.jigsaw is None else (width,)
        return (width, width, *parts) * len(self.out_indices) + local

    def init_weights(self) -> None:
        """Initialise as mmpretrain and, the further tokens, as TransReID does."""
        if not self.is_init:
            # The parent would draw new positions over those that a list of
            # initialisers has loaded.
            own = ('pos_embed', 'cls_token', 'part_tokens', 'side_embed')
            for name in own:
                if hasattr(self, name):
                    trunc_normal_(getattr(self, name), std=0.02)
        super(PretrainedVisionTransformer, self).init_weights()
        cfgs = [self.init_cfg] if isinstance(self.init_cfg, dict) else self.init_cfg
        kinds = {cfg['type'] for cfg in cfgs or []}
        # A checkpoint has filled the jigsaw already.
        if self.jigsaw is not None and not kinds & {'Pretrained', PretrainedInit}:
            self.jigsaw.layer.load_state_dict(self.layers[-1].state_dict())
            self.jigsaw.norm.load_state_dict(self.ln1.state_dict())

    def forward(self, x: Tensor, rows: Tensor | None = None) -> tuple[Tensor, ...]:
        """Compute the maps.

        Args:
            x (Tensor): Pictures ``(N, 3, *img_size)``.
            rows (Tensor, optional): ``(N,)``, each picture's row of ``side_embed``, -1
                for none. None leaves the side information out. Defaults to None.

        Returns:
            tuple[Tensor, ...]: For each of ``out_indices`` (the last layer alone, if
            not said): tokens ``(N, C, h, w)``, class token ``(N, C, 1, 1)`` and the two
            of part tokens, if there are any; then the jigsaw's, if there is one.

        Raises:
            ValueError: The pictures have another size.
        """
        tokens = self.embed_patches(x, rows)
        maps: list[Tensor] = []
        for index, layer in enumerate(self.layers):
            before, tokens = tokens, self.run_layer(layer, tokens)
            if index in self.out_indices:
                is_last = index == len(self.layers) - 1
                normed = self.ln1(tokens) if is_last else tokens
                maps += token_maps(normed, self.grid, self.num_extra_tokens)
        if self.jigsaw is not None:
            maps.append(self.run_layer(self.jigsaw, before))
        return tuple(maps)

    def embed_patches(self, x: Tensor, rows: Tensor | None = None) -> Tensor:
        """Map pictures to tokens with their positions, the class token first.

        Args:
            x (Tensor): Pictures ``(N, 3, *img_size)``.
            rows (Tensor, optional): See :meth:`forward`. Defaults to None.

        Returns:
            Tensor: ``(N, num_extra_tokens + h * w, C)``.

        Raises:
            ValueError: The pictures have another size.
        """
        check_picture_size(tuple(x.shape[2:]), tuple(self.img_size))
        extra = [self.cls_token]
        if self.num_extra_tokens > 1:
            extra.append(self.part_tokens)
        patches, _ = self.patch_embed(x)
        tokens = torch.cat([*(t.expand(len(x), -1, -1) for t in extra), patches], 1)
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
            VisionTransformer: This network, unlike the parent's.
        """
        super().train(mode)
        if mode and self.frozen_stages > 0:
            self._freeze_stages()
        return self

    def _freeze_stages(self) -> None:
        """Freeze the jigsaw with the last layer."""
        check_choice('frozen_stages', self.frozen_stages, range(len(self.layers) + 1))
        super()._freeze_stages()
        # The parent's constructor comes here before there is one.
        jigsaw = getattr(self, 'jigsaw', None)
        if jigsaw is not None and self.frozen_stages == len(self.layers):
            jigsaw.eval().requires_grad_(False)

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
        if self.jigsaw is not None:
            last = f'layers.{len(self.layers) - 1}'
            fill_jigsaw(state_dict, prefix, last, [*self.jigsaw.state_dict()])
