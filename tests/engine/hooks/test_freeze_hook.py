"""A frozen trunk stays bit for bit, and learns afterwards."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from shared_training import make_own_config

from mmreid.engine import FreezeHook, build_runner
from mmreid.registry import HOOKS


@HOOKS.register_module()
class KeepTrunksHook(Hook):
    """Keeps what the trunk and the head are after every iteration."""

    def __init__(self):
        self.trunks, self.heads = [], []

    def after_train_iter(self, runner, *args, **kwargs):
        for kept, part in ((self.trunks, 'backbone'), (self.heads, 'head')):
            state = runner.model.get_submodule(part).state_dict()
            kept.append({name: value.clone() for name, value in state.items()})


def config(data: Path, work_dir: Path, **hook) -> Config:
    cfg = make_own_config(data, work_dir)
    cfg.train_cfg.max_epochs = 1
    cfg.custom_hooks = [dict(type='FreezeHook', **hook), dict(type='KeepTrunksHook')]
    return cfg


def equal(one, other):
    return all(torch.equal(one[name], value) for name, value in other.items())


def test_frozen_and_then_not(data, tmp_path):
    runner = build_runner(config(data, tmp_path, iters=3))
    hook = next(h for h in runner.hooks if isinstance(h, KeepTrunksHook))
    start = {k: v.clone() for k, v in runner.model.backbone.state_dict().items()}
    runner.train()
    assert len(hook.trunks) > 4
    assert all(equal(start, trunk) for trunk in hook.trunks[:3])
    assert not equal(hook.heads[0], hook.heads[1])
    moved = [n for n, v in hook.trunks[3].items() if not torch.equal(v, start[n])]
    assert any(name.endswith('running_mean') for name in moved)
    assert any(name.endswith('conv1.weight') for name in moved)


def test_says_what_it_lacks(data, tmp_path):
    cfg = config(data, tmp_path, iters=3, modules=('trunk',))
    with pytest.raises(ValueError, match=r"got \('trunk',\); .*'backbone', 'head'"):
        build_runner(cfg).train()
    cfg.custom_hooks[0]['modules'] = ('backbone', 'trunk')
    with pytest.raises(ValueError, match=r"got \('backbone', 'trunk'\);"):
        build_runner(cfg).train()
    with pytest.raises(ValueError, match='at least 0, got -1'):
        FreezeHook(-1)
