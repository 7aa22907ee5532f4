"""There is a whole checkpoint at every moment."""

import resource

import pytest
import torch
from mmengine.hooks import Hook
from toy_training import toy_config

from mmreid.engine import build_runner, find_resumable, use_checkpoint
from mmreid.errors import explain_config
from mmreid.registry import HOOKS


@HOOKS.register_module()
class FullDiskHook(Hook):
    """Lets no file grow beyond a kilobyte from some epoch on."""

    priority = 'LOWEST'

    def __init__(self, epoch: int, best: bool) -> None:
        self.epoch = epoch
        self.best = best

    def before_save_checkpoint(self, runner, checkpoint):
        is_best = 'optimizer' not in checkpoint
        if checkpoint['meta']['epoch'] == self.epoch and is_best == self.best:
            hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))


@pytest.fixture
def unlimited():
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def config(work_dir, *hooks, epochs=3, **options):
    needed = [dict(type='PlainCheckpointHook'), *hooks]
    cfg = toy_config(work_dir, max_epochs=epochs, custom_hooks=needed)
    cfg.val_dataloader, cfg.val_cfg = cfg.test_dataloader, dict()
    cfg.val_evaluator = cfg.test_evaluator
    cfg.train_cfg.val_interval = 1
    options = (
        dict(interval=1, max_keep_ckpts=1, save_best='toy/count', rule='greater')
        | options
    )
    cfg.default_hooks.checkpoint = dict(type='AtomicCheckpointHook', **options)
    return cfg


def names(folder):
    return sorted(path.name for path in folder.glob('*.pth'))


@pytest.mark.parametrize('best', [False, True])
def test_a_full_disk_leaves_the_checkpoints_from_before(tmp_path, unlimited, best):
    hook = dict(type='FullDiskHook', epoch=2, best=best)
    # By this rule every validation is the best.
    cfg = config(tmp_path, hook, save_best='toy/best')
    runner = build_runner(cfg)
    scores = iter(range(1, 9))
    evaluate = runner.val_loop.evaluator.evaluate
    runner.val_loop.evaluator.evaluate = lambda size: (
        evaluate(size) | {'toy/best': next(scores)}
    )
    with pytest.raises(OSError, match=r'stays as it was.*\.pth'):
        runner.train()
    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
    # The second epoch's own checkpoint was written before its best one.
    last = 'epoch_2.pth' if best else 'epoch_1.pth'
    assert names(tmp_path) == ['best_toy_best_epoch_1.pth', last]
    assert not list(tmp_path.glob('.*unfinished*'))
    assert find_resumable(tmp_path) == (tmp_path / last, {})


def test_as_many_are_kept_as_asked_for(tmp_path):
    build_runner(config(tmp_path, max_keep_ckpts=2)).train()
    assert names(tmp_path) == [
        'best_toy_count_epoch_1.pth', 'epoch_2.pth', 'epoch_3.pth',
    ]  # fmt: skip
    assert (tmp_path / 'last_checkpoint').read_text() == str(tmp_path / 'epoch_3.pth')


def test_all_are_kept_where_none_is_limited(tmp_path):
    build_runner(config(tmp_path, max_keep_ckpts=-1, save_best=None)).train()
    assert names(tmp_path) == ['epoch_1.pth', 'epoch_2.pth', 'epoch_3.pth']


def test_the_checkpoint_of_an_epoch_knows_its_validation(tmp_path):
    build_runner(config(tmp_path, save_best=None)).train()
    checkpoint = torch.load(tmp_path / 'epoch_3.pth', weights_only=True)
    history = checkpoint['message_hub']['log_scalars']['val/toy/mean']
    assert len(history['values']) == 3


def test_a_resumed_run_goes_on_counting(tmp_path):
    build_runner(config(tmp_path, epochs=2, max_keep_ckpts=2)).train()
    cfg = config(tmp_path, epochs=4, max_keep_ckpts=2)
    cfg.update(resume=True, load_from=str(tmp_path / 'epoch_2.pth'))
    build_runner(cfg).train()
    assert names(tmp_path) == [
        'best_toy_count_epoch_1.pth', 'epoch_3.pth', 'epoch_4.pth',
    ]  # fmt: skip


def test_what_a_kill_left_is_removed_by_the_resumed_run(tmp_path):
    def go_on(epochs: int) -> None:
        cfg = config(tmp_path, epochs=epochs, save_best=None)
        # A validation would save once more.
        cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
        use_checkpoint(cfg, 'auto')
        build_runner(cfg).train()

    go_on(1)
    # As if a kill had come before any other checkpoint was written.
    go_on(2)
    assert names(tmp_path) == ['epoch_2.pth']
    # As if it had come between writing the third and removing the second.
    second = (tmp_path / 'epoch_2.pth').read_bytes()
    go_on(3)
    (tmp_path / 'epoch_2.pth').write_bytes(second)
    go_on(4)
    assert names(tmp_path) == ['epoch_4.pth']


def test_an_argument_that_it_has_not_is_told_at_construction():
    with pytest.raises(TypeError, match="argument 'max_keep_ckpt'") as caught:
        HOOKS.build(dict(type='AtomicCheckpointHook', max_keep_ckpt=3))
    assert "did you mean 'max_keep_ckpts'?" in explain_config(caught.value)
    HOOKS.build(dict(type='AtomicCheckpointHook', save_param_scheduler=False))
