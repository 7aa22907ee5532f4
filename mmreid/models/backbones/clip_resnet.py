"""CLIP's ResNet with attention pooling as a trunk."""

from collections.abc import Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmreid.arguments import check_choice, check_number
from mmreid.models.backbones.transformers.arguments import check_picture_size
from mmreid.models.backbones.transformers.position_grids import fit_positions
from mmreid.registry import MODELS

_BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
# Of a stage's channels and of a head of the attention.
_EXPANSION, _HEAD_WIDTH = 4, 64


@MODELS.register_module()
class CLIPResNet(BaseModule):
    """The convolutional image tower of `CLIP <https://arxiv.org/abs/2103.00020>`_.

    A ResNet with three convolutions in its stem, and an average pooling wherever
    another has a stride; over the last map lies an attention whose query is the map's
    mean (https://github.com/openai/CLIP, ``clip/model.py``). Parameters have CLIP's
    names, before which weights may have ``visual.``.

    Args:
        depth (int): 50 or 101. Defaults to 50.
        img_size (Sequence[int]): Height and width of the pictures; the attention has
            positions for one size, which are resized when weights are loaded. Defaults
            to (256, 128).
        last_stride (int): Stride of the last stage: 1 in CLIP-ReID, 2 in CLIP. Defaults
            to 1.
        base_channels (int): Channels of the stem's last convolution, an even number.
            Defaults to 64.
        projection (int): Width of the attention's output. Defaults to 1024.
        init_cfg (dict, optional): As in mmengine. Defaults to None.

    Raises:
        ValueError: There is no such depth or stride, ``img_size`` is not divided by
            the strides, or a width is none.
    """

    def __init__(
        self,
        depth: Literal[50, 101] = 50,
        img_size: Sequence[int] = (256, 128),
        last_stride: Literal[1, 2] = 1,
        base_channels: int = 64,
        projection: int = 1024,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        check_choice('depth', depth, _BLOCKS)
        check_choice('last_stride', last_stride, (1, 2))
        stride = 16 * last_stride
        _check_sizes(img_size, stride, base_channels, projection)
        self.img_size = tuple(img_size)
        self.grid = (img_size[0] // stride, img_size[1] // stride)
        half = base_channels // 2
        self.conv1 = nn.Conv2d(3, half, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(half)
        self.conv2 = nn.Conv2d(half, half, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(half)
        self.conv3 = nn.Conv2d(half, base_channels, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(base_channels)
        inputs, strides = base_channels, (1, 2, 2, last_stride)
        for index, count in enumerate(_BLOCKS[depth]):
            inner = base_channels * 2**index
            blocks = []
            for number in range(count):
                blocks.append(_Block(inputs, inner, 1 if number else strides[index]))
                inputs = inner * _EXPANSION
            setattr(self, f'layer{index + 1}', nn.Sequential(*blocks))
        self.attnpool = _AttentionPool(self.grid, inputs, projection)
        self.out_channels = (inputs, inputs // 2, projection)
        self._register_load_state_dict_pre_hook(self._take_names)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Compute the maps.

        Args:
            x (Tensor): Pictures ``(N, 3, *img_size)``.

        Returns:
            tuple[Tensor, ...]: The last map, that of the stage before, and the
            attention's vector ``(N, projection, 1, 1)``.

        Raises:
            ValueError: The pictures have another size.
        """
        check_picture_size(tuple(x.shape[2:]), self.img_size)
        for number in (1, 2, 3):
            x = getattr(self, f'conv{number}')(x)
            x = F.relu(getattr(self, f'bn{number}')(x))
        x = self.layer2(self.layer1(F.avg_pool2d(x, 2)))
        earlier = self.layer3(x)
        last = self.layer4(earlier)
        return last, earlier, self.attnpool(last)

    def _take_names(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        """Take weights of the whole of CLIP, and positions of any grid."""
        start = f'{prefix}visual.'
        for name in [name for name in state_dict if name.startswith(start)]:
            state_dict[prefix + name.removeprefix(start)] = state_dict.pop(name)
        name = f'{prefix}attnpool.positional_embedding'
        table, own = state_dict.get(name), self.attnpool.positional_embedding
        if isinstance(table, Tensor) and table.shape != own.shape and table.ndim == 2:
            state_dict[name] = fit_positions(table.to(own.dtype)[None], self.grid)[0]


def _check_sizes(
    img_size: Sequence[int], stride: int, base_channels: int, projection: int
) -> None:
    """Refuse sizes of which there is no network."""
    if len(img_size) != 2 or any(size < 1 or size % stride for size in img_size):
        raise ValueError(
            f'img_size must be divisible by {stride} in height and width, got '
            f'{tuple(img_size)}.'
        )
    if base_channels < 2 or base_channels % 2:
        raise ValueError(
            'base_channels must be an even number of at least 2, since half of them '
            f"are the first convolution's, got {base_channels}."
        )
    check_number('projection', projection, above=0)


class _Block(nn.Module):
    """A bottleneck that pools where others have a stride."""

    def __init__(self, inputs: int, inner: int, stride: int) -> None:
        super().__init__()
        outputs = inner * _EXPANSION
        self.stride = stride
        self.conv1 = nn.Conv2d(inputs, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, inputs, H, W)`` to ``(N, 4 * inner, H / stride, W / stride)``."""
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        if self.stride > 1:
            y, x = F.avg_pool2d(y, self.stride), F.avg_pool2d(x, self.stride)
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class _AttentionPool(nn.Module):
    """Attention over a map, of which the mean asks."""

    def __init__(self, grid: tuple[int, int], width: int, outputs: int) -> None:
        super().__init__()
        rows = torch.randn(grid[0] * grid[1] + 1, width) / width**0.5
        self.positional_embedding = nn.Parameter(rows)
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.c_proj = nn.Linear(width, outputs)
        self.num_heads = max(1, width // _HEAD_WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Pool ``(N, width, h, w)`` to ``(N, outputs, 1, 1)``."""
        tokens = x.flatten(2).transpose(1, 2)
        tokens = torch.cat([tokens.mean(1, keepdim=True), tokens], 1)
        tokens = tokens + self.positional_embedding
        heads = [
            part.unflatten(2, (self.num_heads, -1)).transpose(1, 2)
            for part in (
                self.q_proj(tokens[:, :1]),
                self.k_proj(tokens),
                self.v_proj(tokens),
            )
        ]
        pooled = F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(1)
        return self.c_proj(pooled)[:, :, None, None]
