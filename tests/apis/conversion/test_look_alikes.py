"""Networks that look like a ResNet are refused with what they have and it has not."""

import pytest
import torch
from converting import convert
from foreign_models import COUNTS, draw_pictures, shake, trunk
from torchvision.models import resnet50, resnext50_32x4d, wide_resnet50_2

from mmreid.apis.conversion import UnknownLayoutError
from mmreid.apis.conversion.architecture import depth_of


def plain():
    return dict(trunk().state_dict())


def with_entries(**entries):
    return {**plain(), **{k.replace('__', '.'): v for k, v in entries.items()}}


def deep_stem():
    weights = plain()
    for index in (0, 3, 6):
        weights[f'conv1.{index}.weight'] = torch.ones(8, 3, 3, 3)
    del weights['conv1.weight']
    return weights


def without_statistics():
    return {k: v for k, v in plain().items() if 'running' not in k}


def selective():
    return {k.replace('conv2.', 'conv2.conv.'): v for k, v in plain().items()}


def of_torchvision(make):
    with torch.device('meta'):
        return make(weights=None).state_dict()


def renumbered():
    """ResNet-26's: two bottleneck blocks in each stage."""
    return {k: v for k, v in plain().items() if k.split('.')[1] not in '2345'}


ones = torch.ones
LOOK_ALIKES = {
    'resnet50d': (deep_stem, 'several convolutions'),
    'se_resnet50': (
        lambda: with_entries(layer1__0__se__fc1__weight=ones(2, 8, 1, 1)),
        r'squeeze-and-excitation.*layer1\.0\.se\.fc1\.weight',
    ),
    'ecaresnet': (
        lambda: with_entries(layer1__0__se__conv__weight=ones(1, 1, 3)),
        r'another channel attention: layer1\.0\.se\.conv\.weight',
    ),
    'resnet50_ibn_b': (
        lambda: with_entries(layer1__2__IN__weight=ones(4)),
        'IBN-b',
    ),
    'res2net50': (lambda: with_entries(layer1__0__convs__0__weight=ones(4)), 'Res2Net'),
    'shortcuts of D': (
        lambda: with_entries(layer2__0__downsample__1__weight=ones(4, 4, 1, 1)),
        'pool before',
    ),
    'resnet50_gn': (without_statistics, 'no batch norm'),
    'skresnet50': (selective, r'conv2 is no single.*layer1\.0\.conv2\.conv'),
    'resnext50': (lambda: of_torchvision(resnext50_32x4d), 'grouped'),
    'wide_resnet50': (lambda: of_torchvision(wide_resnet50_2), 'wider inside'),
    'of CIFAR': (lambda: with_entries(conv1__weight=ones(8, 3, 3, 3)), '3 x 3 x 3'),
    'of grey': (lambda: with_entries(conv1__weight=ones(8, 1, 7, 7)), '1 x 7 x 7'),
    'with biases': (lambda: with_entries(conv1__bias=ones(8)), 'have biases'),
    'resnet26': (renumbered, '2, 2, 2, 2 bottleneck'),
    'with more': (
        lambda: with_entries(layer1__0__gate__weight=ones(1)),
        r'does not have: layer1\.0\.gate\.weight',
    ),
    'vit': (lambda: {'blocks.0.norm1.weight': ones(3)}, r'no layer1\.0\.conv1'),
}


@pytest.mark.parametrize('name', LOOK_ALIKES)
def test_look_alikes(name):
    make, message = LOOK_ALIKES[name]
    with pytest.raises(UnknownLayoutError, match=message) as caught:
        depth_of(make(), 'timm')
    assert str(caught.value).startswith('This is no ResNet-18, 34, 50')


@pytest.mark.parametrize('layout', ['torchvision', 'timm', 'torchreid'])
def test_they_are_not_converted(tmp_path, layout):
    weights = LOOK_ALIKES['se_resnet50'][0]()
    with pytest.raises(UnknownLayoutError, match='squeeze-and-excitation'):
        convert(layout, weights, tmp_path)


def test_depths():
    for depth in COUNTS:
        assert depth_of(trunk(depth=depth).state_dict(), 'timm') == depth
    assert depth_of(of_torchvision(resnet50), 'torchvision') == 50


@pytest.mark.parametrize('depth', [18, 101])
def test_trunks_of_other_depths(tmp_path, depth):
    net = shake(trunk(depth=depth))
    ours, report = convert('timm', net.state_dict(), tmp_path)
    assert f'model.backbone.depth={depth}' in report
    net.load_state_dict({n: p.double() for n, p in ours.state_dict().items()})
    pictures = draw_pictures()
    with torch.no_grad():
        assert (ours(pictures)[0] - net(pictures)).abs().max() < 1e-10


@pytest.mark.parametrize(
    ('folder', 'file'),
    [
        ('.', 'resnetblur50-84f4748f.pth'),
        ('timm--resnetaa50.a1h_in1k', 'pytorch_model.bin'),
    ],
)
def test_names_of_networks_with_filters(tmp_path, folder, file):
    (tmp_path / folder).mkdir(exist_ok=True)
    with pytest.raises(UnknownLayoutError, match=r'name says resnet(blur|aa)'):
        convert('timm', plain(), tmp_path, source=f'{folder}/{file}')
    _, report = convert(
        'timm', plain(), tmp_path, source=f'{folder}/{file}', anti_aliasing='none'
    )
    assert '--anti-aliasing' not in report


def test_filters_that_no_name_tells(tmp_path):
    _, report = convert('timm', plain(), tmp_path)
    assert 'none (else --anti-aliasing blur or average)' in report
    with pytest.raises(UnknownLayoutError, match='filters its maps before strides'):
        convert('timm', plain(), tmp_path, anti_aliasing='blur')
