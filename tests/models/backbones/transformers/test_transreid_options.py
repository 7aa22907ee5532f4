"""Side information, jigsaw, convolutional stem and part tokens, as their papers do.

What is expected here is written from the released sources:
damo-cv/TransReID@1075dd5 (model/backbones/vit_pytorch.py, model/make_model.py),
damo-cv/TransReID-SSL@fc39e88 and CASIA-IVA-Lab/PASS-reID@b868a69
(.../model/backbones/vit_pytorch.py).
"""

import copy

import pytest
import torch
from torch import nn

from mmreid.models.backbones import VisionTransformer
from mmreid.models.backbones.transformers.jigsaw import shuffle_patches
from mmreid.models.backbones.transformers.side_information import SideInformation

ARCH = dict(embed_dims=8, num_layers=3, num_heads=2, feedforward_channels=12)
SMALL = dict(arch=ARCH, img_size=(40, 24), patch_size=8)


def build(**options):
    """A network without a value that could be mistaken for none."""
    net = VisionTransformer(**{**SMALL, **options})
    for parameter in net.parameters():
        nn.init.normal_(parameter, std=0.3)
    return net.double().eval()


def pictures(num=3, size=(40, 24)):
    return torch.randn(num, 3, *size, dtype=torch.float64)


def plain(net, tokens, num_layers):
    for layer in net.layers[:num_layers]:
        tokens = layer(tokens)
    return tokens


# Side information


def test_side_information_is_added_to_all_tokens():
    net = build(side_information=dict(num_cameras=4, scale=3.0))
    x, rows = pictures(), torch.tensor([3, -1, 0])
    assert net.side_embed.shape == (4, 1, 8)
    told, untold = net.embed_patches(x, rows), net.embed_patches(x)
    assert torch.equal(told[1], untold[1])
    for index, row in ((0, 3), (2, 0)):
        expected = untold[index] + 3.0 * net.side_embed[row, 0]
        torch.testing.assert_close(told[index], expected)
    maps = net(x, rows)
    assert torch.equal(maps[1][1], net(x)[1][1])
    assert not torch.allclose(maps[1][0], net(x)[1][0])
    maps[1].sum().backward()
    assert net.side_embed.grad[[0, 3]].abs().sum(2).min() > 0
    assert not net.side_embed.grad[1:3].any()


@pytest.mark.parametrize(
    ('options', 'sample', 'row'),
    [
        (dict(num_cameras=6), dict(cam_id=1), 0),
        (dict(num_cameras=6), dict(cam_id=6, view_id=9), 5),
        (dict(num_cameras=6), dict(cam_id=7), -1),
        (dict(num_cameras=6), dict(cam_id=0), -1),
        (dict(num_cameras=6), dict(), -1),
        (dict(num_cameras=6, first_camera=0), dict(cam_id=0), 0),
        (dict(num_cameras=20, num_views=8), dict(cam_id=3, view_id=5), 2 * 8 + 5),
        (dict(num_cameras=20, num_views=8), dict(cam_id=3), -1),
        (dict(num_cameras=20, num_views=8), dict(cam_id=3, view_id=8), -1),
        (dict(num_views=8), dict(view_id=5), 5),
    ],
)
def test_rows_of_samples(options, sample, row):
    assert SideInformation(**options).rows([sample], training=True) == [row]
    assert SideInformation(**options).rows([sample]) == [row]
    silent = SideInformation(**options, at_test=False)
    assert silent.rows([sample]) == [-1]
    assert silent.rows([sample], training=True) == [row]


@pytest.mark.parametrize('options', [dict(), dict(num_cameras=0), dict(num_views=1)])
def test_side_information_that_tells_nothing(options):
    with pytest.raises(ValueError, match='several cameras or views'):
        SideInformation(**options)


# Jigsaw


@pytest.mark.parametrize(
    ('num', 'shift', 'num_rows', 'order'),
    [
        # rolled 4 5 0 1 2 3, halves side by side
        (6, 5, 2, [4, 1, 5, 2, 0, 3]),
        # rolled 2 3 4 0 1, the last but one (0) again
        (5, 3, 2, [2, 0, 3, 1, 4, 0]),
        (6, 1, 3, [0, 2, 4, 1, 3, 5]),
        (4, 1, 1, [0, 1, 2, 3]),
    ],
)
def test_order_of_shuffled_patches(num, shift, num_rows, order):
    patches = torch.arange(num)[None, :, None].expand(2, -1, 3)
    shuffled = shuffle_patches(patches, shift, num_rows)
    assert torch.equal(shuffled, torch.tensor(order)[None, :, None].expand(2, -1, 3))


def by_loops(net, x, shift, num_groups, num_rows=2, rearrange=True):
    """Local features, group by group and index by index."""
    tokens = plain(net, net.embed_patches(x), 2)
    order = list(range(tokens.shape[1] - 1))
    length = len(order) // num_groups
    if rearrange:
        # features[:, shift:] and features[:, 1:shift] there, the class token at 0
        order = order[shift - 1 :] + order[: shift - 1]
        if len(order) % num_rows:
            order.append(order[-2])
        half = len(order) // num_rows
        order = [order[row * half + i] for i in range(half) for row in range(num_rows)]
    local = []
    for group in range(num_groups):
        run = order[group * length : (group + 1) * length]
        seen = torch.cat([tokens[:, :1], tokens[:, 1:][:, run]], 1)
        local.append(net.jigsaw.norm(net.jigsaw.layer(seen))[:, 0])
    return torch.stack(local, 2)[..., None]


@pytest.mark.parametrize(
    ('size', 'options'),
    [
        ((40, 24), dict(num_groups=4, shift=5)),  # 15 patches: odd, three left over
        ((48, 24), dict(num_groups=4, shift=5)),  # 18 patches
        ((40, 24), dict(num_groups=3, shift=8, num_rows=5)),
        ((40, 24), dict(num_groups=2, rearrange=False)),
    ],
)
def test_jigsaw_against_loops(size, options):
    net = build(img_size=size, jigsaw=options)
    x = pictures(size=size)
    tokens, class_token, local = net(x)
    expected = by_loops(net, x, **{'shift': 5, **options})
    assert local.shape == (3, 8, options['num_groups'], 1)
    assert net.out_channels == (8, 8, 8)
    torch.testing.assert_close(local, expected, rtol=0, atol=1e-12)
    # The other maps are those of a network without it.
    whole = net.ln1(plain(net, net.embed_patches(x), 3))
    torch.testing.assert_close(class_token.flatten(1), whole[:, 0])
    torch.testing.assert_close(tokens.flatten(2).mT, whole[:, 1:])
    local.square().sum().backward()
    grads = [p.grad for p in net.jigsaw.parameters()]
    assert all(grad.abs().sum() > 0 for grad in grads)


def same(jigsaw, net):
    pairs = [(jigsaw.layer, net.layers[-1]), (jigsaw.norm, net.ln1)]
    return all(
        torch.equal(value, other.state_dict()[key])
        for copied, other in pairs
        for key, value in copied.state_dict().items()
    )


def test_the_jigsaw_starts_as_the_last_layer(tmp_path):
    net = VisionTransformer(**SMALL, jigsaw=dict())
    net.init_weights()
    assert same(net.jigsaw, net)
    assert net.jigsaw.layer is not net.layers[-1]

    source = build()
    torch.save(source.state_dict(), tmp_path / 'vit.pth')
    init_cfg = dict(type='Pretrained', checkpoint=str(tmp_path / 'vit.pth'))
    net = VisionTransformer(**SMALL, jigsaw=dict(), init_cfg=init_cfg).double()
    net.init_weights()
    assert same(net.jigsaw, net)
    assert same(net.jigsaw, source)

    # Its own weights are kept where the checkpoint has them.
    trained, other = build(jigsaw=dict()), build(jigsaw=dict())
    other.load_state_dict(trained.state_dict())
    assert not same(other.jigsaw, other)
    assert same(copy.deepcopy(trained).jigsaw, trained) is False
    loaded = other.load_state_dict(source.state_dict(), strict=False)
    assert not any(loaded)
    assert same(other.jigsaw, source)


def test_frozen_with_the_last_layer():
    net = build(jigsaw=dict(), frozen_stages=3).train()
    assert not net.jigsaw.layer.training
    assert not any(p.requires_grad for p in net.jigsaw.parameters())
    assert all(p.requires_grad for p in build(jigsaw=dict()).jigsaw.parameters())


# Stem


class SourceStem(nn.Module):
    """The stem of TransReID-SSL with its names and, at 16 pixels, its patches."""

    class IBN(nn.Module):
        def __init__(self, planes):
            super().__init__()
            self.IN = nn.InstanceNorm2d(planes // 2, affine=True)
            self.BN = nn.BatchNorm2d(planes - planes // 2)

        def forward(self, x):
            first, rest = x.chunk(2, 1)
            return torch.cat([self.IN(first), self.BN(rest)], 1)

    def __init__(self, patch_size, embed_dim):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False),
            self.IBN(64),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, 1, 1, bias=False),
            self.IBN(64),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, 1, 1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(),
        )
        self.proj = nn.Conv2d(64, embed_dim, patch_size // 2, patch_size // 2)

    def forward(self, x):
        return self.proj(self.conv(x)).flatten(2).transpose(1, 2)


def test_the_stem_of_transreid_ssl():
    net, source = build(stem='ics'), SourceStem(8, 8).double().eval()
    for tensor in source.state_dict().values():
        if tensor.is_floating_point():
            nn.init.uniform_(tensor, 0.2, 1.0)
    state = {f'patch_embed.{k}': v for k, v in source.state_dict().items()}
    loaded = net.load_state_dict(state, strict=False)
    assert not loaded.unexpected_keys
    assert not any(key.startswith('patch_embed') for key in loaded.missing_keys)
    x = pictures()
    patches, grid = net.patch_embed(x)
    assert tuple(grid) == net.grid == (5, 3)
    torch.testing.assert_close(patches, source(x))
    frozen = build(stem='ics', frozen_stages=1)
    assert not any(p.requires_grad for p in frozen.patch_embed.parameters())


# Part tokens


def test_part_tokens_of_pass():
    net = build(num_part_tokens=3)
    x = pictures()
    patches, _ = net.patch_embed(x)
    extra = [net.cls_token[0, 0], *net.part_tokens[0]]
    rows = [row.expand(3, 1, -1) for row in extra]
    tokens = torch.cat([*rows, patches], 1)
    tokens = net.ln1(plain(net, tokens + net.pos_embed, 3))
    maps = net(x)
    assert net.out_channels == (8, 8, 8, 16)
    assert [tuple(m.shape[1:]) for m in maps] == [
        *((8, 5, 3), (8, 1, 1), (8, 3, 1), (16, 1, 1))
    ]
    torch.testing.assert_close(maps[0].flatten(2).mT, tokens[:, 4:])
    torch.testing.assert_close(maps[1].flatten(1), tokens[:, 0])
    for part in range(3):
        torch.testing.assert_close(maps[2][:, :, part, 0], tokens[:, 1 + part])
    mean = tokens[:, 1] / 3 + tokens[:, 2] / 3 + tokens[:, 3] / 3
    expected = torch.cat([tokens[:, 0], mean], 1)
    torch.testing.assert_close(maps[3].flatten(1), expected)


def test_positions_of_part_tokens_stay_when_the_grid_changes():
    net, other = build(num_part_tokens=3), build(num_part_tokens=3, stride=4)
    other.load_state_dict(net.state_dict())
    assert torch.equal(other.pos_embed[:, :4], net.pos_embed[:, :4])
    assert other.pos_embed.shape[1] == 4 + 9 * 5


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(jigsaw=dict(num_groups=16)), r'num_groups .* \[1, 15\].* got 16'),
        (dict(jigsaw=dict(shift=0)), r'shift .* \[1, 15\].* got 0'),
        (dict(jigsaw=dict(num_rows=7)), r'num_rows of the jigsaw .* got 7'),
        (dict(jigsaw=dict(), num_part_tokens=3), 'jigsaw .* num_part_tokens, got 3'),
        (dict(num_part_tokens=-1), 'num_part_tokens must be at least 0, got -1'),
        (dict(stem='ibn'), "stem must be one of .* got 'ibn'"),
        (dict(stem='ics', stride=6), "stem='ics' has patches that do not overlap"),
        (
            dict(stem='ics', img_size=(44, 24)),
            r'got 8 and \(44, 24\)',
        ),
        (dict(stem='ics', patch_size=5, img_size=(40, 25)), 'even patch_size'),
    ],
)
def test_wrong_options_are_explained(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)
