"""Rounding of weights and inputs, against loops over their elements."""

import numpy as np
import pytest
import torch
from torch import nn

from mmreid.deploy.gate.causes.rounding import rounded


@pytest.fixture
def layer():
    return nn.Conv2d(3, 4, 3).requires_grad_(False)


def test_int8_has_as_many_levels_as_it_should(layer):
    inputs = torch.randn(2, 3, 5, 4) + 1
    seen = []
    twin = rounded(nn.Sequential(layer), 'int8')
    twin[0].register_forward_hook(lambda _, given, __: seen.append(given[0]))
    got = twin(inputs)
    weight = layer.weight.double().numpy()
    for channel in range(4):
        step = np.abs(weight[channel]).max() / 127
        wanted = np.round(weight[channel] / step) * step
        assert twin[0].weight[channel].numpy() == pytest.approx(wanted, abs=1e-7)
    low, high = float(inputs.min()), float(inputs.max())
    step = (high - low) / 255
    gaps = np.abs(seen[0].double().numpy() - inputs.double().numpy())
    assert gaps.max() <= step * 1.01
    levels = np.unique(np.round(seen[0].double().numpy() / step, 3))
    assert np.round(levels) == pytest.approx(levels, abs=1e-2)
    assert len(levels) <= 256
    # Sums are not rounded.
    again = nn.functional.conv2d(seen[0], twin[0].weight, layer.bias)
    assert torch.equal(got, again)


def test_bfloat16_is_torchs(layer):
    inputs = torch.randn(2, 3, 5, 4)
    got = rounded(nn.Sequential(layer), 'bfloat16')(inputs)
    wanted = nn.functional.conv2d(
        inputs.bfloat16().double(),
        layer.weight.bfloat16().double(),
        layer.bias.double(),
    )
    assert got.double().numpy() == pytest.approx(wanted.numpy(), abs=1e-5)


def test_the_network_stays_as_it_is(layer):
    network = nn.Sequential(layer, nn.ReLU(), nn.Conv2d(4, 2, 1))
    inputs = torch.randn(1, 3, 4, 4)
    before = network(inputs)
    assert not torch.equal(rounded(network, 'int8')(inputs), before)
    assert torch.equal(network(inputs), before)


def test_constant_weights_and_inputs_are_no_division_by_zero(layer):
    layer.weight.data[:] = 0
    result = rounded(nn.Sequential(layer), 'int8')(torch.zeros(1, 3, 4, 4))
    assert torch.isfinite(result).all()
