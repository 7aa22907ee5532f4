"""What the log says of a run, and what it keeps to itself."""

import json

import pytest
from mmengine.logging import MMLogger
from mmengine.runner import Runner
from toy_training import toy_config

from mmreid.engine import build_runner, hide_deprecations

STAMP = "protocol: {'distance': 'toy'}"


def config(work_dir, **changes):
    cfg = toy_config(work_dir, **changes)
    cfg.val_dataloader, cfg.val_cfg = cfg.test_dataloader, dict()
    cfg.val_evaluator = cfg.test_evaluator
    cfg.train_cfg.val_interval = 1
    return cfg


def log_of(work_dir):
    return next(work_dir.glob('*/*.log')).read_text()


@pytest.mark.parametrize('kind', ['LogProcessor', 'ScalarLogProcessor'])
def test_lines_hold_numbers_only(tmp_path, kind):
    cfg = config(tmp_path, log_processor=dict(type=kind))
    runner = build_runner(cfg)
    runner.train()
    lines = [line for line in log_of(tmp_path).splitlines() if 'toy/count: 12' in line]
    assert len(lines) == 2
    for line in lines:
        assert (STAMP in line) == (kind == 'LogProcessor')
        assert 'toy/mean: ' in line
        assert '  time: ' in line


def test_the_json_of_a_test_keeps_the_stamp(tmp_path):
    cfg = config(tmp_path, log_processor=dict(type='ScalarLogProcessor'))
    build_runner(cfg).test()
    assert STAMP not in log_of(tmp_path)
    (file,) = tmp_path.glob('*/*.json')
    assert json.loads(file.read_text())['toy/protocol'] == dict(distance='toy')


def test_warnings_of_mmengines_own_calls_are_dropped(tmp_path):
    Runner.from_cfg(config(tmp_path / 'loud', max_epochs=1)).train()
    assert '"FileClient" will be deprecated' in log_of(tmp_path / 'loud')
    build_runner(config(tmp_path / 'quiet', max_epochs=1)).train()
    assert 'will be deprecated' not in log_of(tmp_path / 'quiet')


def test_other_warnings_pass(capsys):
    logger = MMLogger('logs_test', logger_name='logs_test')
    hide_deprecations(logger)
    # What mmengine itself says, once in a process.
    for warning in (
        '"FileClient" will be deprecated',
        '"HardDiskBackend" is the alias of',
    ):
        logger.warning(f'{warning} ...')
    logger.warning('100 %s of it')
    shown = capsys.readouterr()
    assert '100 %s of it' in shown.out + shown.err
    assert '...' not in shown.out + shown.err
