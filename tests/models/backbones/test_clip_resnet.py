"""CLIP's ResNet against a stand-in with OpenAI's names."""

import pytest
import torch
from clip_resnet_tower import ResNetTower

from mmreid.models.backbones import CLIPResNet

SMALL = dict(base_channels=4, projection=6)


@pytest.mark.parametrize('prefix', ['', 'visual.'])
def test_is_the_stand_in(prefix):
    tower = ResNetTower(grid=(4, 2))
    network = CLIPResNet(img_size=(64, 32), **SMALL).double().eval()
    weights = {f'{prefix}{k}': v for k, v in tower.state_dict().items()}
    network.load_state_dict(weights)
    pictures = torch.randn(2, 3, 64, 32, dtype=torch.float64)
    found, expected = network(pictures), tower(pictures)
    assert tuple(map_.shape[1] for map_ in found) == network.out_channels
    assert expected[2].abs().max() > 0.1
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one.view_as(other), other, rtol=0, atol=1e-11)


def test_positions_of_another_grid_are_resized():
    tower = ResNetTower(grid=(7, 7)).half()
    network = CLIPResNet(img_size=(64, 32), **SMALL)
    network.load_state_dict(tower.state_dict())
    table = tower.attnpool.positional_embedding.float()
    grid = table[1:].reshape(1, 7, 7, -1).permute(0, 3, 1, 2)
    grid = torch.nn.functional.interpolate(grid, size=(4, 2), mode='bilinear')
    expected = torch.cat([table[:1], grid.flatten(2)[0].T])
    torch.testing.assert_close(network.attnpool.positional_embedding, expected)


def test_the_last_stage_may_have_a_stride():
    network = CLIPResNet(img_size=(64, 32), last_stride=2, **SMALL)
    maps = network(torch.randn(2, 3, 64, 32))
    assert [tuple(map_.shape[2:]) for map_ in maps] == [(2, 1), (4, 2), (1, 1)]
    sum(map_.square().sum() for map_ in maps).backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(depth=34), 'depth must be one of'),
        (dict(last_stride=4), r'last_stride must be one of \[1, 2\], got 4'),
        (dict(img_size=(250, 128)), 'img_size must be divisible by 16'),
        (dict(img_size=(256,)), 'img_size must be divisible by 16 in height and'),
        (dict(base_channels=0), 'base_channels must be an even number .* got 0'),
        (dict(base_channels=7), 'base_channels must be an even number .* got 7'),
        (dict(projection=0), 'projection must be a number above 0, got 0'),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        CLIPResNet(**options)


def test_pictures_of_another_size():
    with pytest.raises(ValueError, match='Pictures must have the size'):
        CLIPResNet(img_size=(64, 32), **SMALL)(torch.randn(1, 3, 32, 32))
