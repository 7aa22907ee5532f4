"""The public IBN-a files, through ``init_cfg``: names, wrappers and values."""

import pytest
import torch
import torchvision
from torch import nn

from mmreid.models.backbones import PluginResNet


class Halves(nn.Module):
    """The published layout, written by itself: ``IN`` first, then ``BN``."""

    def __init__(self, channels):
        super().__init__()
        self.half = channels // 2
        self.IN = nn.InstanceNorm2d(self.half, affine=True)
        self.BN = nn.BatchNorm2d(channels - self.half)

    def forward(self, x):
        return torch.cat(
            [self.IN(x[:, : self.half]), self.BN(x[:, self.half :])], dim=1
        )


def public_network(depth):
    """torchvision's network with IBN-a, as its authors name it, trained a little."""
    network = getattr(torchvision.models, f'resnet{depth}')()
    for layer in (network.layer1, network.layer2, network.layer3):
        for block in layer:
            block.bn1 = Halves(block.bn1.num_features)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 1.5)
        if isinstance(module, nn.BatchNorm2d | nn.InstanceNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
    return network.eval()


def map_of(network, x):
    """What torchvision's network computes in front of its pooling."""
    for name, module in network.named_children():
        if name == 'avgpool':
            return x
        x = module(x)
    raise AssertionError


WRAPPINGS = {
    'bare': lambda state: state,
    'state_dict': lambda state: dict(state_dict=state, epoch=100),
    'parallel': lambda state: dict(
        state_dict={f'module.{key}': value for key, value in state.items()}
    ),
}


@pytest.mark.parametrize(
    ('depth', 'wrapping'), [*((18, wrapping) for wrapping in WRAPPINGS), (50, 'bare')]
)
def test_loads_all_and_computes_the_same(tmp_path, depth, wrapping):
    public = public_network(depth)
    file = tmp_path / 'ibn_a.pth'
    torch.save(WRAPPINGS[wrapping](public.state_dict()), file)
    net = PluginResNet(
        depth,
        ibn='a',
        last_stage_copies=2,
        init_cfg=dict(type='Pretrained', checkpoint=str(file)),
    )
    net.init_weights()
    for name, value in public.state_dict().items():
        if not name.startswith('fc.'):
            assert torch.equal(net.state_dict()[name], value), name
    x = torch.randn(2, 3, 64, 32, dtype=torch.float64)
    net.double().eval()
    expected = map_of(public.double(), x)
    for copy in net(x):
        torch.testing.assert_close(copy, expected)


def test_a_file_without_ibn_is_refused(tmp_path):
    """mmengine's lenient load would go on with half of the norms untrained."""
    file = tmp_path / 'plain.pth'
    torch.save(torchvision.models.resnet18().state_dict(), file)
    init_cfg = dict(type='Pretrained', checkpoint=str(file))
    with pytest.raises(ValueError, match=r'layer1\.0\.bn1\.IN .*load one of IBN-a'):
        PluginResNet(18, ibn='a', init_cfg=init_cfg).init_weights()
    PluginResNet(18, init_cfg=init_cfg).init_weights()
