"""Attention-based pooling against its equation, position by position."""

import math

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from mmreid.registry import MODELS


def build(channels=6, random=True, **kwargs):
    cfg = dict(type='AttentionPool', in_channels=channels, **kwargs)
    pool = MODELS.build(cfg).double()
    if random:
        for parameter in pool.parameters():
            nn.init.normal_(parameter)
    return pool


def naive(pool, x):
    """(X W_v)^T (X W_u), entry by entry, X W_v formed."""
    w_v, w_u = pool.weight_v.tolist(), pool.weight_u.tolist()
    channels = range(len(w_v))
    vectors = []
    for picture in x:
        rows = picture.flatten(1).T.tolist()  # X, HW x C
        scores = [sum(row[c] * w_u[c][0] for c in channels) for row in rows]
        if pool.attn == 'softmax':
            total = sum(math.exp(s) for s in scores)
            scores = [math.exp(s) / total for s in scores]
        values = [
            [sum(row[k] * w_v[k][c] for k in channels) for c in channels]
            for row in rows
        ]
        vectors.append(
            [
                [
                    sum(v[c] * s for v, s in zip(values, scores, strict=True))
                    for c in channels
                ]
            ]
        )
    return torch.tensor(vectors, dtype=torch.float64)


@pytest.fixture
def maps():
    return torch.randn(3, 6, 5, 4, dtype=torch.float64)


@pytest.mark.parametrize('attn', ['none', 'softmax'])
def test_equals_the_equation(maps, attn):
    pool = build(attn=attn)
    expected = naive(pool, maps)
    torch.testing.assert_close(pool(maps), expected)
    channels_last = maps.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(pool(channels_last), expected)


@pytest.mark.parametrize('attn', ['none', 'softmax'])
def test_gradient(attn):
    pool = build(channels=4, attn=attn)
    x = torch.randn(2, 4, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(pool, (x,))

    def by_weights(weight_v, weight_u):
        weights = dict(weight_v=weight_v, weight_u=weight_u)
        return torch.func.functional_call(pool, weights, (x.detach(),))

    assert torch.autograd.gradcheck(by_weights, tuple(pool.parameters()))


def test_is_quadratic_in_the_map(maps):
    """No linear combination, in spite of the paper's sentence."""
    pool = build()
    torch.testing.assert_close(pool(3 * maps), 9 * pool(maps))


def test_weights_have_no_bias_and_the_printed_size():
    pool = MODELS.build(dict(type='AttentionPool', in_channels=2048))
    shapes = {name: tuple(p.shape) for name, p in pool.named_parameters()}
    assert shapes == dict(weight_v=(2048, 2048), weight_u=(2048, 1))


@pytest.mark.parametrize('attn', ['none', 'softmax'])
def test_never_forms_the_product_with_all_positions(attn):
    channels, height, width = 48, 24, 12
    pool = MODELS.build(dict(type='AttentionPool', in_channels=channels, attn=attn))
    with FlopCounterMode(display=False) as counter:
        pool(torch.randn(2, channels, height, width))
    positions = height * width
    macs = counter.get_total_flops() // 2
    assert macs == 2 * (2 * channels * positions + channels**2)
    assert macs < 2 * positions * channels**2 / 10


def test_starts_as_the_map_weighted_by_what_it_answers(maps):
    pool = build(random=False)
    x = maps.relu()
    energy = x.sum(1, keepdim=True) / math.sqrt(6)
    torch.testing.assert_close(pool(x)[:, 0], (energy * x).sum((2, 3)))


def test_starts_as_average_pooling_under_a_softmax(maps):
    pool = build(random=False, attn='softmax')
    torch.testing.assert_close(pool(maps)[:, 0], maps.mean((2, 3)))


@pytest.mark.parametrize('attn', ['none', 'softmax'])
def test_every_weight_learns_from_the_start(maps, attn):
    pool = build(random=False, attn=attn)
    norm = nn.BatchNorm1d(6).double()
    target = torch.randn(3, 6, dtype=torch.float64)
    (norm(pool(maps)[:, 0]) * target).sum().backward()
    assert pool.weight_u.grad.ne(0).all()
    assert pool.weight_v.grad.ne(0).all()


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_stays_in_range(dtype):
    pool = MODELS.build(dict(type='AttentionPool', in_channels=64))
    x = (20 + torch.rand(2, 64, 24, 12)).to(dtype)
    expected = pool.double()(x.double())
    assert expected.max() > torch.finfo(torch.float16).max
    with torch.autocast('cpu', dtype=torch.bfloat16):
        pooled = pool.float()(x)
    assert pooled.dtype == torch.float32
    torch.testing.assert_close(pooled.double(), expected, rtol=1e-5, atol=0)


@pytest.mark.parametrize('attn', ['none', 'softmax'])
def test_a_network_in_half_precision(maps, attn):
    pool = build(attn=attn).bfloat16()
    found = pool(maps.bfloat16())
    assert found.dtype == torch.bfloat16
    expected = naive(pool.double(), maps.bfloat16().double())
    torch.testing.assert_close(found.double(), expected, rtol=1e-2, atol=1e-2)


def test_wrong_option():
    with pytest.raises(ValueError, match=r"\['none', 'softmax'\], got 'sigmoid'"):
        build(attn='sigmoid')
