"""The pools of LightMBN against loops, and its dropping of rows."""

import pytest
import torch
from torch import nn

from mmreid.models.heads import ChannelPool, ParallelPool
from mmreid.models.necks import TopDrop
from mmreid.registry import MODELS


@pytest.fixture
def maps():
    return torch.randn(3, 8, 6, 4, dtype=torch.float64)


def by_hand(picture, count):
    """Zero a picture's rows as LightMBN's BatchDropTop ranks them, one at a time."""
    energy = [
        [sum(float(picture[c, i, j]) ** 2 for c in range(8)) for j in range(4)]
        for i in range(6)
    ]
    norm = sum(e * e for row in energy for e in row) ** 0.5
    ranked = sorted(range(6), key=lambda i: max(energy[i]) / norm)
    left = picture.clone()
    for row in ranked[len(ranked) - count :]:
        left[:, row] = 0
    return left


@pytest.mark.parametrize(('ratio', 'count'), [(0.33, 2), (0.5, 3), (0.0, 0)])
def test_top_drop(maps, ratio, count):
    drop = MODELS.build(dict(type='TopDrop', drop_ratio=ratio))
    for ours, picture in zip(drop(maps), maps, strict=True):
        assert torch.equal(ours, by_hand(picture, count))
    assert drop.eval()(maps) is maps


def test_gradients_pass_by_what_is_left(maps):
    x = maps.requires_grad_()
    left = TopDrop()(x)
    left.sum().backward()
    assert torch.equal(x.grad, (left != 0).to(x.dtype))


def test_half_precision_does_not_overflow():
    x = torch.full((1, 4, 6, 2), 200.0, dtype=torch.float16)
    x[:, :, 4:] = 300
    left = TopDrop()(x)
    assert left.dtype == torch.float16
    assert torch.equal(left[0, 0, :, 0] == 0, torch.arange(6) >= 4)


@pytest.mark.parametrize('ratio', [1, -0.1])
def test_top_drop_refuses(ratio):
    with pytest.raises(ValueError, match=r'in \[0, 1\), got'):
        TopDrop(ratio)


def test_channel_pool(maps):
    pool = ChannelPool(8, 5, num_parts=2).double()
    linear, norm, _ = pool.shared
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.normal_(norm.bias)
    parts = pool(maps)
    assert parts.shape == (3, 2, 5)
    assert (pool.out_channels, pool.out_parts) == (5, 2)
    for part in range(2):
        rows = []
        for n in range(3):
            mean = [float(maps[n, 4 * part + c].mean()) for c in range(4)]
            rows.append(torch.tensor(mean, dtype=torch.float64) @ linear.weight.T)
        rows = torch.stack(rows)
        centred = rows - rows.mean(0)
        scaled = centred / (centred.square().mean(0) + 1e-5).sqrt()
        wanted = (scaled * norm.weight + norm.bias).relu()
        assert (parts[:, part] - wanted).abs().max() < 1e-12
    # Each group in turn, as the shared layers of the source.
    assert norm.num_batches_tracked == 2
    assert torch.autograd.gradcheck(pool.eval(), maps.requires_grad_())


@pytest.mark.parametrize('num_parts', [0, 3])
def test_channel_pool_refuses(num_parts):
    with pytest.raises(ValueError, match='must divide the 8 channels'):
        ChannelPool(8, 5, num_parts)


def test_parallel_pool(maps):
    drop = dict(type='TopDrop', drop_ratio=0.5)
    pool = ParallelPool(
        8,
        [
            dict(type='GlobalPool', mode='avg'),
            [drop, dict(type='GlobalPool', mode='max')],
            dict(type='StripePool', num_parts=3),
        ],
    )
    assert (pool.out_channels, pool.out_parts) == (8, 5)
    parts = pool(maps)
    assert torch.equal(parts[:, 0], maps.mean((2, 3)))
    left = torch.stack([by_hand(picture, 3) for picture in maps])
    assert torch.equal(parts[:, 1], left.amax((2, 3)))
    assert torch.allclose(parts[:, 3], maps[:, :, 2:4].mean((2, 3)))
    assert torch.equal(pool.eval()(maps)[:, 1], maps.amax((2, 3)))


def test_parallel_pools_are_told_their_channels():
    attention = dict(type='AttentionPool')
    assert ParallelPool(8, [attention]).pools[0][0].weight_v.shape == (8, 8)


@pytest.mark.parametrize(
    'pools',
    [[], [[]], [dict(type='GlobalPool'), dict(type='ChannelPool', out_channels=5)]],
)
def test_parallel_pool_refuses(pools):
    with pytest.raises(ValueError, match=r'pools must be .* with the widths'):
        ParallelPool(8, pools)
