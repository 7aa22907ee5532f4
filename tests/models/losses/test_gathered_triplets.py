"""Two processes that mine their batches together: value and gradient of one."""

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from mmreid.models.losses import BatchHardTripletLoss

LABELS = torch.tensor([0, 0, 1, 1, 0, 0, 2, 2])  # identity 0 is in both halves


def train_step(rank: int, folder: Path, inputs: torch.Tensor, distance: str) -> None:
    """A process's half of the step; keeps its loss and its parameters' gradient."""
    store = dist.FileStore(str(folder / 'store'), 2)
    dist.init_process_group(
        'gloo', store=store, rank=rank, world_size=2, timeout=timedelta(seconds=60)
    )
    model = DistributedDataParallel(linear())
    half = slice(4 * rank, 4 * rank + 4)
    loss = BatchHardTripletLoss(distance=distance, intra_weight=0.5, gather=True)
    value = loss(model(inputs[half]), LABELS[half])
    value.backward()
    torch.save([value.detach(), model.module.weight.grad], folder / f'{rank}.pt')
    dist.destroy_process_group()


def linear() -> nn.Linear:
    torch.manual_seed(5)
    return nn.Linear(6, 4, bias=False).double()


@pytest.mark.parametrize('distance', ['euclidean', 'cosine'])
def test_value_and_gradient_are_those_of_the_whole_batch(distance):
    inputs = torch.randn(8, 6, dtype=torch.float64)
    model = linear()
    loss = BatchHardTripletLoss(distance=distance, intra_weight=0.5)
    value = loss(model(inputs), LABELS)
    value.backward()
    with tempfile.TemporaryDirectory() as folder:
        # Forked, because a new interpreter would not find this module by its name.
        arguments = (Path(folder), inputs, distance)
        mp.start_processes(train_step, arguments, nprocs=2, start_method='fork')
        found = [torch.load(Path(folder, f'{rank}.pt')) for rank in range(2)]
    for own_value, gradient in found:
        torch.testing.assert_close(own_value, value.detach(), rtol=1e-12, atol=0)
        torch.testing.assert_close(gradient, model.weight.grad, rtol=1e-10, atol=1e-14)


def test_one_process_has_nothing_to_gather():
    feats = torch.randn(8, 6)
    gathered = BatchHardTripletLoss(gather=True)(feats, LABELS)
    assert torch.equal(gathered, BatchHardTripletLoss()(feats, LABELS))
