"""Two processes that mine their batches together: value and gradient of one."""

import tempfile
from pathlib import Path

import pytest
import torch
from gathered_training import LABELS, linear, train_step
from preloaded import run_together

from mmreid.models.losses import BatchHardTripletLoss


@pytest.mark.parametrize('distance', ['euclidean', 'cosine'])
def test_value_and_gradient_are_those_of_the_whole_batch(distance):
    inputs = torch.randn(8, 6, dtype=torch.float64)
    model = linear()
    loss = BatchHardTripletLoss(distance=distance, intra_weight=0.5)
    value = loss(model(inputs), LABELS)
    value.backward()
    with tempfile.TemporaryDirectory() as folder:
        run_together(train_step, [Path(folder), inputs, distance], 2)
        found = [torch.load(Path(folder, f'{rank}.pt')) for rank in range(2)]
    for own_value, gradient in found:
        torch.testing.assert_close(own_value, value.detach(), rtol=1e-12, atol=0)
        torch.testing.assert_close(gradient, model.weight.grad, rtol=1e-10, atol=1e-14)


def test_one_process_has_nothing_to_gather():
    feats = torch.randn(8, 6)
    gathered = BatchHardTripletLoss(gather=True)(feats, LABELS)
    assert torch.equal(gathered, BatchHardTripletLoss()(feats, LABELS))
