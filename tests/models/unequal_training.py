"""One of two processes whose pictures differ in size, under DistributedDataParallel.

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
from mmreid.models.necks import IABlock

# Of the maps in every step, by process: the second one alone meets another size.
SIZES = [[(8, 4), (8, 4)], [(8, 4), (6, 4)], [(8, 4), (8, 4)]]


def train(rank: int, folder: Path) -> None:
    """Take some steps; keep the weights, and the gradients of the steps."""
    dist.init_process_group(
        'gloo',
        store=dist.FileStore(str(folder / 'store'), 2),
        rank=rank,
        world_size=2,
        timeout=timedelta(seconds=PATIENCE),
    )
    model = DistributedDataParallel(network())  # broadcasts buffers, as by default
    gradients = []
    for step in range(len(SIZES)):
        model.zero_grad()
        model(maps(step, rank)).square().sum().backward()
        gradients.append([p.grad.clone() for p in model.module.parameters()])
    torch.save(gradients, folder / f'{rank}.pt')
    leave_processes()


def network() -> nn.Module:
    """IANet's block whose normalisation is no longer zero, in evaluation mode."""
    torch.manual_seed(5)
    block = IABlock(6, sigma=(1, 2))
    for parameter in block.parameters():
        nn.init.normal_(parameter)
    return nn.Sequential(nn.Conv2d(3, 6, 1), block).double().eval()


def maps(step: int, rank: int) -> torch.Tensor:
    """A process's pictures in a step."""
    generator = torch.Generator().manual_seed(2 * step + rank)
    size = SIZES[step][rank]
    return torch.rand(2, 3, *size, generator=generator, dtype=torch.float64)
