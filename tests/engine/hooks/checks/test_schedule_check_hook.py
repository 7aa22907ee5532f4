"""Schedules and intervals that do not fit the length of a training are told of."""

import re

import pytest
from toy_training import toy_config

from mmreid.engine import build_runner


def warnings_of(folder, schedules, epochs=4, counts=1, **checkpoint):
    """Twelve steps, three in each epoch."""
    cfg = toy_config(folder, max_epochs=epochs, param_scheduler=schedules)
    cfg.optim_wrapper.accumulative_counts = counts
    cfg.default_hooks.checkpoint = dict(type='AtomicCheckpointHook', **checkpoint)
    cfg.custom_hooks = [dict(type='PlainCheckpointHook')]
    build_runner(cfg).train()
    text = next(folder.glob('*/*.log')).read_text()
    lines = [line for line in text.splitlines() if 'WARNING' in line]
    return [line for line in lines if 'does not fit' in line or 'checkpoints' in line]


COSINE = dict(type='CosineAnnealingLR')
WARM_UP = dict(type='LinearLR', start_factor=0.1, end=2)
STEPS = dict(type='MultiStepLR', milestones=[1, 3])


@pytest.mark.parametrize(
    'schedules',
    [
        [],
        [dict(COSINE, T_max=4, end=4)],
        [dict(COSINE, T_max=4, end=4, convert_to_iter_based=True)],
        [WARM_UP],
        [WARM_UP, STEPS],
        [WARM_UP, dict(COSINE, begin=2, T_max=2, end=4)],
        [dict(WARM_UP, by_epoch=False, end=12), STEPS],
        [dict(STEPS, end=2_000_000_000)],
        [dict(type='StepLR', step_size=3)],
    ],
)
def test_nothing_is_said_where_all_fits(tmp_path, schedules):
    assert warnings_of(tmp_path, schedules) == []


@pytest.mark.parametrize(
    ('schedules', 'message'),
    [
        ([dict(COSINE, T_max=2, end=2)], 'it ends after 2 of 4 epochs'),
        ([dict(COSINE, T_max=9, end=9)], 'it is made for 9 epochs'),
        ([dict(WARM_UP, end=10)], 'it is made for 10 epochs'),
        ([dict(WARM_UP, by_epoch=False, end=13)], 'it is made for 13 steps'),
        ([dict(STEPS, milestones=[2, 4, 7])], r'never reaches the milestones \[4, 7\]'),
        ([WARM_UP, dict(COSINE, begin=2, T_max=1, end=3)], 'it ends after 3 of 4'),
        ([dict(WARM_UP, start_factor=1.0, end_factor=0.1)], 'it ends after 2 of 4'),
    ],
)
def test_what_does_not_fit_is_told(tmp_path, schedules, message):
    (told,) = warnings_of(tmp_path, schedules)
    assert re.search(message, told)
    assert 'param_scheduler together with train_cfg.max_epochs' in told


@pytest.mark.parametrize(
    ('counts', 'checkpoint', 'told'),
    [
        (1, dict(interval=1), False),
        (3, dict(interval=1), False),
        (2, dict(interval=2), False),
        (2, dict(interval=1), True),
        (4, dict(interval=2), True),
        (3, dict(interval=6, by_epoch=False), False),
        (3, dict(interval=5, by_epoch=False), True),
    ],
)
def test_checkpoints_between_the_batches_of_a_step(tmp_path, counts, checkpoint, told):
    texts = warnings_of(tmp_path, [], counts=counts, **checkpoint)
    assert [f'accumulative_counts={counts}' in text for text in texts] == [True] * told
