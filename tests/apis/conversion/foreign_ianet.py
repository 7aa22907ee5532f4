"""The authors' IANet, an eighth as wide, position by position.

Written for the tests from what their code computes (IA.py and IAResnet.py): the
location's weights are a softmax over all positions, the appearance's one of products
divided by the root of the channels, and their product passes a softmax again.
"""

import math

import torch
from foreign_models import BASE, CHANNELS, stem, trunk
from torch import Tensor, nn


class Interaction(nn.Module):
    def __init__(self, channels: int, across: float, down: float) -> None:
        super().__init__()
        self.W1, self.W2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.deviations = across, down

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.W1(torch.stack([self.by_position(one) for one in x]))
        return x + self.W2(torch.stack([self.by_channel(one) for one in x]))

    def by_position(self, x: Tensor) -> Tensor:
        channels, height, width = x.shape
        across, down = self.deviations
        made = torch.zeros_like(x)
        places = [(i, j) for i in range(height) for j in range(width)]
        for i, j in places:
            near = [
                -((b - j) ** 2) / (2 * across**2) - (a - i) ** 2 / (2 * down**2)
                for a, b in places
            ]
            alike = [x[:, i, j] @ x[:, a, b] / math.sqrt(channels) for a, b in places]
            near = torch.tensor(near, dtype=x.dtype).softmax(0)
            weights = (near * torch.stack(alike).softmax(0)).softmax(0)
            made[:, i, j] = sum(
                w * x[:, a, b] for w, (a, b) in zip(weights, places, strict=True)
            )
        return made

    def by_channel(self, x: Tensor) -> Tensor:
        flat = x.flatten(1)
        rows = [(flat @ row).softmax(0) @ flat for row in flat]
        return torch.stack(rows).view_as(x)


class IANet(nn.Module):
    """The stages' own elements with an interaction behind layer2.3 and layer3.5."""

    def __init__(self, last_stride: int = 1) -> None:
        super().__init__()
        net = trunk(last_stride)
        net.layer2.append(Interaction(BASE * 8, 10, 20))
        net.layer3.append(Interaction(BASE * 16, 5, 10))
        for name, module in net.named_children():
            self.add_module(name, module)
        self.bn = nn.BatchNorm1d(CHANNELS)
        self.classifier = nn.Linear(CHANNELS, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = stem(self, x)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        return self.bn(x.mean((2, 3)))
