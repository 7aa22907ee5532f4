"""OSNet: a trunk of 2.2 million parameters and fewer, made for re-identification.

Papers: Omni-Scale Feature Learning for Person Re-Identification
(https://arxiv.org/abs/1905.00953), Table 1, and Learning Generalisable Omni-Scale
Representations for Person Re-Identification (https://arxiv.org/abs/1910.06827), Table 2
(AIN). Names were read in https://github.com/KaiyangZhou/deep-person-reid, osnet.py and
osnet_ain.py.
"""

import copy
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.models.backbones.copied_weights import fill_missing
from mmreid.models.backbones.osnet.block import InstanceNorm, OSBlock
from mmreid.models.backbones.osnet.layers import ConvNorm
from mmreid.registry import MODELS

# Of the stem and of the stages conv2, conv3 and conv4 (and conv5), at width 1.
_CHANNELS = (64, 256, 384, 512)
# What instance norms the two blocks of each stage have.
_BLOCKS: dict[str, tuple[tuple[InstanceNorm | None, InstanceNorm | None], ...]] = {
    'bn': ((None, None), (None, None), (None, None)),
    'ibn': (('sum', 'sum'), (None, None), (None, None)),
    'ain': (('residual', 'residual'), (None, 'residual'), ('residual', None)),
}


@MODELS.register_module()
class OSNet(BaseModule):
    """Omni-scale network.

    Its stages are conv2 (at 1/8 of the picture's size), conv3, conv4 and conv5 (at
    1/16); a plain checkpoint of torchreid loads. The linear layer behind torchreid's
    pooling is the reduction of the head's branch (``channels=512``).

    Args:
        width (float): Factor of all channels, 0.25 or more; the published ones are 1,
            0.75, 0.5 and 0.25. Defaults to 1.0.
        norm (str): ``'bn'``; ``'ibn'``, instance norms in the stem and behind the
            blocks of conv2; ``'ain'``, in the stem and in the residual mappings where
            the second paper's search has put them. Defaults to ``'bn'``.
        out_indices (Sequence[int]): Stages whose maps are returned, 0 for conv2.
            Defaults to (3, ).
        last_stage_copies (int): Number of tails side by side, as
            :class:`PluginResNet` has it, each conv3 from its second block on, conv4 and
            conv5, with weights of its own that all start from the same (LightMBN): the
            network's own and ``tails.0``, ... A checkpoint without them fills them from
            its own. Defaults to 1.
        init_cfg (dict, optional): ``dict(type='Pretrained', checkpoint=...)``.
            Defaults to None.

    Attributes:
        out_channels (tuple[int, ...]): Channels of each map that is returned.

    Raises:
        ValueError: If a width has fractions of channels, or another option has no
            meaning.
    """

    def __init__(
        self,
        width: float = 1.0,
        norm: Literal['bn', 'ibn', 'ain'] = 'bn',
        out_indices: Sequence[int] = (3,),
        last_stage_copies: int = 1,
        init_cfg: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self._check(width, norm, out_indices, last_stage_copies)
        stem, *channels = (round(width * count) for count in _CHANNELS)
        second, third, last = channels
        self.norm = norm
        self.out_indices = tuple(sorted(set(out_indices)))
        self.conv1 = ConvNorm(
            3, stem, 7, stride=2, norm='batch' if norm == 'bn' else 'instance'
        )
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2, self.pool2 = self._stage(0, stem, second, halves=True)
        self.conv3, self.pool3 = self._stage(1, second, third, halves=True)
        self.conv4, _ = self._stage(2, third, last)
        self.conv5 = ConvNorm(last, last)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode='fan_out')
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        self.tails = nn.ModuleList(
            self._copy_tail() for _ in range(last_stage_copies - 1)
        )
        of_stages = (*channels, last)
        self.out_channels = (
            *(of_stages[index] for index in self.out_indices),
            *(last for _ in self.tails),
        )

    @staticmethod
    def _check(
        width: float, norm: str, out_indices: Sequence[int], last_stage_copies: int
    ) -> None:
        """Refuse options without a meaning."""
        check_choice('norm', norm, tuple(_BLOCKS))
        if width < 0.25 or 64 * width % 1:
            raise ValueError(
                'width must be at least 0.25 and make whole numbers of 64 channels, '
                f'got {width!r}; the published ones are 1, 0.75, 0.5 and 0.25.'
            )
        if not out_indices or not all(index in range(4) for index in out_indices):
            raise ValueError(
                f'out_indices must name stages from 0 to 3, got {out_indices!r}.'
            )
        if last_stage_copies < 1:
            raise ValueError(
                'last_stage_copies counts the network itself and must be at least 1, '
                f'got {last_stage_copies}.'
            )
        if last_stage_copies > 1 and 3 not in out_indices:
            raise ValueError(
                'Copies of the tail need conv5 among the outputs; add 3 to '
                f'out_indices, got {tuple(out_indices)}.'
            )

    def _stage(
        self, stage: int, in_channels: int, out_channels: int, halves: bool = False
    ) -> tuple[nn.Sequential, nn.Module]:
        """Make two blocks and what halves their map, which only AIN has apart."""
        norms = _BLOCKS[self.norm][stage]
        streams: Literal['letters', 'list'] = (
            'list' if self.norm == 'ain' else 'letters'
        )
        blocks = nn.Sequential(
            OSBlock(in_channels, out_channels, norms[0], streams),
            OSBlock(out_channels, out_channels, norms[1], streams),
        )
        pool: nn.Module = nn.Identity()
        if halves:
            pool = nn.Sequential(ConvNorm(out_channels, out_channels), nn.AvgPool2d(2))
            if self.norm != 'ain':
                blocks.append(pool)
                pool = nn.Identity()
        return blocks, pool

    def _copy_tail(self) -> nn.Module:
        """Copy what follows the first block of conv3, under the names that it has."""
        rest = OrderedDict(list(self.conv3.named_children())[1:])
        tail = OrderedDict(conv3=nn.Sequential(rest), pool3=self.pool3)
        tail.update(conv4=self.conv4, conv5=self.conv5)
        return copy.deepcopy(nn.Sequential(tail))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Compute the maps.

        Args:
            x (Tensor): Pictures ``(N, 3, H, W)``.

        Returns:
            tuple[Tensor, ...]: Maps ``(N, C, H', W')`` of the stages in
            ``out_indices``, then conv5's of the further tails.
        """
        x = first = self.pool2(self.conv2(self.maxpool(self.conv1(x))))
        shared, *rest = self.conv3
        x = start = shared(x)
        for module in rest:
            x = module(x)
        second = self.pool3(x)
        third = self.conv4(second)
        stages = (first, second, third, self.conv5(third))
        maps = [stages[index] for index in self.out_indices]
        return (*maps, *(tail(start) for tail in self.tails))

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any
    ) -> None:
        """Give tails that the checkpoint lacks the weights of the network's own."""
        names = [(i, n) for i, tail in enumerate(self.tails) for n in tail.state_dict()]
        fill_missing(
            state_dict,
            [(f'{prefix}tails.{index}.{name}', prefix + name) for index, name in names],
        )
        super()._load_from_state_dict(state_dict, prefix, *args)
