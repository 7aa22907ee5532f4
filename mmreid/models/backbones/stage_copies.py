"""Copies of a network's last stages, side by side, which begin at one of its blocks."""

import copy
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Self

from torch import nn

from mmreid.models.backbones.copied_weights import fill_missing

NUM_STAGES = 4
_LAST_STAGE = (3, 0)  # where copies begin unless another place is given


class CopyPlan(NamedTuple):
    """How many copies of the last stages there are, and where they begin.

    Attributes:
        number (int): Copies beside the original.
        stage (int): The first stage that is copied; 0 is layer1.
        block (int): The first block of that stage that is copied.
        strides (Sequence[int] | None): Each copy's stride of layer4; None for
            layer4's own.
    """

    number: int
    stage: int
    block: int
    strides: Sequence[int] | None

    @classmethod
    def beginning_at(
        cls, place: Sequence[int], number: int, strides: Sequence[int] | None
    ) -> Self:
        """Make a plan.

        Args:
            place (Sequence[int]): Stage and block where the copies begin.
            number (int): Copies beside the original.
            strides (Sequence[int] | None): See the attributes.

        Returns:
            CopyPlan: Not checked yet against the network, see :meth:`check`.

        Raises:
            ValueError: The place is no stage and block.
        """
        if not isinstance(place, Sequence) or len(place) != 2:
            raise ValueError(f'copies_from must be (stage, block), got {place!r}.')
        stage, block = place
        return cls(number, stage, block, strides)

    def check(self, stage_blocks: Sequence[int]) -> None:
        """Refuse what has no meaning.

        Args:
            stage_blocks (Sequence[int]): Number of blocks of every stage.

        Raises:
            ValueError: No such block, a block without copies, or not one stride for
                each copy.
        """
        if self.number < 0:
            raise ValueError(
                'last_stage_copies counts layer4 itself and must be at least 1, got '
                f'{self.number + 1}.'
            )
        if not self.number and (self.stage, self.block) != _LAST_STAGE:
            raise ValueError(
                'copies_from needs copies, got last_stage_copies=1; set that to 2 or '
                'more, or leave copies_from out.'
            )
        stages = range(len(stage_blocks))
        if self.stage not in stages or self.block not in range(
            stage_blocks[self.stage]
        ):
            raise ValueError(
                'copies_from must be (stage, block) with a stage from 0 to '
                f'{len(stage_blocks) - 1} and one of its {tuple(stage_blocks)} blocks, '
                f'got {(self.stage, self.block)}.'
            )
        if self.strides is not None and (
            len(self.strides) != self.number or not set(self.strides) <= {1, 2}
        ):
            raise ValueError(
                f'copy_strides must have 1 or 2 for each of the {self.number} copies '
                f'beside the original, got {tuple(self.strides)}.'
            )

    def first_block(self, stage: int) -> int:
        """Tell the first block of a copied stage that is copied."""
        return self.block if stage == self.stage else 0

    def names(self) -> Iterator[tuple[int, str, str]]:
        """List the copied stages.

        Yields:
            tuple[int, str, str]: Index, name and the name of the copies' list.
        """
        for stage in range(self.stage, NUM_STAGES):
            yield stage, f'layer{stage + 1}', f'layer{stage + 1}_copies'

    def copy_stage(self, layer: nn.Sequential, stage: int) -> nn.ModuleList:
        """Copy a stage, under the names that its blocks have in the original.

        Args:
            layer (nn.Sequential): The stage.
            stage (int): Its index.

        Returns:
            nn.ModuleList: The copies.

        Raises:
            ValueError: A plugin was built for the stride that a copy has not.
        """
        blocks = dict(layer.named_children())
        kept = OrderedDict(
            (name, block)
            for name, block in blocks.items()
            if int(name) >= self.first_block(stage)
        )
        copies = nn.ModuleList(
            copy.deepcopy(layer if len(kept) == len(blocks) else nn.Sequential(kept))
            for _ in range(self.number)
        )
        if stage == NUM_STAGES - 1:
            for own, stride in zip(copies, self.strides or (), strict=False):
                set_stride(own.get_submodule('0'), stride)
        return copies

    def fill(self, state_dict: dict[str, Any], prefix: str) -> None:
        """Give copies that a checkpoint lacks the weights of the original.

        Args:
            state_dict (dict): Weights by name; copies are added to it.
            prefix (str): What the network's names begin with.
        """
        for stage, layer, copies in self.names():
            start = f'{prefix}{layer}.'
            for key in [key for key in state_dict if key.startswith(start)]:
                name = key.removeprefix(start)
                if int(name.partition('.')[0]) < self.first_block(stage):
                    continue
                own = [f'{prefix}{copies}.{i}.{name}' for i in range(self.number)]
                fill_missing(state_dict, [(copied, key) for copied in own])


def set_stride(block: Any, stride: int) -> None:
    """Change the stride of a residual block, which no weight knows of.

    Args:
        block (nn.Module): The first block of a stage.
        stride (int): The new one.

    Raises:
        ValueError: A plugin beside the block was built for another stride.
    """
    if block.stride == stride:
        return
    if block.parallel is not None:
        raise ValueError(
            'copy_strides cannot change the stride of a block with a parallel plugin, '
            f'which is built for {block.stride}; got {stride}.'
        )
    is_deep = hasattr(block, 'conv3') and block.style == 'pytorch'
    block.stride = stride
    for layer in (block.conv2 if is_deep else block.conv1, block.downsample[0]):
        layer.stride = (stride, stride)
