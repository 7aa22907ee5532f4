"""GlobalPool, StripePool and PartLinear against loops."""

import pytest
import torch
import torch.nn.functional as F

from mmreid.registry import MODELS


@pytest.fixture
def maps():
    return torch.randn(3, 5, 12, 4, dtype=torch.float64)


def cells(maps, n, c, rows):
    return [maps[n, c, i, j].item() for i in rows for j in range(maps.shape[3])]


def mean(values):
    return sum(values) / len(values)


REDUCE = {
    'avg': mean,
    'max': max,
    'avg+max': lambda values: mean(values) + max(values),
    'gem': lambda values: mean([max(v, 1e-6) ** 3 for v in values]) ** (1 / 3),
}


@pytest.mark.parametrize('mode', REDUCE)
def test_global_pool(maps, mode):
    pooled = MODELS.build(dict(type='GlobalPool', mode=mode))(maps)
    expected = [
        [[REDUCE[mode](cells(maps, n, c, range(12))) for c in range(5)]]
        for n in range(3)
    ]
    assert torch.allclose(pooled, torch.tensor(expected, dtype=torch.float64))


def test_a_generalized_mean_is_that_of_mmpretrain_to_the_last_digit(maps):
    pool = MODELS.build(dict(type='GlobalPool', mode='gem'))
    pool.gem.p.data.fill_(2.6)
    for x in (maps.float(), maps, maps[:1, :, :5]):
        assert torch.equal(pool(x), pool.gem(x)[:, None])


@pytest.mark.parametrize('mode', REDUCE)
@pytest.mark.parametrize('num_parts', [1, 2, 3, 6])
def test_stripe_pool(maps, mode, num_parts):
    pool = MODELS.build(dict(type='StripePool', num_parts=num_parts, mode=mode))
    step = 12 // num_parts
    expected = [
        [
            [
                REDUCE[mode](cells(maps, n, c, range(p * step, (p + 1) * step)))
                for c in range(5)
            ]
            for p in range(num_parts)
        ]
        for n in range(3)
    ]
    assert torch.allclose(pool(maps), torch.tensor(expected, dtype=torch.float64))
    assert pool.out_parts == num_parts


def test_each_stripe_has_its_exponent(maps):
    pool = MODELS.build(dict(type='StripePool', num_parts=2, mode='gem')).double()
    exponents = (2.5, 4.0)
    pool.p.data = torch.tensor(exponents, dtype=torch.float64)
    for part, p in enumerate(exponents):
        rows = range(part * 6, part * 6 + 6)
        value = mean([max(v, 1e-6) ** p for v in cells(maps, 1, 2, rows)]) ** (1 / p)
        assert pool(maps)[1, part, 2].item() == pytest.approx(value, rel=1e-12)
    assert torch.autograd.gradcheck(pool, maps.abs().requires_grad_())


@pytest.mark.parametrize('mode', ['avg', 'max'])
@pytest.mark.parametrize('num_parts', [1, 4, 5, 7, 12, 13])
def test_uneven_stripes_are_those_of_adaptive_pooling(maps, mode, num_parts):
    cfg = dict(type='StripePool', num_parts=num_parts, mode=mode, uneven=True)
    adaptive = {'avg': F.adaptive_avg_pool2d, 'max': F.adaptive_max_pool2d}[mode]
    wanted = adaptive(maps, (num_parts, 1)).squeeze(3).transpose(1, 2)
    assert torch.allclose(MODELS.build(cfg)(maps), wanted)


def test_stripe_pool_refuses_what_does_not_divide(maps):
    with pytest.raises(ValueError, match=r'5 parts of 12 rows.*uneven=True'):
        MODELS.build(dict(type='StripePool', num_parts=5))(maps)


@pytest.mark.parametrize(
    'wrong',
    [
        dict(type='GlobalPool', mode='min'),
        dict(type='StripePool', num_parts=0),
        dict(type='StripePool', num_parts=2, mode='min'),
    ],
)
def test_wrong_option(wrong):
    with pytest.raises(ValueError, match='must be'):
        MODELS.build(wrong)


@pytest.mark.parametrize('bias', [True, False])
def test_part_linear(bias):
    layer = MODELS.build(
        dict(type='PartLinear', num_parts=3, in_channels=4, out_channels=6, bias=bias)
    ).double()
    parts = torch.randn(5, 3, 4, dtype=torch.float64)
    if bias:
        torch.nn.init.normal_(layer.bias)
    for p in range(3):
        expected = parts[:, p] @ layer.weight[p].T
        if bias:
            expected = expected + layer.bias[p]
        assert torch.allclose(layer(parts)[:, p], expected)
        assert torch.allclose(layer(parts[:, : p + 1])[:, p], expected)


def test_part_linear_initialisation():
    layer = MODELS.build(
        dict(type='PartLinear', num_parts=2, in_channels=99, out_channels=99, std=0.001)
    )
    assert layer.weight.std().item() == pytest.approx(0.001, rel=0.05)
    assert layer.bias.abs().max() == 0
