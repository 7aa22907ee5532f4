"""Progress of long computations, on a terminal and in a log."""

import io
import sys

import pytest
from mmengine.logging import MMLogger
from rich.console import Console

from mmreid.progress import LiveBars, ProgressBar


@pytest.fixture
def logged(monkeypatch):
    lines = []
    monkeypatch.setattr(
        MMLogger.get_current_instance(), 'log', lambda level, text: lines.append(text)
    )
    return lines


class Terminal(io.StringIO):
    def isatty(self):
        return True


def advance(progress):
    for done in range(0, 1001, 125):
        progress(done, 1000)
        progress(done, 1000)


def test_a_log_gets_a_line_now_and_then(logged):
    advance(ProgressBar('working', seconds=0))
    expected = [12, 25, 37, 50, 62, 75, 87, 100]
    assert logged == [f'working: {percent} %' for percent in expected]


def test_what_is_soon_done_is_not_worth_a_line(logged):
    advance(ProgressBar('working', seconds=1000))
    assert logged == []


def test_a_terminal_gets_a_bar(logged, monkeypatch):
    monkeypatch.setattr(sys, 'stderr', Terminal())
    advance(ProgressBar('working'))
    shown = sys.stderr.getvalue()
    assert logged == []
    assert 'working' in shown
    assert '100%' in shown
    # The cursor is back, on a line of its own.
    assert shown.endswith('\n\x1b[?25h')


def test_a_terminal_is_left_to_the_next_work(logged, monkeypatch):
    monkeypatch.setattr(sys, 'stderr', Terminal())
    progress = ProgressBar('working')
    advance(progress)
    before = len(sys.stderr.getvalue())
    advance(progress)
    assert '100%' in sys.stderr.getvalue()[before:]


def test_speed_leaves_pauses_out():
    now = [0.0]
    terminal = Console(file=io.StringIO(), force_terminal=True, get_time=lambda: now[0])
    bars = LiveBars(terminal)
    texts = []

    def tell(speed, left):
        texts.append(f'{speed:g} {left}')
        return texts[-1]

    def advance(steps, seconds):
        for _ in range(steps):
            now[0] += seconds
            bars.advance('work', 'work', tell)

    bars.open('work', total=20, done=4)
    advance(4, seconds=2)
    # 12 of 20 steps are left at two seconds each.
    assert texts[-1] == '0.5 0:00:24'
    now[0] += 1000
    bars.leave_out_pause('work')
    advance(4, seconds=2)
    assert texts[-1] == '0.5 0:00:16'
    bars.close()
