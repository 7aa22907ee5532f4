"""Only the named groups decay; the closed form is written beside."""

import pytest
from mmengine.optim import LinearLR, OptimWrapper
from torch import nn
from torch.optim import SGD
from toy_training import toy_config, train

from mmreid.engine import GroupMultiStepLR

PREFIXES = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.1, weight_decay=1e-4),
    constructor='PrefixOptimWrapperConstructor',
    paramwise_cfg=dict(prefixes=dict(backbone=dict(lr_mult=0.1)), norm_decay_mult=0.0),
)


def make_optimizer() -> OptimWrapper:
    groups = [
        dict(params=nn.Linear(1, 1).parameters(), lr=lr, group_name=name)
        for name, lr in [('backbone', 0.01), ('rest', 0.1), ('backbone', 0.02)]
    ]
    return OptimWrapper(optimizer=SGD(groups, lr=0.1))


def lrs(wrapper: OptimWrapper) -> list[float]:
    return [group['lr'] for group in wrapper.optimizer.param_groups]


def walk(wrapper, schedulers, steps):
    """The learning rates in use at each step."""
    seen = []
    for _ in range(steps):
        seen.append(lrs(wrapper))
        wrapper.step()
        for scheduler in schedulers:
            scheduler.step()
    return seen


def test_named_groups_decay_and_others_do_not():
    wrapper = make_optimizer()
    scheduler = GroupMultiStepLR(wrapper, ['backbone'], [2, 5, 5], gamma=0.5)
    for step, found in enumerate(walk(wrapper, [scheduler], 8)):
        factor = 0.5 ** ((step >= 2) + 2 * (step >= 5))
        assert found == pytest.approx([0.01 * factor, 0.1, 0.02 * factor])
    assert wrapper.get_lr()['base_lr'] == [0.1]


def test_it_chains_with_warm_up():
    wrapper = make_optimizer()
    schedulers = [
        LinearLR(wrapper, start_factor=0.25, end=4),
        GroupMultiStepLR(wrapper, ['rest'], [2, 6]),
    ]
    for step, found in enumerate(walk(wrapper, schedulers, 8)):
        warm = 0.25 + 0.75 * min(step, 3) / 3
        factor = 0.1 ** ((step >= 2) + (step >= 6))
        assert found == pytest.approx([0.01 * warm, 0.1 * warm * factor, 0.02 * warm])


def test_state_restores_the_place():
    wrapper = make_optimizer()
    scheduler = GroupMultiStepLR(wrapper, ['backbone'], [3])
    expected = walk(wrapper, [scheduler], 6)
    first = make_optimizer()
    half = GroupMultiStepLR(first, ['backbone'], [3])
    walk(first, [half], 2)
    second = make_optimizer()
    resumed = GroupMultiStepLR(second, ['backbone'], [3])
    second.load_state_dict(first.state_dict())
    resumed.load_state_dict(half.state_dict())
    assert walk(second, [resumed], 4) == expected[2:]


@pytest.mark.parametrize('groups', [(), ('trunk',), ('backbone', 'head')])
def test_unknown_groups_are_refused(groups):
    with pytest.raises(ValueError, match=r'backbone.*rest'):
        GroupMultiStepLR(make_optimizer(), groups, [1])


def test_a_single_string_is_refused():
    with pytest.raises(TypeError, match='sequence'):
        GroupMultiStepLR(make_optimizer(), 'backbone', [1])


def test_an_optimizer_without_groups_says_how_to_make_them():
    wrapper = OptimWrapper(optimizer=SGD(nn.Linear(1, 1).parameters(), lr=0.1))
    with pytest.raises(ValueError, match='PrefixOptimWrapperConstructor'):
        GroupMultiStepLR(wrapper, ['backbone'], [1])


@pytest.mark.parametrize('by_iter', [False, True])
def test_runner_decays_the_trunk_alone_and_resumes(tmp_path, by_iter):
    schedule = [
        dict(type='LinearLR', by_epoch=False, start_factor=0.1, end=3),
        dict(
            type='GroupMultiStepLR',
            groups=('backbone',),
            milestones=[2],
            convert_to_iter_based=by_iter,
        ),
    ]
    options = dict(
        max_epochs=4,
        optim_wrapper=PREFIXES,
        param_scheduler=schedule,
        custom_hooks=[dict(type='PlainCheckpointHook')],
    )
    whole = train(toy_config(tmp_path, **options))
    cfg = toy_config(tmp_path, resume=True, **options)
    cfg.load_from = str(tmp_path / 'epoch_1.pth')
    resumed = train(cfg)
    for runner in (whole, resumed):
        names = [g['group_name'] for g in runner.optim_wrapper.optimizer.param_groups]
        expected = [0.1 if name == 'rest' else 0.001 for name in names]
        assert names.count('backbone') == 2
        assert lrs(runner.optim_wrapper) == pytest.approx(expected)
    # The first group is the trunk's: the log shows when it decayed.
    logged = whole.message_hub.get_scalar('train/lr').data[0]
    assert logged[5:7] == pytest.approx([0.01, 0.001])
    assert resumed.message_hub.get_scalar('train/lr').data[0] == pytest.approx(logged)
