"""CIA against loops over channels, and what it implies."""

import pytest
import torch
from naive_ia import channel, softmax

from mmreid.registry import MODELS


def build(in_channels=5):
    return MODELS.build(dict(type='CIA', in_channels=in_channels))


def double(rows):
    """A tensor of rows of numbers, not rounded."""
    return torch.tensor(rows, dtype=torch.float64)


def maps(*shape):
    """Features as after a ReLU, so small that no softmax is one-hot."""
    return 0.5 * torch.rand(*(shape or (2, 5, 4, 3)), dtype=torch.float64)


def test_equals_the_loops():
    x = maps()
    assert (build()(x) - channel(x)).abs().max() <= 1e-12


def test_relation_map():
    x = maps()
    rows = [
        [softmax([float((m * n).sum()) for n in single]) for m in single]
        for single in x
    ]
    expected = double(rows)
    assert (build().relation_map(x) - expected).abs().max() <= 1e-14


def test_gradient():
    x = maps(1, 3, 3, 2).requires_grad_()
    assert torch.autograd.gradcheck(build(3), x)
    assert torch.autograd.gradgradcheck(build(3), x)


def test_places_may_change():
    """Positions do not count, and channels keep their results."""
    x, cia = maps(), build()
    positions, channels = torch.randperm(12), torch.randperm(5)
    shuffled = x.flatten(2)[:, channels][..., positions].view_as(x)
    expected = cia(x).flatten(2)[:, channels][..., positions].view_as(x)
    assert torch.allclose(cia(shuffled), expected, atol=1e-14)


def test_large_features_stay():
    x = 3 * torch.randn(2, 64, 16, 8).relu()
    assert torch.allclose(build(64)(x), x, atol=1e-4)


def test_relations_are_normal_numbers_or_zero():
    x = 2.4 * torch.randn(2, 64, 4, 4)
    plain = (x.flatten(2) @ x.flatten(2).transpose(1, 2)).softmax(2)
    tiny = torch.finfo(x.dtype).tiny
    assert ((plain > 0) & (plain < tiny)).any()
    found = build(64).relation_map(x)
    assert not ((found > 0) & (found < tiny)).any()
    assert (found - plain).abs().max() < 2 * tiny


@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
def test_other_relations_keep_every_digit(dtype):
    x = 2.4 * torch.randn(2, 64, 4, 4, dtype=dtype)
    plain = (x.flatten(2) @ x.flatten(2).transpose(1, 2)).softmax(2)
    smallest = torch.finfo(dtype).tiny
    for value, found in zip(
        plain.flatten().tolist(), build(64).relation_map(x).flatten(), strict=True
    ):
        assert found.item() == (value if value > smallest else 0)


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16, torch.float32])
def test_keeps_the_dtype(dtype):
    x = maps().to(dtype)
    found = build()(x)
    assert found.dtype == dtype
    eps = max(torch.finfo(dtype).eps, 1e-6)
    assert torch.allclose(found.double(), channel(x.double()), rtol=eps)
