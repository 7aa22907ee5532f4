"""What of a run's log reaches the screen, and that all of it reaches the file."""

import logging
import re

import pytest
from mmengine.logging import MMLogger, print_log
from mmengine.runner import Runner
from toy_training import toy_config

from mmreid.engine import build_runner, hide_deprecations, shorten_screen

# What differs between two runs of one config: times, memory, ports and folders.
VARYING = (
    r'\d{4}/\d\d/\d\d \d\d:\d\d:\d\d|toy_\d+(_\d{8}_\d{6})?|/\S*/(short|verbose)'
    r'|(?<=time: )[\d.]+|(?<=images/s: )[\d.]+|(?<=memory: )\d+|\d+:\d\d:\d\d'
)


def config(work_dir, **changes):
    cfg = toy_config(work_dir, log_processor=dict(type='ScalarLogProcessor'), **changes)
    cfg.val_dataloader, cfg.val_cfg = cfg.test_dataloader, dict()
    cfg.val_evaluator = cfg.test_evaluator
    cfg.train_cfg.val_interval = 1
    cfg.default_hooks.logger.interval = 1
    cfg.default_hooks.checkpoint = dict(
        type='AtomicCheckpointHook', interval=1, save_best='toy/mean', rule='greater'
    )
    return cfg


def log_of(work_dir):
    return next(work_dir.glob('*/*.log')).read_text()


def train(work_dir, verbose):
    runner = build_runner(config(work_dir), verbose)
    runner.train()
    return re.sub(VARYING, '*', log_of(work_dir)).splitlines()


def test_the_file_is_whole_whatever_the_screen_shows(tmp_path, capsys):
    verbose = train(tmp_path / 'verbose', True)
    shown = capsys.readouterr().out
    assert train(tmp_path / 'short', False) == verbose
    short = capsys.readouterr().out
    for part in (
        'System environment:',
        'Config:',
        'Hooks will be executed in the following order:',
        'Exp name: ',
        'Checkpoints will be saved to ',
    ):
        assert any(part in line for line in verbose), part
        assert part in shown
        assert part not in short
    assert any('Initialization information' in line for line in verbose)


def test_the_screen_shows_steps_validations_and_checkpoints(tmp_path, capsys):
    train(tmp_path / 'short', False)
    time = r'\d\d/\d\d \d\d:\d\d:\d\d  '
    step = (
        rf'{time}epoch {{epoch}}/2  step {{step}}/3  loss \d\.\d{{{{3}}}}  '
        r'lr \d\.\d\de-\d\d  [\d.]+ images/s  eta \d:\d\d:\d\d'
    )
    expected = []
    for epoch in (1, 2):
        expected += [step.format(epoch=epoch, step=number) for number in (1, 2, 3)]
        expected += [
            rf'{time}Saving checkpoint at {epoch} epochs',
            *[
                rf'{time}validate batch {number}/3  eta \d:\d\d:\d\d'
                for number in (1, 2, 3)
            ],
            rf'{time}epoch {epoch} validated: toy/mean -?\d\.\d\d  toy/count 12',
        ]
    lines = capsys.readouterr().out.splitlines()
    assert any(re.match(rf'{time}The best checkpoint with ', line) for line in lines)
    assert any(re.match(rf'{time}WARNING: the schedule ', line) for line in lines)
    others = [line for line in lines if not re.search('The best|WARNING', line)]
    for line, pattern in zip(others, expected, strict=True):
        assert re.fullmatch(pattern, line), (line, pattern)


def mmengine_says(text, level):
    """Log as a module of mmengine does."""
    names = dict(
        __name__='mmengine.optim.somewhere', print_log=print_log, logging=logging
    )
    exec(f'def say(): print_log({text!r}, "current", logging.{level})\nsay()', names)


def test_warnings_and_own_words_are_shown_and_mmengines_news_are_not(tmp_path, capsys):
    logger = MMLogger.get_instance(f'screen_{tmp_path.name}')
    shorten_screen(logger)
    shorten_screen(logger)  # again, as where two runners share a log
    for level in ('INFO', 'WARNING', 'ERROR'):
        mmengine_says(f'an {level} of 100 % in mmengine', level)
    print_log('news by print_log', 'current')
    logger.info('%s by the log', 'news')
    try:
        raise ValueError('the reason')
    except ValueError:
        logger.exception('failed')
    lines = [line[16:] for line in capsys.readouterr().out.splitlines()]
    assert lines[:5] == [
        'WARNING: an WARNING of 100 % in mmengine',
        'ERROR: an ERROR of 100 % in mmengine',
        'news by print_log',
        'news by the log',
        'ERROR: failed',
    ]
    assert lines[-1].endswith('reason')  # behind the traceback


def test_what_a_config_asks_for_is_shown(tmp_path, capsys):
    cfg = config(tmp_path, max_epochs=1)
    cfg.param_scheduler[0].verbose = True
    cfg.auto_scale_lr = dict(enable=True, base_batch_size=8)
    build_runner(cfg).train()
    shown = capsys.readouterr().out
    assert 'Adjusting parameter value of group 0' in shown
    assert 'LR is set based on batch size of 8' in shown


@pytest.mark.parametrize('kind', ['LogProcessor', 'ScalarLogProcessor'])
def test_steps_are_shown_whoever_words_them(tmp_path, capsys, kind):
    cfg = config(tmp_path, max_epochs=1)
    cfg.log_processor.type = kind
    build_runner(cfg).train()
    found = re.findall(r'  loss:? \d\.\d{3,4}', capsys.readouterr().out)
    assert len(found) == 3


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
