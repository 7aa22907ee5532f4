"""A stand-in of CLIP's ResNet tower, by OpenAI's names."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Bottleneck(nn.Module):
    """As in openai/CLIP, clip/model.py."""

    def __init__(self, inputs: int, inner: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, 4 * inner, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * inner)
        self.pool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
        self.downsample = nn.Identity()
        if stride > 1 or inputs != 4 * inner:
            self.downsample = nn.ModuleDict(
                {
                    '0': nn.Conv2d(inputs, 4 * inner, 1, bias=False),
                    '1': nn.BatchNorm2d(4 * inner),
                }
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y)).relu()
        y = self.bn3(self.conv3(self.pool(y)))
        if isinstance(self.downsample, nn.ModuleDict):
            x = self.downsample['1'](self.downsample['0'](self.pool(x)))
        return (y + x).relu()


class ResNetTower(nn.Module):
    """Returns what Syliz517/CLIP-ReID (4c0eb20, model/clip/model.py) returns, where the
    last stage has stride 1."""

    def __init__(self, grid=(16, 8), width: int = 4, out: int = 6) -> None:
        super().__init__()
        half = width // 2
        self.conv1 = nn.Conv2d(3, half, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(half)
        self.conv2 = nn.Conv2d(half, half, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(half)
        self.conv3 = nn.Conv2d(half, width, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        inputs = width
        for stage, count in enumerate((3, 4, 6, 3)):
            inner, blocks = width * 2**stage, []
            for number in range(count):
                stride = 2 if number == 0 and stage in (1, 2) else 1
                blocks.append(Bottleneck(inputs, inner, stride))
                inputs = 4 * inner
            setattr(self, f'layer{stage + 1}', nn.Sequential(*blocks))
        pool = nn.ParameterDict()
        pool['positional_embedding'] = torch.randn(grid[0] * grid[1] + 1, inputs)
        self.attnpool = nn.Module()
        self.attnpool.positional_embedding = pool['positional_embedding']
        for letter in 'qkv':
            setattr(self.attnpool, f'{letter}_proj', nn.Linear(inputs, inputs))
        self.attnpool.c_proj = nn.Linear(inputs, out)
        self.heads = inputs // 64
        for name, value in self.state_dict().items():
            if value.is_floating_point():
                value.normal_(0, 0.3) if value.ndim < 3 else None
            if name.endswith(('running_var', 'bn3.weight')):
                value.uniform_(0.5, 1.5)
        self.double().eval()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        for number in '123':
            x = getattr(self, f'conv{number}')(x)
            x = getattr(self, f'bn{number}')(x).relu()
        x = self.layer2(self.layer1(F.avg_pool2d(x, 2)))
        earlier = self.layer3(x)
        last = self.layer4(earlier)
        return last, earlier, self.pool(last)

    def pool(self, x: Tensor) -> Tensor:
        part = self.attnpool
        tokens = x.flatten(2).permute(2, 0, 1)
        tokens = torch.cat([tokens.mean(0, keepdim=True), tokens])
        tokens = tokens + part.positional_embedding[:, None]
        layers = [getattr(part, f'{letter}_proj') for letter in 'qkv']
        found, _ = F.multi_head_attention_forward(
            *(tokens, tokens, tokens, tokens.shape[-1], self.heads, None),
            torch.cat([layer.bias for layer in layers]),
            *(None, None, False, 0, part.c_proj.weight, part.c_proj.bias),
            need_weights=False,
            use_separate_proj_weight=True,
            q_proj_weight=layers[0].weight,
            k_proj_weight=layers[1].weight,
            v_proj_weight=layers[2].weight,
        )
        return found[0]
