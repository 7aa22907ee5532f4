"""CLIP's image tower as a trunk."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from mmreid.models.backbones.transformers.clip_names import take_tower
from mmreid.models.backbones.transformers.token_maps import token_maps
from mmreid.models.backbones.transformers.token_trunk import TokenTrunk
from mmreid.registry import MODELS

# Of other transformers.
_NOT_HERE = {'jigsaw', 'stem', 'num_part_tokens', 'out_indices'}


@MODELS.register_module()
class CLIPVisionTransformer(TokenTrunk):
    """The image tower of `CLIP <https://arxiv.org/abs/2103.00020>`_, a ViT.

    Unlike others it normalises tokens before the first layer, has no bias in the patch
    embedding, and ``x * sigmoid(1.702 x)`` for an activation. It returns the vectors
    that CLIP-ReID and PCL-CLIP learn and compare.

    Weights may have CLIP's own names (OpenAI, open_clip, CLIP-ReID), Hugging Face's or
    timm's, and those of the whole of CLIP: its text tower is left out. Half precision
    becomes the network's.

    Args:
        projection (int, optional): Width of the last token's projection, which CLIP
            compares with text; None for no projection and no map of it. Defaults to
            512.
        freeze_patches (bool): Do not train the patch embedding (`MoCo v3
            <https://arxiv.org/abs/2104.02057>`_, PCL-CLIP). Defaults to False.
        **kwargs: As of :class:`TokenTrunk`: ``arch``, ``img_size``,
            ``patch_size``, ``stride``, ``source_grid``, ``with_cp``, ``init_cfg``, ...;
            ``side_information``, which is added to the class token alone here
            (CLIP-ReID: ``scale=1.0``). Not ``jigsaw``, ``stem``, ``num_part_tokens``
            and ``out_indices``.

    Raises:
        ValueError: ``projection`` is no width, or an option is not CLIP's.
    """

    def __init__(
        self,
        projection: int | None = 512,
        freeze_patches: bool = False,
        **kwargs: Any,
    ) -> None:
        if projection is not None and projection < 1:
            raise ValueError(
                f'projection must be a positive width or None, got {projection}.'
            )
        if foreign := _NOT_HERE & kwargs.keys():
            raise ValueError(
                f'{min(foreign)} is no option of CLIPVisionTransformer, which returns '
                "CLIP's own maps; leave it out, or take VisionTransformer."
            )
        clip: Mapping[str, Any] = dict(
            pre_norm=True,
            norm_cfg=dict(type='LN', eps=1e-5),
            layer_cfgs=dict(act_cfg=dict(type='mmpretrain.QuickGELU')),
        )
        super().__init__(**{**clip, **kwargs})
        self.projection = None
        if projection is not None:
            self.projection = nn.Linear(self.embed_dims, projection, bias=False)
        if freeze_patches:
            self.patch_embed.requires_grad_(False)

    @property
    def out_channels(self) -> tuple[int, ...]:
        """Channels of each map that ``forward`` returns."""
        width = self.embed_dims
        if self.projection is None:
            return (width,) * 3
        projected = self.projection.out_features
        return width, width, width, projected, width + projected

    def init_weights(self) -> None:
        """Initialise as any ViT, and the projection as CLIP does."""
        if not self.is_init and self.projection is not None:
            nn.init.normal_(self.projection.weight, std=self.embed_dims**-0.5)
        super().init_weights()

    def forward(self, x: Tensor, rows: Tensor | None = None) -> tuple[Tensor, ...]:
        """Compute the maps.

        Args:
            x (Tensor): Pictures ``(N, 3, *img_size)``.
            rows (Tensor, optional): ``(N,)``, each picture's row of ``side_embed``, -1
                for none. None leaves the side information out. Defaults to None.

        Returns:
            tuple[Tensor, ...]: Tokens ``(N, C, h, w)`` and class token ``(N, C, 1, 1)``
            behind the last norm; the class token of the last layer but one, not
            normed; with a projection the projected class token ``(N, D, 1, 1)``, and
            the class token and its projection behind one another
            ``(N, C + D, 1, 1)``.

        Raises:
            ValueError: The pictures have another size.
        """
        tokens = self.embed_patches(x, rows)
        for layer in self.layers[:-1]:
            tokens = self.run_layer(layer, tokens)
        earlier = tokens[:, 0, :, None, None]
        tokens = self.run_layer(self.layers[-1], tokens)
        patches, last = token_maps(self.ln1(tokens), self.grid, self.num_extra_tokens)
        if self.projection is None:
            return patches, last, earlier
        projected = self.projection(last.flatten(1))[:, :, None, None]
        return patches, last, earlier, projected, torch.cat([last, projected], 1)

    def add_side(self, tokens: Tensor, side: Tensor) -> Tensor:
        """Add the side information to the class token.

        Args:
            tokens (Tensor): ``(N, L, C)``.
            side (Tensor): ``(N, 1, C)``.

        Returns:
            Tensor: ``(N, L, C)``.
        """
        return torch.cat([tokens[:, :1] + side, tokens[:, 1:]], 1)

    def _prepare_pos_embed(
        self, state_dict: dict[str, Any], prefix: str, *args: Any
    ) -> None:
        """Take other programs' names and any grid of positions; torch's hook."""
        own = {
            name.removeprefix(prefix): state_dict.pop(name)
            for name in list(state_dict)
            if name.startswith(prefix)
        }
        weights, others = take_tower(own)
        table = weights.get('pos_embed')
        if isinstance(table, Tensor) and table.is_floating_point():
            weights['pos_embed'] = table.to(self.pos_embed.dtype)
        weights.update({name: own[name] for name in others})
        state_dict.update({f'{prefix}{name}': weights[name] for name in weights})
        super()._prepare_pos_embed(state_dict, prefix, *args)
