"""Processors are counted wherever the system lets them be."""

import os

from mmreid.processors import count_processors


def test_those_that_a_process_may_use_are_counted(monkeypatch):
    monkeypatch.setattr(os, 'sched_getaffinity', lambda _: {2, 5}, raising=False)
    assert count_processors() == 2


def test_those_of_a_system_that_tells_no_more_are_counted(monkeypatch):
    monkeypatch.delattr(os, 'sched_getaffinity', raising=False)
    monkeypatch.setattr(os, 'cpu_count', lambda: None)
    assert count_processors() == 1
