"""Options, markers and the seed of the whole test suite."""

import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mmengine.config.config
import mmengine.dataset.base_dataset
import numpy as np
import pytest
import torch

# Toy trainings, tiny data sets, processes: what tests of several folders import.
sys.path.insert(0, str(Path(__file__).parent / 'helpers'))
# mmengine has yapf lay out a config's text, which takes longer than most of the tests,
# and no test looks at the lines.
mmengine.config.config.FormatCode = lambda text, **_: (text, True)
# mmengine collects garbage for every data set: 0.3 s where torch is loaded.
mmengine.dataset.base_dataset.gc = SimpleNamespace(collect=lambda: 0)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption('--runslow', action='store_true', help='run the slow tests too')
    parser.addoption(
        '--seed', type=int, default=0, help='of the random inputs; try another one'
    )


def pytest_configure(config: pytest.Config) -> None:
    """Heed the signals that a shell has its background jobs ignore, and nohup.

    Tests beside each other compute with one thread each, their children too: threads
    that wait for a processor make others wait, and all take many times as long.
    """
    if config.getoption('numprocesses', None):
        for library in ('OMP', 'MKL', 'OPENBLAS'):
            os.environ.setdefault(f'{library}_NUM_THREADS', '1')
    for stop, handler in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGHUP, signal.SIG_DFL),
    ):
        if signal.getsignal(stop) is signal.SIG_IGN:
            signal.signal(stop, handler)


def pytest_report_header(config: pytest.Config) -> str:
    return f'random inputs: --seed {config.getoption("--seed")}'


@pytest.fixture(autouse=True)
def seeded(request: pytest.FixtureRequest) -> None:
    """Draw the same random inputs in every run, whatever the order of the tests."""
    seed = request.config.getoption('--seed')
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    skip_slow = pytest.mark.skip(reason='slow; run with --runslow')
    skip_gpu = pytest.mark.skip(reason='needs a CUDA device')
    for item in items:
        if item.get_closest_marker('slow') and not config.getoption('--runslow'):
            item.add_marker(skip_slow)
        if item.get_closest_marker('gpu') and not torch.cuda.is_available():
            item.add_marker(skip_gpu)


@pytest.fixture(scope='session')
def browser() -> Iterator[Any]:
    """Chromium without a window; playwright runs once in a process."""
    from browser import start_browser

    with start_browser() as started:
        yield started
