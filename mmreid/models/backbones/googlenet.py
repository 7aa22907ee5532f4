"""GoogLeNet that takes attention by configuration."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from mmengine.model import BaseModule, PretrainedInit
from torch import Tensor, nn
from torchvision.models.googlenet import BasicConv2d, GoogLeNet, Inception, InceptionAux

from mmreid.models.backbones.placement import placements
from mmreid.models.backbones.sockets import SocketBlock, named_plugins
from mmreid.registry import MODELS

# What a stage runs before its first block, and its blocks.
STAGES = (
    (('conv1', 'maxpool1', 'conv2'), ('conv3',)),
    (('maxpool2',), ('inception3a', 'inception3b')),
    (('maxpool3',), tuple(f'inception4{letter}' for letter in 'abcde')),
    (('maxpool4',), ('inception5a', 'inception5b')),
)


class _GoogLeNetBlock(SocketBlock):
    """Sockets for a block without a residual mapping."""

    stride = 1

    def plug(self, position: str, cfg: Mapping[str, Any]) -> None:
        """Build a plugin, see the parent; refuse one for the residual mapping."""
        super().plug(position, cfg)
        if getattr(getattr(self, position), 'attend', None) == 'residual':
            raise ValueError(
                f"attend='residual' needs a residual block, got {cfg!r} for a block of "
                "GoogLeNet; use attend='block'."
            )


class SocketConv(_GoogLeNetBlock, BasicConv2d):
    """GoogLeNet's convolution with batch norm and ReLU, with sockets.

    Args:
        in_channels (int): Channels of the map.
        out_channels (int): Channels of the result.
        **kwargs (Any): Of the convolution.
    """

    def __init__(self, in_channels: int, out_channels: int, **kwargs: Any) -> None:
        super().__init__(in_channels, out_channels, **kwargs)
        self.in_channels, self.out_channels = in_channels, out_channels


class SocketInception(_GoogLeNetBlock, Inception):
    """The inception block, with sockets.

    Args:
        in_channels (int): Channels of the map.
        *widths (int): Of the four branches, as in torchvision.
        **kwargs (Any): Further arguments of the block.
    """

    def __init__(self, in_channels: int, *widths: int, **kwargs: Any) -> None:
        super().__init__(in_channels, *widths, **kwargs)
        one, _, three, _, five, pool = widths
        self.in_channels, self.out_channels = in_channels, one + three + five + pool


@MODELS.register_module()
class PluginGoogLeNet(GoogLeNet, BaseModule):
    """torchvision's GoogLeNet with sockets for plugins beside and behind its blocks.

    Szegedy et al., `Going Deeper with Convolutions <https://arxiv.org/abs/1409.4842>`_.
    It has four stages: up to the convolution ``conv3`` (one block, 192 channels at a
    quarter of the size), and the inception blocks 3 (two blocks, 480 channels, 1/8), 4
    (five, 832, 1/16) and 5 (two, 1024, 1/32). Parameters have torchvision's names, a
    plugin's begin with ``{block}.{position}.``, such as ``inception4e.after.``. Without
    pretrained weights convolutions start by He's initialisation.

    Pictures come normalised by ImageNet's mean and deviation, like everywhere;
    torchvision's weights want [-1, 1], to which they are brought here.

    Args:
        plugins (Sequence[dict]): See :class:`PluginResNet`; stage 0 is the one of
            ``conv3``. Nothing here can attend to a residual mapping. Defaults to none.
        last_stride (int): Of the pool before the last stage; 1 leaves the pool out,
            which keeps the last map at 1/16. Defaults to 2.
        out_indices (Sequence[int]): Stages whose maps are returned.
            Defaults to (3, ).
        with_cp (bool): Recompute inception blocks in the backward pass.
            Defaults to False.
        init_cfg (dict, optional): ``dict(type='Pretrained', checkpoint=...)``.
            Defaults to None.

    Raises:
        ValueError: If a plugin's place does not exist or is taken, or another argument
            is none of those above.
    """

    def __init__(
        self,
        plugins: Sequence[Mapping[str, Any]] = (),
        last_stride: Literal[1, 2] = 2,
        out_indices: Sequence[int] = (3,),
        with_cp: bool = False,
        init_cfg: Mapping[str, Any] | None = None,
    ) -> None:
        self._check(last_stride, out_indices, init_cfg)
        inception = functools.partial(SocketInception, with_cp=with_cp)
        super().__init__(
            aux_logits=False,
            transform_input=True,
            init_weights=False,
            blocks=[BasicConv2d, inception, InceptionAux],
        )
        self.init_cfg = init_cfg
        self.out_indices = tuple(out_indices)
        self.conv3 = SocketConv(64, 192, kernel_size=3, padding=1)
        if last_stride == 1:
            self.maxpool4 = nn.Identity()
        for classifying in ('aux1', 'aux2', 'avgpool', 'dropout', 'fc'):
            delattr(self, classifying)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode='fan_out')
        counts = [len(blocks) for _, blocks in STAGES]
        for stage, block, position, cfg in placements(plugins, counts):
            getattr(self, STAGES[stage][1][block]).plug(position, cfg)

    @staticmethod
    def _check(
        last_stride: int,
        out_indices: Sequence[int],
        init_cfg: Mapping[str, Any] | None,
    ) -> None:
        """Refuse options without a meaning."""
        if last_stride not in (1, 2):
            raise ValueError(f'last_stride must be 1 or 2, got {last_stride!r}.')
        if not out_indices or not all(i in range(4) for i in out_indices):
            raise ValueError(
                f'out_indices must name stages from 0 to 3, got {out_indices!r}.'
            )
        if init_cfg and init_cfg['type'] not in ('Pretrained', PretrainedInit):
            raise ValueError(
                "init_cfg must be of the type 'Pretrained' or None, since others would "
                f'overwrite how plugins start; got {init_cfg!r}.'
            )

    @property
    def out_channels(self) -> tuple[int, ...]:
        """Channels of each map that ``forward`` returns."""
        last = [getattr(self, blocks[-1]).out_channels for _, blocks in STAGES]
        return tuple(last[stage] for stage in sorted(set(self.out_indices)))

    def named_plugins(self) -> Iterator[tuple[str, nn.Module]]:
        """Find the plugins.

        Yields:
            tuple[str, nn.Module]: Name, such as ``'inception4e.after'``, and plugin.
        """
        return named_plugins(self)

    def init_weights(self) -> None:
        """Initialise plugins that tell how, then load pretrained weights."""
        for _, plugin in self.named_plugins():
            init_plugin = getattr(plugin, 'init_weights', None)
            if init_plugin is not None:
                init_plugin()
        BaseModule.init_weights(self)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Compute the maps.

        Args:
            x (Tensor): Pictures ``(N, 3, H, W)``.

        Returns:
            tuple[Tensor, ...]: Maps ``(N, C, H', W')`` of the stages in
            ``out_indices``.
        """
        x = self._transform_input(x)
        maps = []
        for stage, (before, blocks) in enumerate(STAGES[: max(self.out_indices) + 1]):
            for name in (*before, *blocks):
                x = getattr(self, name)(x)
            if stage in self.out_indices:
                maps.append(x)
        return tuple(maps)
