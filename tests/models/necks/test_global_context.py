"""The global context block against a loop over positions."""

import pytest
import torch
from torch import nn

from mmreid.registry import MODELS


def build(channels, reduction, random=True):
    cfg = dict(type='GlobalContext', in_channels=channels, reduction=reduction)
    block = MODELS.build(cfg).double()
    if random:
        for parameter in block.parameters():
            nn.init.normal_(parameter)
    return block


def naive(block, x):
    """Attention over positions, transform, sum: one picture after the other."""
    squeeze, norm, _, expand = block.channel_add_conv
    out = torch.empty_like(x)
    for n, picture in enumerate(x):
        rows = picture.flatten(1).T  # HW x C
        scores = rows @ block.conv_mask.weight.flatten() + block.conv_mask.bias
        weights = scores.exp() / scores.exp().sum()
        context = sum(w * row for w, row in zip(weights, rows, strict=True))
        hidden = squeeze.weight.flatten(1) @ context + squeeze.bias
        hidden = (hidden - hidden.mean()) / (hidden.var(unbiased=False) + 1e-5).sqrt()
        hidden = (hidden * norm.weight.flatten() + norm.bias.flatten()).clamp(min=0)
        added = expand.weight.flatten(1) @ hidden + expand.bias
        for i in range(x.shape[2]):
            for j in range(x.shape[3]):
                out[n, :, i, j] = picture[:, i, j] + added
    return out


@pytest.mark.parametrize(('channels', 'reduction'), [(8, 2), (12, 3), (7, 3)])
def test_equals_the_loop(channels, reduction):
    block = build(channels, reduction)
    x = torch.randn(2, channels, 4, 3, dtype=torch.float64)
    torch.testing.assert_close(block(x), naive(block, x))


def test_gradient():
    block = build(4, 2)
    x = torch.randn(2, 4, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(block, (x,))


def test_starts_as_the_identity():
    block = build(16, 4, random=False)
    x = torch.randn(2, 16, 4, 3, dtype=torch.float64)
    assert torch.equal(block(x), x)


@pytest.mark.parametrize(('channels', 'count'), [(512, 33_889), (1024, 133_313)])
def test_size(channels, count):
    block = MODELS.build(dict(type='GlobalContext', in_channels=channels))
    assert sum(p.numel() for p in block.parameters()) == count


def test_squeezed_width_is_the_whole_quotient():
    """Also where the float quotient is rounded below it, as for 49 and 49."""
    for channels in range(1, 52):
        for reduction in range(1, channels + 1):
            block = build(channels, reduction, random=False)
            assert block.planes == channels // reduction


@pytest.mark.parametrize('reduction', [0, 17])
def test_wrong_reduction(reduction):
    with pytest.raises(ValueError, match=f'in_channels=16, reduction={reduction}'):
        build(16, reduction)
