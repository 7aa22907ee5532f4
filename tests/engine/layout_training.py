"""One of two processes that train in both memory layouts.

A module of its own, because another process must find it by its name.
"""

import os
from pathlib import Path

import torch
import torch.distributed as dist
from mmengine.runner import Runner
from toy_training import toy_config

from mmreid.engine import leave_processes


def train_distributed(rank: int, folder: Path) -> None:
    """Train with another batch in each process; keep the weights."""
    os.environ['LOCAL_RANK'] = '0'
    store = dist.FileStore(str(folder / 'store'), 2)
    dist.init_process_group('gloo', store=store, rank=rank, world_size=2)
    for name, hooks in (('plain', []), ('fast', [dict(type='ChannelsLastHook')])):
        model = dict(type='ToyModel', dropout=0.0)
        cfg = toy_config(folder / name, model=model, custom_hooks=hooks)
        cfg.train_dataloader.dataset.augment = False
        cfg.launcher = 'pytorch'
        # Adam would make steps of the rounding errors of a bias that does not matter.
        cfg.optim_wrapper.optimizer = dict(type='SGD', lr=0.1)
        cfg.model_wrapper_cfg = dict(type='MMDistributedDataParallel', device_ids=None)
        runner = Runner.from_cfg(cfg)
        runner.train()
        torch.save(runner.model.module.state_dict(), folder / f'{name}_{rank}.pt')
    leave_processes()
