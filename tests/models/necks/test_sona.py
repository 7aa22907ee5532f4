"""SONA against loops over positions and channels, and what its formulas imply."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mmreid.models.backbones import PluginResNet
from mmreid.models.necks.sona import covariance
from mmreid.registry import MODELS


def build(in_channels=6, spread=1.0, **options):
    """SONA with weights that do something, the larger the sharper the attention."""
    sona = MODELS.build(dict(type='SONA', in_channels=in_channels, **options)).double()
    for module in sona.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            nn.init.normal_(module.weight, std=spread)
            nn.init.normal_(module.bias)
    nn.init.normal_(sona.p.weight)
    nn.init.normal_(sona.p.bias)
    return sona.eval()


def maps(*shape, dtype=torch.float64):
    return torch.randn(shape or (2, 6, 4, 3), dtype=dtype)


def linear(conv, vector):
    """A 1x1 convolution of one position, one sum after the other."""
    weight, bias = conv.weight[:, :, 0, 0].tolist(), conv.bias.tolist()
    return [
        sum(w * v for w, v in zip(row, vector, strict=True)) + b
        for row, b in zip(weight, bias, strict=True)
    ]


def naive_theta(sona, vector):
    """theta of a position: convolution, batch norm, LeakyReLU."""
    conv, norm, activation = sona.theta
    out = []
    for k, value in enumerate(linear(conv, vector)):
        deviation = math.sqrt(norm.running_var[k].item() + norm.eps)
        value = (value - norm.running_mean[k].item()) / deviation
        value = value * norm.weight[k].item() + norm.bias[k].item()
        out.append(value if value > 0 else activation.negative_slope * value)
    return out


def naive_map(sona, x):
    """softmax(Sigma / sqrt(d)) of a picture, with the centring matrix itself."""
    rows = [naive_theta(sona, vector) for vector in x.flatten(1).T.tolist()]
    d = len(rows[0])
    centring = [[((a == b) - 1 / d) / d for b in range(d)] for a in range(d)]

    def related(one, other):
        return sum(
            one[a] * centring[a][b] * other[b] for a in range(d) for b in range(d)
        )

    result = []
    for one in rows:
        powers = [math.exp(related(one, other) / math.sqrt(d)) for other in rows]
        result.append([power / sum(powers) for power in powers])
    return result


def naive(sona, x):
    """x + p(z) of a picture (Eq. 2, 3)."""
    vectors = x.flatten(1).T.tolist()
    g = [linear(sona.g, vector) for vector in vectors]
    out = []
    for vector, weights in zip(vectors, naive_map(sona, x), strict=True):
        z = [
            sum(w * row[k] for w, row in zip(weights, g, strict=True))
            for k in range(len(g[0]))
        ]
        added = linear(sona.p, z)
        out.append([a + b for a, b in zip(vector, added, strict=True)])
    return torch.tensor(out, dtype=torch.float64).T.view_as(x)


@pytest.mark.parametrize(
    'options',
    [
        {},
        dict(reduction=1),
        dict(reduction=4),
        dict(negative_slope=0.3),
        dict(spread=9),
    ],
)
def test_equals_the_loops(options):
    sona, x = build(**options), maps()
    expected = torch.stack([naive(sona, single) for single in x])
    assert (sona(x) - expected).abs().max() <= 1e-11
    relations = torch.tensor([naive_map(sona, one) for one in x], dtype=torch.float64)
    assert (sona.relation_map(x) - relations).abs().max() <= 1e-12


def test_aggregates_by_its_relation_map():
    sona, x = build(32, spread=30), maps(2, 32, 6, 5)
    relations = sona.relation_map(x)
    assert relations.max() > 0.5  # far from a mean over the map
    z = (sona.g(x).flatten(2) @ relations.transpose(1, 2)).unflatten(2, (6, 5))
    assert torch.allclose(sona(x), x + sona.p(z), atol=1e-12)


@pytest.mark.parametrize('training', [False, True])
def test_gradient(training):
    # No kink of the LeakyReLU within the steps of the differences.
    sona, x = build(4, negative_slope=1.0).train(training), maps(2, 4, 3, 2)
    parameters = dict(sona.named_parameters())

    def run(x, *values):
        named = dict(zip(parameters, values, strict=True))
        return torch.func.functional_call(sona, named, (x,))

    inputs = x.requires_grad_(), *parameters.values()
    assert torch.autograd.gradcheck(run, inputs)


class TestCovariance:
    def test_is_that_of_numpy(self):
        rows = torch.randn(3, 7, 5, dtype=torch.float64)
        for single, found in zip(rows, covariance(rows), strict=True):
            expected = torch.cov(single, correction=0)
            assert torch.allclose(found, expected, atol=1e-14)

    @pytest.mark.parametrize(('positions', 'channels'), [(5, 9), (9, 5), (1, 4)])
    def test_is_symmetric_and_positive_semidefinite(self, positions, channels):
        rows = 3 * torch.randn(4, positions, channels, dtype=torch.float64)
        sigma = covariance(rows)
        assert torch.allclose(sigma, sigma.transpose(1, 2), atol=1e-14)
        values = torch.linalg.eigvalsh(sigma)
        assert values.min() > -1e-12
        # Centring takes a dimension away.
        assert (values > 1e-12).sum(1).max() <= min(positions, channels - 1)

    def test_ignores_what_all_channels_of_a_position_share(self):
        rows = torch.randn(2, 6, 5, dtype=torch.float64)
        offset = 9 * torch.randn(2, 6, 1, dtype=torch.float64)
        assert torch.allclose(covariance(rows), covariance(rows + offset), atol=1e-12)


class TestStart:
    @pytest.mark.parametrize('training', [False, True])
    def test_is_the_identity(self, training):
        sona = MODELS.build(dict(type='SONA', in_channels=8)).train(training)
        x = torch.randn(2, 8, 5, 4)
        assert torch.equal(sona(x), x)

    def test_is_the_identity_in_a_backbone(self):
        plugins = [dict(cfg=dict(type='SONA'), stages=(1, 2))]
        torch.manual_seed(0)
        plain = PluginResNet(18, base_channels=8, stem_channels=8)
        plugged = PluginResNet(18, base_channels=8, stem_channels=8, plugins=plugins)
        plugged.init_weights()
        plain.load_state_dict(
            {k: v for k, v in plugged.state_dict().items() if '.after.' not in k}
        )
        names = [name for name, _ in plugged.named_plugins()]
        assert names == ['layer2.1.after', 'layer3.1.after']
        x = torch.randn(2, 3, 32, 32)
        assert torch.equal(plugged.eval()(x)[0], plain.eval()(x)[0])

    def test_attention_is_nearly_uniform(self):
        """SPEC 5.4: twice divided, entries times M lie within 0.99 and 1.06."""
        sona = MODELS.build(dict(type='SONA', in_channels=512)).train()
        entries = 768 * sona.relation_map(torch.randn(2, 512, 48, 16).relu())
        assert 0.98 < entries.min() < 1 < entries.max() < 1.1

    def test_p_learns_first(self):
        sona = MODELS.build(dict(type='SONA', in_channels=8)).double()
        x = maps(2, 8, 4, 3)
        sona(x).square().sum().backward()
        moved = {n for n, p in sona.named_parameters() if p.grad.any()}
        assert moved == {'p.weight', 'p.bias'}
        torch.optim.SGD(sona.parameters(), 0.1).step()
        sona(x).square().sum().backward()
        still = [n for n, p in sona.named_parameters() if not p.grad.any()]
        assert not still


class TestPermutations:
    def test_positions_may_change_places(self):
        sona, x, order = build(spread=9), maps(), torch.randperm(12)
        shuffled = x.flatten(2)[..., order].view_as(x)
        expected = sona(x).flatten(2)[..., order].view_as(x)
        assert torch.allclose(sona(shuffled), expected, atol=1e-12)

    def test_pictures_do_not_meet(self):
        sona, x = build(), maps(3, 6, 4, 3)
        alone = torch.cat([sona(single[None]) for single in x])
        assert torch.allclose(sona(x), alone, atol=1e-12)

    @pytest.mark.parametrize('size', [(1, 1), (1, 7), (9, 2)])
    def test_any_size(self, size):
        sona, x = build(), maps(1, 6, *size)
        assert torch.allclose(sona(x)[0], naive(sona, x[0]), atol=1e-11)


class TestPrecision:
    @pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
    def test_keeps_the_dtype(self, dtype):
        sona, x = build(32, spread=5), maps(2, 32, 6, 4)
        expected = sona(x)
        found = sona.to(dtype)(x.to(dtype))
        assert found.dtype == dtype
        error = (found.double() - expected).abs().max() / expected.abs().max()
        assert error < 20 * torch.finfo(dtype).eps

    def test_autocast(self):
        sona, x = build(32, spread=5), maps(2, 32, 6, 4)
        expected = sona(x)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            found = sona.float()(x.float())
            relations = sona.relation_map(x.float())
        assert relations.dtype == torch.float32
        error = (found.double() - expected).abs().max() / expected.abs().max()
        assert error < 0.05

    def test_a_large_mean_is_taken_off_before_the_products(self):
        """In float32 (theta theta^T) / d - mean mean^T would leave nothing of it."""
        sona, x = build(16), maps(1, 16, 5, 4)
        nn.init.constant_(sona.theta[1].bias, 3e3)
        expected = sona(x)
        found = sona.float()(x.float())
        assert torch.allclose(found.double(), expected, rtol=1e-3, atol=1e-3)

    def test_memory_layout_does_not_matter(self):
        sona, x = build(), maps()
        other = x.contiguous(memory_format=torch.channels_last)
        assert torch.allclose(sona(x), sona(other), atol=1e-13)


def test_nothing_larger_than_the_attention_is_formed(monkeypatch):
    """The products are left to torch's fused attention, whose inputs are M x d."""
    shapes = []
    fused = F.scaled_dot_product_attention

    def spy(*rows, **options):
        shapes.extend(tensor.shape for tensor in rows)
        return fused(*rows, **options)

    monkeypatch.setattr(F, 'scaled_dot_product_attention', spy)
    saved = []
    sona, x = build(8), maps(1, 8, 16, 12)
    with torch.autograd.graph.saved_tensors_hooks(
        lambda t: saved.append(t.numel()) or t, lambda t: t
    ):
        sona(x.requires_grad_())
    assert shapes == 3 * [(1, 1, 192, 4)]
    assert max(saved) <= x.numel()  # of 192 x 192 scores nothing is kept


@pytest.mark.parametrize(('in_channels', 'millions'), [(512, 0.395), (1024, 1.576)])
def test_parameters(in_channels, millions):
    sona = MODELS.build(dict(type='SONA', in_channels=in_channels))
    count = sum(p.numel() for p in sona.parameters())
    assert count / 1e6 == pytest.approx(millions, abs=5e-4)


@pytest.mark.parametrize(
    'backend', ['aot_eager', pytest.param('inductor', marks=pytest.mark.slow)]
)
def test_compiles(backend):
    sona = build()
    compiled = torch.compile(sona, fullgraph=True, backend=backend)
    for size in [(4, 3), (6, 4)]:
        x = maps(2, 6, *size).requires_grad_()
        assert torch.allclose(compiled(x), sona(x), atol=1e-12)
        (expected,) = torch.autograd.grad(sona(x).square().sum(), x)
        (found,) = torch.autograd.grad(compiled(x).square().sum(), x)
        assert torch.allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize('reduction', [0, 7])
def test_no_inner_channel(reduction):
    with pytest.raises(ValueError, match='lower the reduction'):
        build(6, reduction=reduction)
