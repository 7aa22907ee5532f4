"""The non-local block is its formula, bias included."""

import pytest
import torch

from mmreid.models.necks import NonLocalBlock


def draw(**options):
    block = NonLocalBlock(6, **options).double().eval()
    for name, value in block.state_dict().items():
        if value.is_floating_point():
            value.uniform_(0.5, 2) if 'var' in name else value.normal_()
    return block


@pytest.mark.parametrize('reduction', [1024, 2])
def test_formula(reduction):
    torch.manual_seed(0)
    block = draw(reduction=reduction)
    x = torch.randn(2, 6, 3, 2, dtype=torch.float64)
    g, theta, phi = (getattr(block, name).conv for name in ('g', 'theta', 'phi'))
    assert g.out_channels == max(6 // reduction, 1)
    expected = torch.empty_like(x)
    for n in range(2):
        rows = x[n].flatten(1).T  # positions x channels
        a, b, c = (
            rows @ layer.weight.flatten(1).T + layer.bias for layer in (theta, phi, g)
        )
        mixed = torch.zeros(6, c.shape[1], dtype=torch.float64)
        for i in range(6):
            for j in range(6):
                mixed[i] += (a[i] @ b[j]) * c[j] / 6
        conv, norm = block.conv_out.conv, block.conv_out.bn
        y = mixed @ conv.weight.flatten(1).T + conv.bias
        y = (y - norm.running_mean) / (norm.running_var + norm.eps).sqrt()
        expected[n] = x[n] + (y * norm.weight + norm.bias).T.view(6, 3, 2)
    assert (block(x) - expected).abs().max() < 1e-12


def test_it_starts_as_the_identity_and_takes_files_without_the_bias():
    block = NonLocalBlock(6).eval()
    x = torch.randn(1, 6, 2, 2)
    assert torch.equal(block(x), x)
    weights = draw().state_dict()
    del weights['conv_out.conv.bias']
    torch.nn.init.ones_(block.conv_out.conv.bias)
    block.load_state_dict(weights)
    assert not block.conv_out.conv.bias.any()
