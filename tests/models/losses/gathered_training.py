"""One of two processes that compare their batches together.

A module of its own, because another process must find it by its name.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from patience import PATIENCE
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from mmreid.engine import leave_processes
from mmreid.registry import MODELS

LABELS = torch.tensor([0, 0, 1, 1, 0, 0, 2, 2])  # identity 0 is in both halves


def train_steps(
    rank: int, folder: Path, inputs: torch.Tensor, losses: list[dict[str, Any]]
) -> None:
    """A process's half of a step with each loss; keeps :func:`results`."""
    store = dist.FileStore(str(folder / 'store'), 2)
    dist.init_process_group(
        'gloo',
        store=store,
        rank=rank,
        world_size=2,
        timeout=timedelta(seconds=PATIENCE),
    )
    half = slice(4 * rank, 4 * rank + 4)
    found = [
        results(DistributedDataParallel(linear()), cfg, inputs[half], LABELS[half])
        for cfg in losses
    ]
    torch.save(found, folder / f'{rank}.pt')
    leave_processes()


def results(
    model: nn.Module, cfg: dict[str, Any], inputs: torch.Tensor, labels: torch.Tensor
) -> list[torch.Tensor]:
    """Value, the parameters' gradient and what the loss itself has learned."""
    torch.manual_seed(6)
    loss = MODELS.build(cfg).double()
    value = loss(model(inputs), labels)
    value.backward()
    (weight,) = model.parameters()
    return [value.detach(), weight.grad, *loss.state_dict().values()]


def linear() -> nn.Linear:
    torch.manual_seed(5)
    return nn.Linear(6, 4, bias=False).double()
