"""Vision transformer that returns its tokens as maps, and what papers add to it."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import torch
from mmengine.model import PretrainedInit
from torch import Tensor, nn

from mmreid.models.backbones.transformers.arguments import (
    check_additions,
    find_layers,
)
from mmreid.models.backbones.transformers.instance_stem import InstanceStem
from mmreid.models.backbones.transformers.jigsaw import Jigsaw, fill_jigsaw
from mmreid.models.backbones.transformers.token_maps import token_maps
from mmreid.models.backbones.transformers.token_trunk import TokenTrunk
from mmreid.registry import MODELS


@MODELS.register_module()
class VisionTransformer(TokenTrunk):
    """mmpretrain's ViT as a trunk: tokens and class token, each as a map.

    Args:
        *args: As of :class:`TokenTrunk`: ``arch``, ``img_size``, ``patch_size``, ...
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
        out_indices (int | Sequence[int]): Layers whose maps are returned, -1 for the
            last. Defaults to -1.
        **kwargs: As of :class:`TokenTrunk`: ``stride``, ``source_grid``,
            ``interpolate_mode``, ``side_information``, ``with_cp`` and mmpretrain's.

    Raises:
        ValueError: An argument has no meaning, or a patch is larger than a picture.
    """

    def __init__(
        self,
        *args: Any,
        jigsaw: Mapping[str, Any] | None = None,
        stem: Literal['conv', 'ics'] = 'conv',
        num_part_tokens: int = 0,
        out_indices: int | Sequence[int] = -1,
        **kwargs: Any,
    ) -> None:
        check_additions(stem, jigsaw, num_part_tokens)
        self.num_extra_tokens = 1 + num_part_tokens
        super().__init__(*args, **kwargs)
        self.out_indices = find_layers(out_indices, len(self.layers))
        self._add(jigsaw, stem, num_part_tokens)
        if self.frozen_stages > 0:
            self._freeze_stages()

    def _add(
        self, jigsaw: Mapping[str, Any] | None, stem: str, num_part_tokens: int
    ) -> None:
        """Add what the parent has not."""
        self.jigsaw: Jigsaw | None = None
        if jigsaw is not None:
            num_patches = self.grid[0] * self.grid[1]
            self.jigsaw = Jigsaw(self.layers[-1], self.ln1, num_patches, **jigsaw)
        if stem == 'ics':
            convolution = self.patch_embed.projection
            if convolution.stride != convolution.kernel_size:
                raise ValueError(
                    "stem='ics' has patches that do not overlap; leave stride out."
                )
            self.patch_embed = InstanceStem(self.img_size, convolution)
        if num_part_tokens:
            tokens = torch.zeros(1, num_part_tokens, self.embed_dims)
            self.part_tokens = nn.Parameter(tokens)

    @property
    def extra_tokens(self) -> list[nn.Parameter]:
        """The tokens before the patches, each ``(1, n, C)``."""
        parts = [self.part_tokens] if self.num_extra_tokens > 1 else []
        return [self.cls_token, *parts]

    @property
    def out_channels(self) -> tuple[int, ...]:
        """Channels of each map that ``forward`` returns."""
        width = self.embed_dims
        parts = (width, 2 * width) if self.num_extra_tokens > 1 else ()
        local = () if self.jigsaw is None else (width,)
        return (width, width, *parts) * len(self.out_indices) + local

    def init_weights(self) -> None:
        """Initialise as mmpretrain, and the jigsaw as the trunk's last layer."""
        super().init_weights()
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

    def _freeze_stages(self) -> None:
        """Freeze the jigsaw with the last layer."""
        super()._freeze_stages()
        # The parent's constructor comes here before there is one.
        jigsaw = getattr(self, 'jigsaw', None)
        if jigsaw is not None and self.frozen_stages == len(self.layers):
            jigsaw.eval().requires_grad_(False)

    def _prepare_pos_embed(
        self, state_dict: dict[str, Any], prefix: str, *args: Any
    ) -> None:
        """Let a jigsaw that a checkpoint lacks start as the last layer, too."""
        super()._prepare_pos_embed(state_dict, prefix, *args)
        if self.jigsaw is not None:
            last = f'layers.{len(self.layers) - 1}'
            fill_jigsaw(state_dict, prefix, last, [*self.jigsaw.state_dict()])
