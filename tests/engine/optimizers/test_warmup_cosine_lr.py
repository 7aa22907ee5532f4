"""The curve of timm's scheduler, stepped as TransReID steps it."""

import pytest
import torch
from mmengine.optim import OptimWrapper
from timm.scheduler.cosine_lr import CosineLRScheduler
from torch import nn

from mmreid.engine import WarmupCosineLR


def make_optimizer(lr=0.008):
    """Weights and, with twice their learning rate, biases."""
    groups = [
        dict(params=[nn.Parameter(torch.zeros(1))], lr=factor * lr) for factor in (1, 2)
    ]
    return torch.optim.SGD(groups, lr=lr)


@pytest.mark.parametrize(('warmup', 'epochs'), [(5, 120), (20, 120), (0, 30)])
def test_the_curve_of_transreid(warmup, epochs):
    # damo-cv/TransReID@c27e6bc, solver/scheduler_factory.py; processor.py steps it with
    # the epoch's number, from 1 on, before the epoch.
    theirs, base = make_optimizer(), 0.008
    peer = CosineLRScheduler(
        theirs,
        t_initial=epochs,
        lr_min=0.002 * base,
        warmup_lr_init=0.01 * base,
        warmup_t=warmup,
        cycle_limit=1,
        t_in_epochs=True,
    )
    wrapper = OptimWrapper(optimizer=make_optimizer())
    ours = WarmupCosineLR(
        wrapper, epochs, warmup, warmup_lr=0.01 * base, eta_min=0.002 * base
    )
    for epoch in range(1, epochs + 1):
        peer.step(epoch)
        expected = [group['lr'] for group in theirs.param_groups]
        found = [group['lr'] for group in wrapper.optimizer.param_groups]
        assert found == pytest.approx(expected, rel=1e-12), epoch
        wrapper.step()
        ours.step()
    assert found == [0.002 * base] * 2


def test_it_goes_on_where_it_was_saved():
    first, second = (OptimWrapper(optimizer=make_optimizer()) for _ in range(2))
    whole = WarmupCosineLR(first, 10, 3)
    for _ in range(4):
        first.step()
        whole.step()
    resumed = WarmupCosineLR(second, 10, 3)
    resumed.load_state_dict(whole.state_dict())
    for wrapper, scheduler in ((first, whole), (second, resumed)):
        wrapper.step()
        scheduler.step()
    assert second.param_groups[0]['lr'] == first.param_groups[0]['lr']


def test_a_warm_up_longer_than_the_training():
    with pytest.raises(ValueError, match=r'warmup must lie in \[0, end=5\), got 5'):
        WarmupCosineLR(make_optimizer(), 5, 5)
