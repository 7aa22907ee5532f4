"""Two processes that compare their batches together: value and gradient of one."""

import tempfile
from pathlib import Path

import pytest
import torch
from gathered_training import LABELS, linear, results, train_steps
from preloaded import run_together

from mmreid.registry import MODELS

PAIRS = (
    dict(type='BatchHardTripletLoss', intra_weight=0.5),
    dict(type='BatchHardTripletLoss', intra_weight=0.5, distance='cosine'),
    dict(type='WeightedRegularizedTripletLoss'),
    dict(type='PairwiseCircleLoss'),
    dict(type='PairwiseCosFaceLoss'),
    dict(type='MultiSimilarityLoss', mining_margin=0.7),
)
CENTER = dict(type='CenterLoss', in_channels=4, num_classes=3)


@pytest.fixture(scope='module')
def found():
    """What one process finds with the whole batch, and what each of two finds."""
    torch.manual_seed(0)
    inputs = torch.randn(8, 6, dtype=torch.float64)
    whole = [results(linear(), cfg, inputs, LABELS) for cfg in (*PAIRS, CENTER)]
    losses = [*(dict(cfg, gather=True) for cfg in PAIRS), CENTER]
    with tempfile.TemporaryDirectory() as folder:
        run_together(train_steps, [Path(folder), inputs, losses], 2)
        return whole, [torch.load(Path(folder, f'{rank}.pt')) for rank in range(2)]


@pytest.mark.parametrize('index', range(len(PAIRS)))
def test_value_and_gradient_are_those_of_the_whole_batch(found, index):
    whole, halves = found
    value, gradient = whole[index]
    for half in halves:
        own_value, own_gradient = half[index]
        torch.testing.assert_close(own_value, value, rtol=1e-12, atol=0)
        torch.testing.assert_close(own_gradient, gradient, rtol=1e-10, atol=1e-14)


def test_centers_move_alike_on_all_processes(found):
    whole, halves = found
    value, gradient, centers = whole[-1]
    assert torch.allclose(value, (halves[0][-1][0] + halves[1][-1][0]) / 2)
    for _, own_gradient, own_centers in (half[-1] for half in halves):
        torch.testing.assert_close(own_gradient, gradient, rtol=1e-10, atol=1e-14)
        torch.testing.assert_close(own_centers, centers, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize('cfg', PAIRS)
def test_one_process_has_nothing_to_gather(cfg):
    feats = torch.randn(8, 6)
    gathered = MODELS.build(dict(cfg, gather=True))(feats, LABELS)
    assert torch.equal(gathered, MODELS.build(cfg)(feats, LABELS))
