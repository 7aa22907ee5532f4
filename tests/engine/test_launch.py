"""What the tools do to a config, and how they end."""

import os

import pytest
import torch.distributed
from mmengine.config import Config
from mmengine.runner import Runner
from torch import nn
from toy_training import toy_config

from mmreid.engine import (
    build_runner,
    initialize_model,
    read_config,
    set_up_processes,
    use_autocast,
    use_checkpoint,
)


@pytest.fixture
def config_file(tmp_path):
    path = tmp_path / 'toy_r18.py'
    path.write_text("model = dict(type='ToyModel', depth=18)\ncustom_hooks = [1, 2]\n")
    return path


def test_read_config_applies_options(config_file):
    options = ['model.depth=50', 'model.init_cfg=None', 'custom_hooks=[3,4]']
    cfg = read_config(str(config_file), options)
    assert cfg.model.depth == 50
    assert cfg.model.init_cfg is None
    assert cfg.custom_hooks == [3, 4]
    assert cfg.work_dir == os.path.join('work_dirs', 'toy_r18')
    assert read_config(str(config_file), work_dir='here').work_dir == 'here'


def test_a_tilde_is_the_home_folder_in_every_path(tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    config = tmp_path / 'own.py'
    config.write_text(
        "train_dataloader = dict(dataset=dict(datasets=[dict(data_root='~/set')]))\n"
        "work_dir = '~/runs'\n"
        "experiment_name = '~ is no path here'\n"
    )
    cfg = read_config('~/own.py', ['load_from=~/start.pth'])
    assert cfg.work_dir == f'{tmp_path}/runs'
    assert cfg.load_from == f'{tmp_path}/start.pth'
    assert cfg.train_dataloader.dataset.datasets[0].data_root == f'{tmp_path}/set'
    assert cfg.experiment_name == '~ is no path here'
    assert read_config(str(config), work_dir='~/other').work_dir == f'{tmp_path}/other'


@pytest.mark.parametrize('option', ['model.depth', "custom_hooks=[dict(type='A',b=1)]"])
def test_options_that_cannot_be_read_are_named(config_file, option):
    with pytest.raises(ValueError, match='KEY=VALUE'):
        read_config(str(config_file), [option])


def test_autocast_replaces_the_plain_wrapper_only():
    cfg = Config(dict(optim_wrapper=dict(optimizer=dict(type='SGD'))))
    for _ in range(2):
        use_autocast(cfg)
        assert cfg.optim_wrapper.type == 'AutocastOptimWrapper'
    cfg.optim_wrapper.type = 'DeepSpeedOptimWrapper'
    with pytest.raises(ValueError, match='DeepSpeed'):
        use_autocast(cfg)


def test_one_process_needs_no_group():
    cfg = Config(dict())
    set_up_processes(cfg, 'none')
    assert cfg.launcher == 'none'
    assert 'model_wrapper_cfg' not in cfg
    assert not torch.distributed.is_initialized()


@pytest.mark.parametrize('own', [None, dict(type='Own', find_unused_parameters=True)])
def test_processes_on_the_cpu_get_gloo_and_no_device(monkeypatch, own):
    started = []
    monkeypatch.setattr(torch.distributed, 'init_process_group', started.append)
    monkeypatch.setattr('mmreid.engine.launch.get_device', lambda: 'cpu')
    cfg = Config(dict(model_wrapper_cfg=own, find_unused_parameters=True))
    set_up_processes(cfg, 'pytorch')
    assert started == ['gloo']
    assert cfg.model_wrapper_cfg.device_ids is None
    assert cfg.model_wrapper_cfg.find_unused_parameters
    expected = 'MMDistributedDataParallel' if own is None else 'Own'
    assert cfg.model_wrapper_cfg.type == expected


def test_slurm_without_accelerator_says_what_to_use(monkeypatch):
    monkeypatch.setattr('mmreid.engine.launch.get_device', lambda: 'cpu')
    with pytest.raises(ValueError, match=r'dist-train'):
        set_up_processes(Config(dict()), 'slurm')


def test_a_model_without_checkpoint_is_initialised(tmp_path):
    runner = Runner.from_cfg(toy_config(tmp_path))
    called = []
    runner.model.init_weights = lambda: called.append(True)
    initialize_model(runner)
    assert called == [True]
    log = next(tmp_path.glob('*/*.log')).read_text()
    assert 'evaluated as initialised' in log


def test_the_newest_checkpoint_is_found_or_nothing(tmp_path):
    cfg = Config(dict(work_dir=str(tmp_path), load_from='start.pth', resume=False))
    (note,) = use_checkpoint(cfg, 'auto')
    assert 'training starts anew' in note
    assert (cfg.resume, cfg.load_from) == (False, 'start.pth')
    content = dict(
        state_dict={},
        optimizer={},
        message_hub=dict(log_scalars={}, runtime_info={}, resumed_keys={}),
        meta=dict(epoch=3, iter=9),
    )
    torch.save(content, tmp_path / 'epoch_3.pth')
    assert use_checkpoint(cfg, 'auto') == []
    assert (cfg.resume, cfg.load_from) == (True, str(tmp_path / 'epoch_3.pth'))
    (tmp_path / 'epoch_4.pth').write_bytes(b'')
    (tmp_path / 'last_checkpoint').write_text('epoch_4.pth')
    notes = use_checkpoint(cfg, 'auto')
    assert 'epoch_4.pth' in notes[0]
    assert notes[1] == f'resuming from {tmp_path / "epoch_3.pth"}.'
    use_checkpoint(cfg, 'epoch_1.pth')
    assert (cfg.resume, cfg.load_from) == (True, 'epoch_1.pth')


def test_a_network_without_parameters_is_tested_in_several_processes(
    tmp_path, monkeypatch
):
    runner = build_runner(toy_config(tmp_path))
    monkeypatch.setattr(runner, '_distributed', True)
    bare = nn.Identity()
    assert runner.wrap_model(None, bare) is bare
    with pytest.raises(ValueError, match='process group'):
        runner.wrap_model(None, runner.model)


def test_loaders_without_workers_keep_none(tmp_path):
    cfg = toy_config(tmp_path)
    cfg.train_dataloader.update(num_workers=0, persistent_workers=True)
    cfg.test_dataloader.update(num_workers=0, persistent_workers=True)
    cfg.test_dataloader.prefetch_factor = 4
    runner = build_runner(cfg)
    assert not runner.train_loop.dataloader.persistent_workers
    assert runner.test_loop.dataloader.prefetch_factor is None
