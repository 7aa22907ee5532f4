"""Fused optimizers: the same steps, and checkpoints that pass between both kinds."""

import pytest
from toy_training import losses, toy_config, train

KINDS = [
    dict(type='Adam', lr=0.01, weight_decay=1e-3),
    dict(type='SGD', lr=0.05, momentum=0.9, nesterov=True),
]


def run(work_dir, optimizer, source=None, **wrapper):
    hooks = [dict(type='PlainCheckpointHook'), dict(type='SeedHook')]
    optim_wrapper = dict(dict(type='OptimWrapper', optimizer=optimizer), **wrapper)
    cfg = toy_config(work_dir, custom_hooks=hooks, optim_wrapper=optim_wrapper)
    if source is not None:
        cfg.resume, cfg.load_from = True, str(source / 'epoch_1.pth')
    return losses(train(cfg))


@pytest.mark.parametrize('optimizer', KINDS, ids=lambda kind: kind['type'])
@pytest.mark.parametrize(
    'wrapper',
    [
        {},
        dict(type='AutocastOptimWrapper', dtype='float16', clip_grad=dict(max_norm=1)),
        dict(accumulative_counts=3),
    ],
    ids=['float32', 'float16', 'accumulated'],
)
def test_fused_is_the_same_up_to_rounding_and_resumes(tmp_path, optimizer, wrapper):
    fused = dict(optimizer, fused=True)
    plain, fast = tmp_path / 'plain', tmp_path / 'fast'
    expected = run(plain, optimizer, **wrapper)
    whole = run(fast, fused, **wrapper)
    assert whole == pytest.approx(expected, rel=1e-4)
    assert run(tmp_path / 'resumed', fused, fast, **wrapper) == whole
    # A checkpoint passes between both.
    rounded = pytest.approx(expected, rel=1e-4)
    assert run(tmp_path / 'to plain', optimizer, fast, **wrapper) == rounded
    assert run(tmp_path / 'to fused', fused, plain, **wrapper) == rounded
