"""Any network of timm as a trunk."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from mmengine.model import BaseModule
from torch import Tensor

from mmreid.models.backbones.timm_trunks.construction import (
    build_network,
    check_name,
    drop_unused,
    try_out,
)
from mmreid.models.backbones.timm_trunks.output_maps import (
    Output,
    describe_output,
    intermediate_map,
    maps_of,
)
from mmreid.models.backbones.timm_trunks.timm_weights import (
    fetch,
    fit_to,
    take_plain_names,
)
from mmreid.registry import MODELS

_INNER = 'timm_model.'


@MODELS.register_module()
class TimmBackbone(BaseModule):
    """A network of timm, by its name, as a trunk that returns maps.

    Source: https://github.com/huggingface/pytorch-image-models (Apache-2.0). What the
    network returns before its classifier becomes a map ``(N, C, h, w)``, be it a map
    whose channels are first or last, or tokens; further tokens are left out, but for
    the class token, which is a second map ``(N, C, 1, 1)``. The network is tried out
    on one picture when it is built. Parameters that only its classifier uses are taken
    away.

    The parameters have timm's names behind ``timm_model.``; a checkpoint may have
    timm's alone.

    Args:
        model_name (str): One of ``timm.list_models()``, such as
            ``'convnext_tiny'``; a tag such as ``.fb_in22k`` behind it matters to
            ``pretrained`` alone.
        img_size (int | tuple[int, int]): Height and width of the pictures. Networks of
            convolutions take any others, too. Defaults to (256, 128).
        pretrained (bool): Fetch the weights that timm publishes when training starts,
            as ``.safetensors`` and nothing else. Nothing is ever fetched otherwise.
            Defaults to False.
        output_stride (int, optional): Pixels from point to point of the last map,
            where timm has the option (8, 16 or 32). Defaults to None, the network's.
        with_cp (bool): Compute each stage again in the backward pass, to save memory,
            where timm can. Defaults to False.
        init_cfg (dict, optional): ``dict(type='Pretrained', checkpoint=...)`` with a
            file of timm's or ours. Defaults to None.
        **kwargs: Further arguments of ``timm.create_model``: ``drop_path_rate``,
            ``dynamic_img_size``, ``patch_size``, ``window_size``, ...

    Attributes:
        out_channels (tuple[int, ...]): Channels of each map that is returned.

    Raises:
        ImportError: timm is not installed.
        ValueError: There is no such network, it has no map, or it does not run on
            pictures of this size.
    """

    timm_model: Any

    def __init__(
        self,
        model_name: str,
        img_size: int | Sequence[int] = (256, 128),
        pretrained: bool = False,
        output_stride: int | None = None,
        with_cp: bool = False,
        init_cfg: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(init_cfg)
        size = (img_size,) * 2 if isinstance(img_size, int) else tuple(img_size)
        if len(size) != 2 or min(size) < 1:
            raise ValueError(f'img_size must be (height, width), got {img_size!r}.')
        if pretrained and init_cfg:
            raise ValueError(
                'pretrained=True and init_cfg both tell where weights are from; give '
                'one of them.'
            )
        check_name(model_name)
        if output_stride is not None:
            kwargs['output_stride'] = output_stride
        self.model_name = model_name
        self.pretrained = pretrained
        self.img_size = (size[0], size[1])
        self.timm_model = build_network(model_name, self.img_size, kwargs)
        # Its own initialisation is done; mmengine would repeat it over loaded weights.
        self.timm_model.is_init = True
        self.output = self._look_at_output()
        widths = (self.output.channels,) * (1 + self.output.has_class_token)
        self.out_channels: tuple[int, ...] = widths
        if with_cp:
            self.timm_model.set_grad_checkpointing()
        self._register_load_state_dict_pre_hook(self._take_names)

    def _look_at_output(self) -> Output:
        """Try the network out, and take away what its map does not need."""
        net, size = self.timm_model, self.img_size
        result, called = try_out(net, size, net.forward_features)
        output = describe_output(net, result, size)
        if output is None and hasattr(net, 'forward_intermediates'):
            result, called = try_out(net, size, partial(intermediate_map, net))
            if result.ndim == 4:
                grid = (result.shape[2], result.shape[3])
                output = Output('intermediate', result.shape[1], grid)
        if output is None:
            raise ValueError(
                f'model_name={self.model_name!r} returns no map (N, C, h, w) and no '
                'tokens of a grid; take a network that does, such as '
                "'convnext_tiny', 'swin_tiny_patch4_window7_224' or "
                "'vit_small_patch16_224'."
            )
        drop_unused(net, [result], called)
        return output

    def init_weights(self) -> None:
        """Load or fetch the weights that the training starts from."""
        if self.pretrained and not self.is_init:
            weights = fit_to(self.timm_model, dict(fetch(self.model_name)))
            self.timm_model.load_state_dict(weights, strict=False)
        super().init_weights()

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Compute the maps.

        Args:
            x (Tensor): Pictures ``(N, 3, *img_size)``.

        Returns:
            tuple[Tensor, ...]: The last map ``(N, C, h, w)`` and, where the network has
            a class token, that, ``(N, C, 1, 1)``.

        Raises:
            ValueError: The pictures have another size, and the network has a fixed one.
        """
        output = self.output
        size = (x.shape[2], x.shape[3])
        if size != self.img_size and output.format == 'tokens':
            output = output._replace(grid=self._scale_grid(size))
        return maps_of(self.timm_model, x, output)

    def _scale_grid(self, size: tuple[int, int]) -> tuple[int, int]:
        """Compute the grid of pictures of another size."""
        pairs = [*zip(self.output.grid, size, self.img_size, strict=True)]
        scaled = [count * side // own for count, side, own in pairs]
        is_whole = all(count * side % own == 0 for count, side, own in pairs)
        is_fixed = not getattr(self.timm_model, 'dynamic_img_size', False)
        if not is_whole or is_fixed:
            raise ValueError(
                f'Pictures must have the size img_size={self.img_size}, for which '
                f'{self.model_name} was built, got {size}; set '
                'model.backbone.img_size, or the size in the pipelines.'
            )
        return scaled[0], scaled[1]

    def _take_names(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        """Take timm's names; torch's hook."""
        take_plain_names(state_dict, prefix, _INNER, self.timm_model)
