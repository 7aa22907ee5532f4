"""One of two processes that keep a memory together.

A module of its own, because another process must find it by its name.
"""

from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from patience import PATIENCE
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from mmreid.engine import leave_processes
from mmreid.models.losses import ClusterMemoryLoss

LABELS = torch.tensor([0, 0, 1, 1, 0, 0, 2, 2])  # class 0 is in both halves


def train_step(rank: int, folder: Path, inputs: torch.Tensor, update: str) -> None:
    """A process's half of the step; keeps its memory and its parameters' gradient."""
    store = dist.FileStore(str(folder / 'store'), 2)
    dist.init_process_group(
        'gloo',
        store=store,
        rank=rank,
        world_size=2,
        timeout=timedelta(seconds=PATIENCE),
    )
    linear, loss = memory_loss(update)
    model = DistributedDataParallel(linear)
    half = slice(4 * rank, 4 * rank + 4)
    loss(model(inputs[half]), LABELS[half]).backward()
    torch.save([loss.memory, model.module.weight.grad], folder / f'{rank}.pt')
    leave_processes()


def memory_loss(update: str) -> tuple[nn.Linear, ClusterMemoryLoss]:
    """A layer and a memory behind it."""
    torch.manual_seed(5)
    loss = ClusterMemoryLoss(4, 3, update=update).double()
    loss.set_rows(torch.randn(3, 4))
    return nn.Linear(6, 4, bias=False).double(), loss
