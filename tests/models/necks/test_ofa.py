"""OFA against its formulas, written with plain operations in float64."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mmreid.registry import MODELS


def build(**kwargs):
    return MODELS.build(dict(type='OFA', **kwargs)).double().eval()


def randomize(module):
    """Give batch norms statistics that matter."""
    for m in module.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.normal_()
            m.running_var.uniform_(0.5, 2)
            nn.init.normal_(m.weight)
            nn.init.normal_(m.bias)
    return module


def naive_gate(fca, x):
    """FCA, the signature collected position by position."""
    num, channels, height, width = x.shape
    signature = torch.empty(num, channels, dtype=torch.float64)
    for n in range(num):
        for c in range(channels):
            values = [x[n, c, i, j].item() for i in range(height) for j in range(width)]
            signature[n, c] = sum(values) / len(values) - min(values)
    hidden = signature @ fca.squeeze.weight.flatten(1).T + fca.squeeze.bias
    hidden[hidden < 0] = 0
    scores = hidden @ fca.expand.weight.flatten(1).T + fca.expand.bias
    return (1 / (1 + torch.exp(-scores)))[..., None, None]


def conv(x, weight, bias):
    """Convolution with 'same' padding as a sum of shifted products."""
    kh, kw = weight.shape[2:]
    height, width = x.shape[2:]
    padded = F.pad(x, (kw // 2, kw // 2, kh // 2, kh // 2))
    out = bias[None, :, None, None]
    for i in range(kh):
        for j in range(kw):
            window = padded[:, :, i : i + height, j : j + width]
            out = out + torch.einsum('nchw,oc->nohw', window, weight[:, :, i, j])
    return out


def naive_attention(msa, x):
    """MSA from its own weights: sum of branches, pooling, sigmoid."""
    total = 0
    for branch in msa.branches:
        y = x
        for layer in branch:
            if isinstance(layer, nn.Conv2d):
                y = conv(y, layer.weight, layer.bias)
            elif isinstance(layer, nn.BatchNorm2d):
                scale = layer.weight / torch.sqrt(layer.running_var + layer.eps)
                y = (y - layer.running_mean[:, None, None]) * scale[:, None, None]
                y = y + layer.bias[:, None, None]
            else:
                y = y.clamp_min(0)
        assert isinstance(branch[-1], nn.BatchNorm2d)  # no ReLU before the sum
        total = total + y
    if msa.stride > 1:
        total = F.avg_pool2d(total, msa.stride, ceil_mode=True)
    return 1 / (1 + torch.exp(-total))


def blocks(stride=1, in_channels=32, out_channels=48):
    x = torch.rand(2, in_channels, 7, 5, dtype=torch.float64)
    side = [math.ceil(s / stride) for s in x.shape[2:]]
    y = torch.randn(2, out_channels, *side, dtype=torch.float64)
    return x, y


@pytest.mark.parametrize('stride', [1, 2])
def test_equals_formula(stride):
    ofa = randomize(build(in_channels=32, out_channels=48, stride=stride))
    x, y = blocks(stride)
    gate = naive_gate(ofa.fca, x)
    assert torch.allclose(ofa.fca(x), gate, atol=1e-12)
    attention = naive_attention(ofa.msa, gate * x)
    assert attention.shape == y.shape
    assert torch.allclose(ofa.msa(gate * x), attention, atol=1e-11)
    assert torch.allclose(ofa(x, y), y * attention, atol=1e-11)


def test_parts_alone():
    x, y = blocks()
    only_fca = build(in_channels=32, out_channels=48, msa=False)
    gate = naive_gate(only_fca.fca, x)
    assert gate.shape == (2, 48, 1, 1)
    assert torch.allclose(only_fca(x, y), y * gate, atol=1e-12)
    only_msa = randomize(build(in_channels=32, out_channels=48, fca=False))
    assert torch.allclose(only_msa(x, y), y * naive_attention(only_msa.msa, x))


def test_literal_product():
    ofa = randomize(build(in_channels=32, out_channels=32, literal=True))
    x, y = blocks(out_channels=32)
    gated = naive_gate(ofa.fca, x) * x
    expected = y * gated * naive_attention(ofa.msa, gated)
    assert torch.allclose(ofa(x, y), expected, atol=1e-11)
    only_fca = build(in_channels=32, out_channels=32, msa=False, literal=True)
    assert torch.allclose(only_fca(x, y), y * x * naive_gate(only_fca.fca, x))


def test_series_connection_attends_to_itself():
    ofa = randomize(build(in_channels=32))
    x, _ = blocks()
    assert torch.equal(ofa(x), ofa(x, x))


def test_channel_attention_ignores_offset_and_order():
    fca = build(in_channels=32, out_channels=48).fca
    x, _ = blocks()
    shuffled = x.flatten(2)[:, :, torch.randperm(35)].view_as(x)
    offset = torch.randn(1, 32, 1, 1, dtype=torch.float64)
    assert torch.allclose(fca(x), fca(shuffled + offset), atol=1e-12)


@pytest.mark.parametrize('options', [{}, dict(msa=False), dict(fca=False)])
def test_starts_nearly_constant(options):
    """A pretrained block is scaled, not scrambled."""
    ofa = build(in_channels=64, out_channels=48, **options).train()
    x, y = blocks(in_channels=64)
    attention = ofa(x, y) / y
    assert attention.mean().item() == pytest.approx(0.88, abs=0.02)
    assert attention.std() < 0.08


def test_gradient():
    ofa = build(in_channels=16, out_channels=16, stride=2)
    x = torch.rand(2, 16, 3, 3, dtype=torch.float64, requires_grad=True)
    y = torch.randn(2, 16, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(ofa, (x, y))


@pytest.mark.parametrize(
    ('in_channels', 'out_channels', 'millions'),
    [
        # SPEC 4.5, with bias and BN on every MSA convolution.
        (2048, 2048, 3.144),
        (1024, 1024, 0.794),
        (512, 512, 0.202),
        (256, 256, 0.053),
        (1024, 2048, 1.068),
        (512, 1024, 0.274),
        (256, 512, 0.072),
        (64, 256, 0.009),
    ],
)
def test_parameters(in_channels, out_channels, millions):
    ofa = build(in_channels=in_channels, out_channels=out_channels)
    count = sum(p.numel() for p in ofa.parameters())
    assert count / 1e6 == pytest.approx(millions, abs=6e-4)


@pytest.mark.parametrize(
    ('wrong', 'message'),
    [
        (dict(fca=False, msa=False), 'at least one'),
        (dict(attend='both'), 'attend'),
        (dict(literal=True), 'one shape'),
        (dict(reduction=64), 'reduction'),
    ],
)
def test_contradictions(wrong, message):
    with pytest.raises(ValueError, match=message):
        build(in_channels=32, out_channels=48, **wrong)
    with pytest.raises(ValueError, match='odd'):
        MODELS.build(
            dict(
                type='MultiscaleSpatialAttention',
                in_channels=32,
                out_channels=32,
                kernel_sizes=(1, 2),
            )
        )
