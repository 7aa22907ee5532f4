"""What the terminal and the log show, and that both are left as they were."""

import io
import logging
import re
import sys
from contextlib import redirect_stdout

import pytest
from toy_training import toy_config, train

HOOKS = [dict(type='ProgressBarHook')]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch) -> Terminal:
    """To be entered in the test itself: pytest sets sys.stdout after fixtures."""
    monkeypatch.setenv('TERM', 'xterm-256color')
    monkeypatch.setenv('COLUMNS', '160')
    monkeypatch.delenv('NO_COLOR', raising=False)
    return Terminal()


def config(work_dir, **changes):
    cfg = toy_config(work_dir, custom_hooks=HOOKS, **changes)
    cfg.val_dataloader, cfg.val_cfg = cfg.test_dataloader, dict()
    cfg.val_evaluator = cfg.test_evaluator
    cfg.train_cfg.val_interval = 1
    return cfg


@pytest.mark.parametrize('dumb', [False, True])
def test_nothing_where_no_bar_can_be(tmp_path, terminal, monkeypatch, dumb):
    monkeypatch.setenv('TERM', 'dumb')
    stream = terminal if dumb else io.StringIO()
    with redirect_stdout(stream):
        train(config(tmp_path))
    assert 'Saving checkpoint' in stream.getvalue()
    assert '━' not in stream.getvalue()
    # mmengine's own lines end in neither.
    for log in (stream.getvalue(), next(tmp_path.glob('*/*.log')).read_text()):
        assert 'images/s' not in log


def test_a_bar_on_a_terminal(tmp_path, terminal):
    with redirect_stdout(terminal):
        runner = train(config(tmp_path))
        assert sys.stdout is terminal
    shown = re.sub(r'\x1b\[[0-9;?]*[A-Za-z]', '', terminal.getvalue())
    status = r'\d+ images/s  eta 0:00:00  data \d+ ms  \d+ MB'
    assert re.search(rf'epoch 2/2 ━+ 6/6 loss \d\.\d+  {status}', shown)
    assert re.search(rf'validate +━+ 3/3 +{status}', shown)
    # A line of the log that was written meanwhile stands on a line of its own.
    line = next(part for part in shown.splitlines() if 'Saving checkpoint' in part)
    assert '━' not in line
    assert all(
        handler.stream is terminal
        for handler in runner.logger.handlers
        if type(handler) is logging.StreamHandler
    )
    assert terminal.getvalue().rstrip('\n').endswith('\x1b[?25h'), 'cursor is back'


def test_a_resumed_run_starts_where_it_was(tmp_path, terminal):
    train(config(tmp_path, max_epochs=1))
    cfg = config(tmp_path / 'more', resume=True)
    cfg.load_from = str(tmp_path / 'epoch_1.pth')
    with redirect_stdout(terminal):
        train(cfg)
    shown = re.sub(r'\x1b\[[0-9;?]*[A-Za-z]', '', terminal.getvalue())
    steps = re.findall(r'epoch \d/2 .*?(\d)/6', shown)
    assert steps[0] == '4'
    assert steps[-1] == '6'
