"""ResNet that takes attention by configuration."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Self

from mmengine.model import PretrainedInit, initialize
from mmpretrain.models.backbones.resnet import BasicBlock, ResNet
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.models.backbones.instance_batch_norm import InstanceBatchNorm
from mmreid.models.backbones.placement import placements
from mmreid.models.backbones.sockets import (
    SocketBasicBlock,
    SocketBottleneck,
    named_plugins,
)
from mmreid.models.backbones.stage_copies import NUM_STAGES, CopyPlan
from mmreid.registry import MODELS


@MODELS.register_module()
class PluginResNet(ResNet):
    """mmpretrain's ResNet with sockets for plugins beside and behind its blocks.

    Plugging something in never renames a parameter: a plain network has torchvision's
    names, a plugin's begin with ``layer{stage + 1}.{block}.{position}.``. A plugin
    starts as its own constructor and ``init_weights`` make it, whatever initialises
    the trunk; pretrained weights are loaded last. ``frozen_stages`` freezes what is
    pretrained: plugins keep training.

    Args:
        depth (int): 18, 34, 50, 101 or 152.
        plugins (Sequence[dict]): Each with

            * ``cfg``: the plugin, without widths, which come from the block:
              ``in_channels`` for ``'after'``; ``in_channels``, ``out_channels`` and
              ``stride`` for ``'parallel'``;
            * ``stages``: a tuple of indices, 0 is layer1;
            * ``blocks``: ``'last'`` (default), ``'all'`` or a tuple of indices (an
              empty one switches the plugin off);
            * ``position``: ``'after'`` (default), called with the block's output, or
              ``'parallel'``, called with its input and output (with its input and
              residual mapping if the plugin has ``attend == 'residual'``).

            Defaults to none.
        last_stage_copies (int): Number of stages in layer4's place, side by side, all
            starting from the same weights: ``layer4`` and ``layer4_copies.0``, ...
            (AIR-Net). A checkpoint without them fills the copies from its layer4.
            Defaults to 1.
        copies_from (tuple[int, int]): Stage and block where the copies begin;
            ``(2, 1)``: behind the first block of layer3 (MGN), whose further blocks
            are copied to ``layer3_copies.0.1``, ... Defaults to ``(3, 0)``, layer4.
        copy_strides (Sequence[int], optional): Stride of layer4 in each copy; None
            for that of ``strides``. Defaults to None.
        ibn (str, optional): ``'a'``: the first normalisation of every block of layer1
            to layer3 is half instance, half batch norm, see
            :class:`InstanceBatchNorm`. Defaults to None.
        stem_pool (str): ``'padded'``, torchvision's, or ``'ceil'``: max pooling
            without padding, whose last window may overlap the edge, as fast-reid's
            weights were trained with. Defaults to ``'padded'``.
        stem_relu (bool): False leaves out the ReLU of the stem, as the code of Bag of
            Tricks and AGW does. Defaults to True.
        zero_init_residual (bool): Start the last normalisation of every block at
            zero (never in effect for pretrained weights). Defaults to False.
        **kwargs: mmpretrain's: ``strides``, ``dilations``, ``out_indices``,
            ``frozen_stages``, ``norm_eval``, ``with_cp``, ``init_cfg``, ...

    Raises:
        ValueError: If a plugin's place does not exist or is taken, or ``ibn`` or
            the copies have no meaning.
    """

    init_cfg: Any
    arch_settings = {
        depth: (SocketBasicBlock if block is BasicBlock else SocketBottleneck, counts)
        for depth, (block, counts) in ResNet.arch_settings.items()
    }

    def __init__(
        self,
        depth: int,
        plugins: Sequence[Mapping[str, Any]] = (),
        last_stage_copies: int = 1,
        copies_from: tuple[int, int] = (3, 0),
        copy_strides: Sequence[int] | None = None,
        ibn: Literal['a'] | None = None,
        stem_pool: Literal['padded', 'ceil'] = 'padded',
        stem_relu: bool = True,
        zero_init_residual: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(depth, zero_init_residual=zero_init_residual, **kwargs)
        self.copies = CopyPlan.beginning_at(
            copies_from, last_stage_copies - 1, copy_strides
        )
        self._check(ibn, stem_pool)
        if stem_pool == 'ceil':
            self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)
        if not stem_relu:
            self.relu = nn.Identity()  # the blocks have their own
        if ibn == 'a':
            self._normalize_half_by_instance()
        for stage, block, position, cfg in placements(plugins, self.stage_blocks):
            getattr(self, self.res_layers[stage])[block].plug(position, cfg)
        for stage, layer, copies in self.copies.names():
            copied = self.copies.copy_stage(getattr(self, layer), stage)
            setattr(self, copies, copied)
        self._freeze_stages()

    def _check(self, ibn: str | None, stem_pool: str) -> None:
        """Refuse options without a meaning."""
        check_choice('ibn', ibn, ('a', None))
        check_choice('stem_pool', stem_pool, ('padded', 'ceil'))
        self.copies.check(self.stage_blocks)
        if self.copies.number and 3 not in self.out_indices:
            raise ValueError(
                'Copies of layer4 need it among the outputs; add 3 to out_indices, '
                f'got {tuple(self.out_indices)}.'
            )

    def _normalize_half_by_instance(self) -> None:
        """Turn the network into IBN-a."""
        for name in self.res_layers[:3]:
            for block in getattr(self, name):
                norm = InstanceBatchNorm(block.mid_channels, self.norm_cfg)
                setattr(block, block.norm1_name, norm)

    @property
    def out_channels(self) -> tuple[int, ...]:
        """Channels of each map that ``forward`` returns, copies of layer4 included."""
        stages = [getattr(self, name) for name in self.res_layers]
        last = [stage[len(stage) - 1].out_channels for stage in stages]
        maps = [last[i] for i in sorted(set(self.out_indices))]
        return (*maps, *last[-1:] * self.copies.number)

    def named_plugins(self) -> Iterator[tuple[str, nn.Module]]:
        """Find the plugins.

        Yields:
            tuple[str, nn.Module]: Name, such as ``'layer3.5.parallel'``, and plugin.
        """
        return named_plugins(self)

    def init_weights(self) -> None:
        """Initialise trunk, plugins and copies, then load pretrained weights."""
        if self.is_init:
            super().init_weights()  # says that it has been called before
            return
        states = {n: copy.deepcopy(p.state_dict()) for n, p in self.named_plugins()}
        init_cfg = self.init_cfg
        cfgs = [init_cfg] if isinstance(init_cfg, dict) else init_cfg or []
        pretrained = [c for c in cfgs if c['type'] in ('Pretrained', PretrainedInit)]
        self.init_cfg = [c for c in cfgs if c not in pretrained]
        super().init_weights()
        self.init_cfg = init_cfg
        # The trunk's initialisers reach into the plugins (batch norm at one instead
        # of zero), while mmengine's recursion stops at plain torch containers.
        for name, plugin in self.named_plugins():
            plugin.load_state_dict(states[name])
            init_plugin = getattr(plugin, 'init_weights', None)
            if init_plugin is not None:
                init_plugin()
        for _, layer, copies in self.copies.names():
            for copied in getattr(self, copies):
                for name, block in copied.named_children():
                    original = getattr(self, layer)[int(name)]
                    block.load_state_dict(original.state_dict())
        initialize(self, pretrained)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Compute the maps.

        Args:
            x (Tensor): Pictures ``(N, 3, H, W)``.

        Returns:
            tuple[Tensor, ...]: Maps ``(N, C, H', W')`` of the stages in
            ``out_indices``, then those of layer4's copies.
        """
        x = self.stem(x) if self.deep_stem else self.relu(self.norm1(self.conv1(x)))
        x = self.maxpool(x)
        maps, shared = [], x
        for stage, name in enumerate(self.res_layers):
            layer = getattr(self, name)
            if stage != self.copies.stage or not self.copies.block:
                shared = x if stage == self.copies.stage else shared
                x = layer(x)
            else:
                for index, block in enumerate(layer):
                    shared = x if index == self.copies.block else shared
                    x = block(x)
            if stage in self.out_indices:
                maps.append(x)
        return (*maps, *(self._copy(i, shared) for i in range(self.copies.number)))

    def _copy(self, index: int, x: Tensor) -> Tensor:
        """Run a copy on what the copied blocks have seen."""
        for _, _, copies in self.copies.names():
            x = getattr(self, copies)[index](x)
        return x

    def train(self, mode: bool = True) -> Self:
        """Switch between training and evaluation; unlike the parent's, chainable."""
        super().train(mode)
        for _, plugin in self.named_plugins():
            plugin.train(mode)  # also beside a frozen block
        return self

    def _freeze_stages(self) -> None:
        """Freeze the copies of a stage with it, but no plugin."""
        plugged = [p for _, plugin in self.named_plugins() for p in plugin.parameters()]
        learning = [parameter for parameter in plugged if parameter.requires_grad]
        super()._freeze_stages()
        # The parent's constructor comes here before there are copies.
        for stage in range(min(self.frozen_stages, NUM_STAGES)):
            for copied in getattr(self, f'layer{stage + 1}_copies', ()):
                copied.eval().requires_grad_(False)
        for parameter in learning:
            parameter.requires_grad_()

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any
    ) -> None:
        """Give copies that the checkpoint lacks the weights of the original."""
        self.copies.fill(state_dict, prefix)
        super()._load_from_state_dict(state_dict, prefix, *args)
