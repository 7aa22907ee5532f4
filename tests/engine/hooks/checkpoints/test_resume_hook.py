"""What a checkpoint decides in the training that goes on from it, and what not."""

import shutil
from pathlib import Path

import pytest
import torch
from toy_training import toy_config

from mmreid.engine import (
    MismatchedCheckpointError,
    UnreadableCheckpointError,
    build_runner,
    use_checkpoint,
)

SCHEDULES = [
    dict(type='LinearLR', by_epoch=False, start_factor=0.1, end=4),
    dict(type='MultiStepLR', milestones=[1, 3], gamma=0.1),
]
ADAM = dict(type='Adam', lr=0.1)


def config(work_dir, max_epochs=2, schedules=SCHEDULES, **optimizer):
    cfg = toy_config(
        work_dir,
        max_epochs=max_epochs,
        param_scheduler=schedules,
        custom_hooks=[dict(type='SeedHook'), dict(type='PlainCheckpointHook')],
    )
    cfg.optim_wrapper.optimizer.update(type='SGD', momentum=0.9, lr=0.1)
    cfg.optim_wrapper.optimizer.update(optimizer)
    cfg.default_hooks.checkpoint = dict(
        type='AtomicCheckpointHook', save_best='toy/count', rule='greater'
    )
    return cfg


def validated(cfg):
    cfg.val_dataloader, cfg.val_cfg = cfg.test_dataloader, dict()
    cfg.val_evaluator = cfg.test_evaluator
    cfg.train_cfg.val_interval = 1
    return cfg


def train(cfg, resume=None):
    if resume:
        use_checkpoint(cfg, resume)
    runner = build_runner(cfg)
    runner.train()
    return runner


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('trained')
    train(validated(config(folder)))
    return folder


@pytest.fixture
def folder(trained, tmp_path):
    """A work folder that was copied: its checkpoints have the original's paths.

    Its log stays behind: a run that begins within the same second goes on in it.
    """
    without_log = shutil.ignore_patterns('*.log')
    return Path(shutil.copytree(trained, tmp_path / 'copy', ignore=without_log))


def change(path: Path, edit) -> Path:
    content = torch.load(path, weights_only=True)
    edit(content)
    torch.save(content, path)
    return path


def warnings_in(folder: Path) -> list[str]:
    logs = sorted(folder.glob('*/*.log'), key=lambda path: path.stat().st_mtime_ns)
    return [line for line in logs[-1].read_text().splitlines() if 'WARNING' in line]


def test_a_copied_folder_leaves_the_original_alone(trained, folder):
    before = {path: path.read_bytes() for path in trained.glob('*.pth')}
    cfg = validated(config(folder, max_epochs=3))
    # A better result: the best checkpoint so far is removed.
    change(
        folder / 'epoch_2.pth',
        lambda c: c['message_hub']['runtime_info'].update(best_score=0),
    )
    runner = train(cfg, 'auto')
    assert runner._load_from == str(folder / 'epoch_2.pth')
    assert {path: path.read_bytes() for path in trained.glob('*.pth')} == before
    best = [path.name for path in folder.glob('best*')]
    assert best == ['best_toy_count_epoch_3.pth']


def test_a_config_that_resumes_goes_on_from_its_own_folder(trained, folder):
    cfg = config(folder)
    cfg.resume = True
    runner = build_runner(cfg)
    assert runner._load_from == str(folder / 'epoch_2.pth')
    cfg = config(folder / 'new')
    cfg.resume = True
    assert train(cfg).iter == 6
    assert any('starts anew' in text for text in warnings_in(folder / 'new'))


@pytest.mark.parametrize(
    'name',
    [
        '/etc/passwd',
        '../precious.txt',
        'precious.txt',
        'C:\\precious.txt',
        'logs',
        'best_toy_count_epoch_1.pth/../../precious.txt',
        'epoch_1.pth',
        7,
        None,
    ],
)
def test_a_checkpoint_removes_no_file_but_its_own_best(folder, tmp_path, name):
    for place in (tmp_path, folder):
        (place / 'precious.txt').write_text('x')
    (folder / 'logs').mkdir()

    def edit(content):
        info = content['message_hub']['runtime_info']
        info.update(best_score=0, best_ckpt=name, keep_ckpt_ids=['../../precious', 9.5])

    change(folder / 'epoch_2.pth', edit)
    before = {path for path in tmp_path.rglob('*') if path.suffix != '.log'}
    cfg = validated(config(folder, max_epochs=3))
    cfg.default_hooks.checkpoint.max_keep_ckpts = 5
    train(cfg, 'auto')
    assert {path for path in before if not path.exists()} <= {
        # The one of this name in the folder may go.
        folder / 'best_toy_count_epoch_1.pth',
    }


@pytest.mark.parametrize('score', ['9', None, [], float('nan')])
def test_a_score_that_is_none_ends_no_validation(folder, score):
    change(
        folder / 'epoch_2.pth',
        lambda c: c['message_hub']['runtime_info'].update(best_score=score),
    )
    train(validated(config(folder, max_epochs=3)), 'auto')


def test_a_link_to_the_best_is_removed_and_not_what_it_leads_to(folder, tmp_path):
    best = folder / 'best_toy_count_epoch_1.pth'
    other = best.rename(tmp_path / 'elsewhere.pth')
    best.symlink_to(other)
    change(
        folder / 'epoch_2.pth',
        lambda c: c['message_hub']['runtime_info'].update(best_score=0),
    )
    train(validated(config(folder, max_epochs=3)), 'auto')
    assert other.exists()
    assert not best.is_symlink()


def test_checkpoints_in_another_folder_are_found_and_their_best_removed(tmp_path):
    def go_on(epochs):
        cfg = validated(config(tmp_path / 'run', max_epochs=epochs))
        cfg.default_hooks.checkpoint.out_dir = str(tmp_path / 'big_disk')
        use_checkpoint(cfg, 'auto')
        return build_runner(cfg)

    go_on(1).train()
    out = tmp_path / 'big_disk/run'
    change(
        out / 'epoch_1.pth',
        lambda c: c['message_hub']['runtime_info'].update(best_score=0),
    )
    runner = go_on(2)
    assert runner._load_from == str(out / 'epoch_1.pth')
    runner.train()
    assert [path.name for path in out.glob('best*')] == ['best_toy_count_epoch_2.pth']


@pytest.mark.parametrize('epochs', [2, 5])
@pytest.mark.parametrize('optimizer', [dict(), dict(lr=0.02), dict(weight_decay=0.1)])
def test_a_changed_setting_is_applied(folder, epochs, optimizer):
    schedules = [SCHEDULES[0], dict(SCHEDULES[1], milestones=[1, epochs])]
    cfg = config(folder, max_epochs=6, schedules=schedules, **optimizer)
    runner = train(cfg, 'auto')
    # As a training from the beginning would have come to.
    other = train(config(folder / 'other', 6, schedules, **optimizer))
    groups = runner.optim_wrapper.param_groups, other.optim_wrapper.param_groups
    for resumed, whole in zip(*groups, strict=True):
        for name in ('lr', 'initial_lr', 'weight_decay', 'momentum'):
            assert resumed[name] == whole[name], name
    rates = [run.message_hub.get_scalar('train/lr').data[0] for run in (runner, other)]
    assert rates[0][6:].tolist() == rates[1][6:].tolist()
    (told,) = warnings_in(folder)
    assert 'the config has changed' in told
    assert all(f'{name} was' in told for name in optimizer)


def test_training_in_float16_goes_on_in_float32(folder):
    # As the error of an infinite loss advises.
    start = folder / 'half'
    cfg = config(start, max_epochs=1)
    cfg.optim_wrapper.update(type='AutocastOptimWrapper', dtype='float16')
    train(cfg)
    content = torch.load(start / 'epoch_1.pth', weights_only=True)
    assert 'loss_scaler' in content['optimizer']
    cfg = config(start, lr=0.01)
    cfg.optim_wrapper.clip_grad = dict(max_norm=10)
    runner = train(cfg, 'auto')
    assert runner.iter == 6
    assert type(runner.optim_wrapper).__name__ == 'OptimWrapper'


def test_momenta_stay_where_a_setting_changes(folder):
    saved = torch.load(folder / 'epoch_2.pth', weights_only=True)['optimizer']['state']
    cfg = config(folder, max_epochs=3, lr=0.02)
    use_checkpoint(cfg, 'auto')
    runner = build_runner(cfg)
    runner.train_loop.run = lambda: None
    runner.train()
    state = runner.optim_wrapper.optimizer.state_dict()['state']
    assert state.keys() == saved.keys()
    for index in saved:
        buffers = state[index]['momentum_buffer'], saved[index]['momentum_buffer']
        assert torch.equal(*buffers)


def test_nothing_is_said_and_nothing_changes_without_a_change(folder):
    content = torch.load(folder / 'epoch_2.pth', weights_only=True)
    cfg = validated(config(folder))
    use_checkpoint(cfg, 'auto')
    runner = build_runner(cfg)
    seen = {}
    runner.train_loop.run = lambda: seen.update(
        optimizer=runner.optim_wrapper.state_dict(),
        schedules=[schedule.state_dict() for schedule in runner.param_schedulers],
    )
    runner.train()
    torch.testing.assert_close(seen['optimizer'], content['optimizer'], rtol=0, atol=0)
    assert seen['schedules'] == content['param_schedulers']
    assert not warnings_in(folder)


def test_epochs_of_another_length_move_schedules_that_count_steps(folder):
    schedules = [
        dict(type='CosineAnnealingLR', T_max=6, end=6, convert_to_iter_based=True)
    ]
    start = folder / 'cosine'
    train(config(start, 2, schedules))
    cfg = config(start, 6, schedules)
    cfg.train_dataloader.batch_size = 2  # twice as many batches
    rates = train(cfg, 'auto').message_hub.get_scalar('train/lr').data[0]
    cfg = config(folder / 'whole', 6, schedules)
    cfg.train_dataloader.batch_size = 2
    whole = train(cfg).message_hub.get_scalar('train/lr').data[0]
    # The first two epochs have half the steps.
    torch.testing.assert_close(rates[6:], whole[12:], rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ('edit', 'message'),
    [
        (lambda c: setattr(c.optim_wrapper, 'optimizer', ADAM), 'with SGD'),
        (
            lambda c: c.optim_wrapper.update(paramwise_cfg=dict(bias_lr_mult=2)),
            'groups its parameters',
        ),
        (
            lambda c: c.param_scheduler.append(
                dict(type='ReduceOnPlateauLR', monitor='toy/mean')
            ),
            'follows the validations',
        ),
        (lambda c: c.model.update(type='WideToyModel'), 'differ in backbone.0.weight'),
    ],
)
def test_what_cannot_be_applied_is_refused_with_the_remedy(folder, edit, message):
    cfg = validated(config(folder, max_epochs=3))
    edit(cfg)
    with pytest.raises(MismatchedCheckpointError, match=message) as caught:
        train(cfg, 'auto')
    assert 'load_from' in str(caught.value)


@pytest.mark.parametrize(
    ('edit', 'message'),
    [
        (lambda c: c.pop('optimizer'), 'no optimizer'),
        (lambda c: c.update(message_hub=[]), 'no message_hub'),
        (lambda c: c['message_hub'].pop('runtime_info'), 'no runtime_info in its mess'),
        (lambda c: c['meta'].update(iter='6'), 'no count of epochs and steps'),
        (lambda c: c['meta'].update(epoch=10**30), 'no count of epochs and steps'),
        (lambda c: c.update(optimizer=[1]), 'no optimizer'),
        (
            lambda c: c['message_hub']['runtime_info'].update(batches_done='no'),
            'no pair of counts as batches_done',
        ),
        (
            lambda c: c['message_hub']['runtime_info'].update(rank_buffers=[{}]),
            'buffers of its processes',
        ),
        (lambda c: c['state_dict'].pop('head.bias'), 'differ in head.bias'),
        (
            lambda c: c['state_dict'].update({'head.bias': torch.zeros(3).int()}),
            'differ in head.bias',
        ),
        (
            lambda c: c['state_dict'].update({'head.more': torch.zeros(3)}),
            'differ in head.more',
        ),
    ],
)
def test_what_is_not_whole_is_not_resumed(folder, edit, message):
    path = change(folder / 'epoch_2.pth', edit)
    kinds = UnreadableCheckpointError, MismatchedCheckpointError
    with pytest.raises(kinds, match=message) as caught:
        train(config(folder), str(path))
    assert str(path) in str(caught.value)


def test_the_hook_cannot_be_left_out(tmp_path):
    runner = build_runner(toy_config(tmp_path, custom_hooks=[]))
    assert 'ResumeHook' in [type(hook).__name__ for hook in runner.hooks]


def test_other_training_data_is_told_with_what_differs(folder):
    cfg = config(folder, max_epochs=3)
    cfg.train_dataloader.dataset.name = 'second'
    train(cfg, 'auto')
    told = ' '.join(warnings_in(folder))
    assert "dataset was 'toy', is 'second'" in told


@pytest.mark.parametrize('counts_steps', [True, False])
@pytest.mark.parametrize('three_phase', [True, False])
def test_one_cycle_goes_on(tmp_path, counts_steps, three_phase):
    cycle = dict(
        type='OneCycleLR',
        eta_max=0.1,
        total_steps=4,
        three_phase=three_phase,
        convert_to_iter_based=counts_steps,
    )
    cfg = config(tmp_path / 'whole', 4, [cycle])
    cfg.default_hooks.checkpoint.interval = 1
    whole = train(cfg)
    halfway = tmp_path / 'whole/epoch_2.pth'
    resumed = train(config(tmp_path / 'resumed', 4, [cycle]), str(halfway))
    rates = [run.message_hub.get_scalar('train/lr').data[0] for run in (whole, resumed)]
    assert rates[0].tolist() == rates[1].tolist()
    assert len(set(rates[0].tolist())) > 3
    assert warnings_in(tmp_path / 'resumed') == []


def averaged(cfg):
    cfg.custom_hooks.append(dict(type='EMAHook', momentum=0.5))
    return cfg


def test_a_training_without_moving_averages_goes_on_from_its_own_weights(tmp_path):
    runner = train(averaged(config(tmp_path)))
    cfg = config(tmp_path, max_epochs=3)
    use_checkpoint(cfg, 'auto')
    resumed = build_runner(cfg)
    resumed.train_loop.run = lambda: None
    resumed.train()
    trained, found = runner.model.state_dict(), resumed.model.state_dict()
    average = torch.load(tmp_path / 'epoch_2.pth', weights_only=True)['state_dict']
    assert not torch.equal(trained['head.bias'], average['head.bias'])
    assert all(torch.equal(trained[key], found[key]) for key in trained)
    assert sum('no EMAHook' in told for told in warnings_in(tmp_path)) == 1


def test_moving_averages_go_on(tmp_path):
    train(averaged(config(tmp_path)))
    train(averaged(config(tmp_path, max_epochs=3)), 'auto')
    assert not any('EMAHook' in told for told in warnings_in(tmp_path))
