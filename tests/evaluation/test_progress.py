"""Progress of long computations, on a terminal and in a log."""

import io
import sys

import pytest
from mmengine.logging import MMLogger

from mmreid.evaluation.metrics.progress import StepProgress


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
    advance(StepProgress('working', seconds=0))
    expected = [12, 25, 37, 50, 62, 75, 87, 100]
    assert logged == [f'working: {percent} %' for percent in expected]


def test_what_is_soon_done_is_not_worth_a_line(logged):
    advance(StepProgress('working', seconds=1000))
    assert logged == []


def test_a_terminal_gets_a_bar(logged, monkeypatch):
    monkeypatch.setattr(sys, 'stderr', Terminal())
    advance(StepProgress('working'))
    shown = sys.stderr.getvalue()
    assert logged == []
    assert shown.startswith('working\n')
    assert '100/100' in shown
    assert shown.endswith('\n')
