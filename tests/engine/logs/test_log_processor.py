"""What the log says of a run."""

import json
import re

import pytest
from toy_training import toy_config

from mmreid.engine import build_runner
from mmreid.engine.logs import learning_rates

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


@pytest.mark.parametrize('hierarchy', [False, True])
def test_training_is_told_in_the_log_and_in_json(tmp_path, hierarchy):
    cfg = config(tmp_path, log_processor=dict(type='ScalarLogProcessor'))
    cfg.log_processor.log_with_hierarchy = hierarchy
    cfg.default_hooks.logger.interval = 1
    cfg.optim_wrapper.update(
        constructor='PrefixOptimWrapperConstructor',
        paramwise_cfg=dict(prefixes=dict(backbone=dict(lr_mult=0.5))),
    )
    runner = build_runner(cfg)
    runner.train()
    (file,) = tmp_path.glob('*/vis_data/[0-9]*.json')
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    train, val = ('train/', 'val/') if hierarchy else ('', '')
    steps = [row for row in rows if f'{train}lr' in row]
    assert [(row['epoch'], row['iter']) for row in steps] == [
        *((1, n) for n in (1, 2, 3)),
        *((2, n) for n in (4, 5, 6)),
    ]
    warm_up = 0.1
    assert steps[0][f'{train}backbone.lr'] == pytest.approx(0.005 * warm_up)
    assert steps[0][f'{train}rest.lr'] == pytest.approx(0.01 * warm_up)
    assert steps[5][f'{train}backbone.lr'] == pytest.approx(0.005)
    for row in steps:
        seconds = row[f'{train}time']
        assert row[f'{train}images_per_second'] == pytest.approx(4 / seconds)
        assert 0 <= row[f'{train}data_time'] < seconds
        assert row['memory'] > 100
    tests = [row for row in rows if f'{val}toy/mean' in row]
    assert [(row['epoch'], row['iter']) for row in tests] == [(1, 3), (2, 6)]
    line = next(line for line in log_of(tmp_path).splitlines() if '[2][3/3]' in line)
    pattern = (
        r' lr: 5\.0000e-03  eta: 0:00:00  time: [\d.]+  data_time: [\d.]+  loss: [\d.]+'
        r'  backbone\.lr: 5\.0000e-03  rest\.lr: 1\.0000e-02  images/s: [\d.]+'
        r'  memory: \d+$'
    )
    assert hierarchy or re.search(pattern, line)


def test_learning_rates_of_groups():
    def groups(*rates, **names):
        return [dict(lr=rate) for rate in rates] + [
            dict(lr=rate, group_name=name) for name, rate in names.items()
        ]

    assert learning_rates(groups(0.1)) == {}
    assert learning_rates(groups(0.1, head=0.2)) == {'group0.lr': 0.1, 'head.lr': 0.2}
    assert len(learning_rates(groups(*[0.1] * 16))) == 16
    many = learning_rates(groups(*[0.1] * 15, 0.3, 0.01))
    assert many == {'lowest.lr': 0.01, 'highest.lr': 0.3}
